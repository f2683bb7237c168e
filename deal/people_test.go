package deal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

const roles = `
stages:
  - {id: one, tasks: [{id: call}, {id: check, assignee: lawyer}], next: [{to: two}]}
  - id: two
    owner: lawyer
    timeout: 1d
    escalation: [{after: 0m, notify: owner}, {after: 1d, reassign: manager, notify: director}]
    tasks: [{id: read}]
    next: [{to: three}]
  - {id: three, next: [{to: done}]}
`

// TestOwners is rule 10.
func TestOwners(t *testing.T) {
	tell(t, []story{
		{"the role's turn", roles, "", func(d *sale) {
			d.want("owner", d.s.Owner, "ann@acme.test").want("assignee", d.task("call").Assignee, "ann@acme.test")
			d.want("of a role", d.task("check").Assignee, "lea@acme.test")
		}},
		{"a stage of another role changes the owner", roles, "", func(d *sale) {
			d.do(move("two")).want("owner", d.s.Owner, "leo@acme.test").want("assignee", d.task("read").Assignee, "leo@acme.test")
		}},
		{"back to whoever owned it before", roles, "", func(d *sale) {
			d.do(deal.Event{Kind: deal.KindSet, Owner: "bob@acme.test"}).do(move("two")).do(move("three")).want("owner", d.s.Owner, "bob@acme.test")
			d.do(move("two")).want("owner", d.s.Owner, "leo@acme.test")
		}},
		{"a ladder reassigns until the stage is left", roles, "", func(d *sale) {
			d.do(move("two")).pass("2d").want("owner", d.s.Owner, "max@acme.test").want("assignee", d.task("read").Assignee, "max@acme.test")
			d.want("why", d.last("assigned").Data["why"], "escalation").do(reply()).want("owner", d.s.Owner, "max@acme.test")
			d.do(move("three")).want("owner", d.s.Owner, "ann@acme.test").do(move("two")).want("owner", d.s.Owner, "leo@acme.test")
		}},
		{"a person gives it to somebody", roles, "", func(d *sale) {
			d.do(deal.Event{Kind: deal.KindSet, Owner: "bob@acme.test"}).want("assignee", d.task("call").Assignee, "bob@acme.test")
			d.contains("answer", d.refused(deal.Event{Kind: deal.KindSet, Owner: "eve@acme.test"}), "not a member")
		}},
	})
}

func TestPeopleOfEvents(t *testing.T) {
	tell(t, []story{
		{"nobody hears of a deal before it is settled who owns it", roles, "", func(d *sale) {
			e := lead()
			e.Contact.Email = ""
			d = newSale(d.t, roles, "").do(e)
			d.want("told", d.told(), "ann").want("about", d.notices[0].About, "no_address").want("untold", len(d.s.Untold), 0)
		}},
		{"a member who left is replaced, and the manager is told", roles, "", func(d *sale) {
			d.s.Owner, d.s.Tasks[0].Assignee = "old@acme.test", "old@acme.test"
			d.do(deal.Event{Kind: deal.KindMember}).want("owner", d.s.Owner, "bob@acme.test").want("told", d.told(), "max")
			d.want("assignee", d.task("call").Assignee, "bob@acme.test")
		}},
	})
}

func TestPick(t *testing.T) {
	team := func(role string) string { return "team:\n  rep: " + role + "\n" }
	monday := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	tests := []struct {
		name, role string
		load       map[string]int
		want       string // of seven turns
	}{
		{"in turns, by the order of the file", "{members: [a@x.test, b@x.test, c@x.test]}", nil, "a b c a b c a"},
		{"in turns by weight, evenly, from the first of the file", "{members: [a@x.test, {email: b@x.test, weight: 2}]}", nil, "a b b a b b a"},
		{"three to one", "{members: [{email: a@x.test, weight: 3}, b@x.test]}", nil, "a a b a a a b"},
		{"away is passed over", "{members: [a@x.test, {email: b@x.test, away: [2026-03-01..2026-03-02]}, c@x.test]}", nil, "a c c a c c a"},
		{"away until yesterday is here", "{members: [a@x.test, {email: b@x.test, away: [2026-02-01..2026-03-01]}]}", nil, "a b a b a b a"},
		{"all away are all asked", "{members: [{email: a@x.test, away: [2026-03-02]}, {email: b@x.test, away: [2026-03-02]}]}", nil, "a b a b a b a"},
		{"the first", "{members: [a@x.test, b@x.test], assign: first}", nil, "a a a a a a a"},
		{"the least loaded", "{members: [a@x.test, b@x.test], assign: least_loaded}", map[string]int{"a@x.test": 2, "b@x.test": 1}, "b b b b b b b"},
		{"the least loaded by weight", "{members: [{email: a@x.test, weight: 3}, b@x.test], assign: least_loaded}", map[string]int{"a@x.test": 2, "b@x.test": 1}, "a a a a a a a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := loadTeam(t, team(tt.role))
			var got []string
			for turn := range 7 {
				name, _, _ := strings.Cut(deal.Pick(c.Role("rep"), turn, tt.load, monday), "@")
				got = append(got, name)
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %q, want %q", strings.Join(got, " "), tt.want)
			}
		})
	}
}
