package scenario_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/scenario"
)

func TestFaultsOfScenarios(t *testing.T) {
	tests := []struct{ name, steps, want string }{
		{"an unknown key", "  - {at: 2026-03-02T10:00, mial: true}\n", `3:28: unknown key "mial"; did you mean "mail"?`},
		{"an unknown stage", lead + "  - {after: 1h, expect: {stage: presentaton}}\n", `:4:33: there is no stage "presentaton"; did you mean "presentation"?`},
		{"an end instead of a stage", lead + "  - {after: 1h, expect: {stage: won}}\n", "won is no stage"},
		{"an unknown letter", lead + "  - {after: 1h, expect: {sent: [remainder]}}\n", `no letter "remainder"; did you mean "reminder"?`},
		{"an unknown person", lead + "  - {after: 1h, expect: {notified: [ana@kuhni-dom.test]}}\n", `did you mean "anna@kuhni-dom.test"?`},
		{"an unknown task", lead + "  - {after: 1h, complete: second-call}\n", `no task "second-call"`},
		{"an unknown task in expect", lead + "  - {after: 1h, expect: {tasks: {call: done}}}\n", `no task "call"`},
		{"an unknown status of a task", lead + "  - {after: 1h, expect: {tasks: {show: ready}}}\n", `unknown status "ready"`},
		{"an unknown field", lead + "  - {after: 1h, set: {buget: 5}}\n", `:4:23: there is no field "buget"; did you mean "budget"?`},
		{"an unknown document", lead + "  - {after: 1h, document: contract}\n", `no document "contract"`},
		{"an unknown reason", lead + "  - {after: 1h, move: {to: lost, reason: tired}}\n", `no reason "tired"`},
		{"an unknown status", lead + "  - {after: 1h, expect: {status: closed}}\n", `unknown value "closed"`},
		{"a moment that is none", "  - {at: tomorrow, mail: {from: a@b.test}}\n", "is no moment"},
		{"time that runs back", lead + "  - {at: 2026-03-01T10:00}\n", "time runs forward"},
		{"both at and after", lead + "  - {at: 2026-03-03T10:00, after: 1h}\n", "not both"},
		{"no moment at first", "  - {mail: {from: a@b.test}}\n", `needs the key "at"`},
		{"no lead at first", "  - {at: 2026-03-02T10:00}\n", `needs the key "mail"`},
		{"two leads", lead + "  - {after: 1h, mail: {from: a@b.test}}\n", "is a `reply`"},
		{"a client without an address", "  - {at: 2026-03-02T10:00, mail: {from: Пётр}}\n", "is no address"},
		{"a flag that says no", lead + "  - {after: 1h, bounce: false}\n", "leave the key out"},
		{"a bad duration", lead + "  - {after: 1 fortnight}\n", "fortnight"},
		{"no steps", "  []\n", "needs a step"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, scenarios, faults := load(t, kitchen, tt.steps)
			if len(scenarios) > 0 || !faults.HasErrors() {
				t.Fatal("the scenario loads without a fault")
			}
			var text strings.Builder
			faults.Print(&text)
			if !strings.Contains(text.String(), tt.want) || !strings.HasPrefix(text.String(), "kuhni-dom/tests/story.yaml:") {
				t.Errorf("got:\n%swant: %s", &text, tt.want)
			}
		})
	}
}

func TestLoadReadsTheFolderOfACompany(t *testing.T) {
	dir := t.TempDir()
	files := with(map[string]string{"tests/b.yaml": "scenario: Б\nsteps:\n" + lead, "tests/a.yaml": "scenario: А\nsteps:\n" + lead, "tests/.c.yaml": "?"})
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, faults := definitions.Load(dir)
	if faults.HasErrors() {
		t.Fatal(faults)
	}
	scenarios, faults := scenario.Load(c)
	if len(faults) > 0 || len(scenarios) != 2 || scenarios[0].Name != "А" || scenarios[1].Path != filepath.Join(dir, "tests", "b.yaml") {
		t.Errorf("got %v and %v", scenarios, faults)
	}
}
