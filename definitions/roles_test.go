package definitions

import (
	"slices"
	"testing"
)

// A process that is bound to a company with another team names what is missing.
func TestMissingRoles(t *testing.T) {
	const process = `process: sales
defaults: {owner: rep, timeout: 2d, escalation: ladder}
escalations:
  ladder: [{after: 0m, notify: [owner, chief]}, {after: 1d, reassign: boss}]
stages:
  - id: one
    tasks: [{id: look, assignee: scout, due: 1d, escalation: [{after: 1d, notify: guard}]}, {id: call}]
    next: [{to: done}]
`
	const team = "company: acme\nteam:\n  rep: {members: [a@acme.test]}\n"
	const others = "  chief: {members: [b@acme.test]}\n  boss: {members: [b@acme.test]}\n  scout: {members: [c@acme.test]}\n  guard: {members: [d@acme.test]}\n"
	company, found := LoadFS(folder(map[string]string{"company.yaml": team + others, "processes/sales.yaml": process}), "acme")
	if company == nil {
		t.Fatal(found)
	}
	if missing := company.Processes[0].MissingRoles(); len(missing) != 0 {
		t.Errorf("its own company lacks %v", missing)
	}
	smaller, found := LoadFS(folder(map[string]string{"company.yaml": team, "processes/sales.yaml": "process: sales\nstages: [{id: one, owner: rep, next: [{to: done}]}]\n"}), "acme")
	if smaller == nil {
		t.Fatal(found)
	}
	bound, faults := Compile(&company.Processes[0].Spec, smaller)
	if bound == nil {
		t.Fatal(faults)
	}
	if missing := bound.MissingRoles(); !slices.Equal(missing, []string{"boss", "chief", "guard", "scout"}) {
		t.Errorf("a smaller company lacks %v", missing)
	}
}
