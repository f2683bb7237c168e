package plan

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

const team = "company: acme\nteam:\n  rep: {members: [ann@acme.test]}\n  boss: {members: [max@acme.test]}\n"

const sales = `process: sales
defaults: {owner: rep, timeout: none}
stages:
  - id: one
    tasks: [{id: call}, {id: look}]
    next: [{to: two, on: tasks_done}, {to: two, after: 5d}]
  - id: two
    next: [{to: done}]
`

var start = time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)

func company(t *testing.T, team, sales string) *definitions.Company {
	t.Helper()
	c, found := definitions.LoadFS(fstest.MapFS{"company.yaml": {Data: []byte(team)}, "processes/sales.yaml": {Data: []byte(sales)}}, "acme")
	if c == nil {
		t.Fatal(found)
	}
	return c
}

// opened is a deal in the first stage of the process.
func opened(t *testing.T) *deal.State {
	t.Helper()
	r, err := deal.Step(company(t, team, sales).Processes[0], &deal.State{ID: "d", Company: "acme", Process: "sales"}, deal.Event{Kind: deal.KindOpen}, start)
	if err != nil {
		t.Fatal(err)
	}
	return r.State
}

func TestWhatBecomesOfADeal(t *testing.T) {
	now := "upgrade: now\n"
	tests := []struct {
		name, team, sales string
		takes, to         string
		effects           []string
	}{
		{"nothing has changed", team, sales, Already, "", nil},
		{"its next stage", team, sales + "name: Sales\n", Next, "", nil},
		{"never", team, sales + "name: Sales\nupgrade: never\n", Never, "", nil},
		{"its process is gone", team, strings.Replace(sales, "process: sales", "process: other", 1), Never, "", []string{"its process is no longer among the files"}},
		{"at once, with nothing to see", team, sales + now, AtOnce, "", nil},
		{"its stage has another name", team, strings.Replace(sales, "id: one", "id: eins\n    was: [one]", 1) + now, AtOnce, "eins", []string{"stage one is now called eins"}},
		{"its stage is gone", team, strings.Replace(sales, "id: one", "id: first", 1) + now, AtOnce, "first", []string{"stage one is gone: the deal begins again"}},
		{"a task is dropped and one comes", team, strings.Replace(sales, "{id: look}", "{id: visit}", 1) + now, AtOnce, "", []string{"task visit opens", "task look is dropped"}},
		{"its owner has left", strings.Replace(team, "ann@", "eve@", 1), sales, Already, "", []string{"the deal goes to somebody of rep"}},
		{"its owner has left, and the next stage takes it up", strings.Replace(team, "ann@", "eve@", 1), sales + "name: Sales\n", Next, "", []string{"the deal goes to somebody of rep"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			edit, state := company(t, tt.team, tt.sales), opened(t)
			earlier, faults := definitions.Compile(&company(t, team, sales).Processes[0].Spec, edit)
			if earlier == nil {
				t.Fatal(faults)
			}
			earlier.Hash = state.Version
			d, err := Of(edit, state, earlier, start.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			if d.Takes != tt.takes || d.To != tt.to {
				t.Errorf("takes it up %s, goes to %q; want %s, %q", d.Takes, d.To, tt.takes, tt.to)
			}
			for _, effect := range tt.effects {
				if !slices.ContainsFunc(d.Effects, func(e string) bool { return strings.Contains(e, effect) }) {
					t.Errorf("effects are %q, want %q among them", d.Effects, effect)
				}
			}
			if len(tt.effects) == 0 && len(d.Effects) > 0 {
				t.Errorf("effects are %q, want none", d.Effects)
			}
			if byItself := d.By != nil; byItself != (tt.takes == Next) || (byItself && !d.By.Equal(start.AddDate(0, 0, 5))) {
				t.Errorf("by itself at %v", d.By)
			}
			if state.Stage != "one" || state.Owner != "ann@acme.test" {
				t.Error("the state was changed")
			}
		})
	}
}

func TestDealWithoutAVersionToRunTakesUpTheEdit(t *testing.T) {
	d, err := Of(company(t, team, sales+"name: Sales\n"), opened(t), nil, start)
	if err != nil || d.Takes != AtOnce {
		t.Errorf("takes it up %s, %v", d.Takes, err)
	}
}

func TestReportPutsDealsOfOneFateTogether(t *testing.T) {
	by := start.AddDate(0, 0, 5)
	edit := company(t, team, sales)
	deals := []Deal{
		{ID: "a", Process: "sales", Stage: "two", Takes: Next, Owner: "ann@acme.test"},
		{ID: "b", Process: "sales", Stage: "one", Takes: Next, By: &by},
		{ID: "c", Process: "sales", Stage: "one", Takes: Next},
		{ID: "d", Process: "sales", Stage: "one", Takes: AtOnce, To: "two", Effects: []string{"task look is dropped"}},
	}
	var short, whole strings.Builder
	r := NewReport(edit, deals, []string{"the role scout is in use"})
	if err := r.Print(&short, false); err != nil {
		t.Fatal(err)
	}
	if err := r.Print(&whole, true); err != nil {
		t.Fatal(err)
	}
	want := `acme: 4 open deals
     1 take the edit up at once
     3 take the edit up with their next stage

PROCESS  STAGE  DEALS  WHAT HAPPENS
sales    one    2      takes the edit up with its next stage
sales    one    1      takes the edit up at once; goes to two; task look is dropped
sales    two    1      takes the edit up with its next stage

A server would not take this edit: the role scout is in use
`
	if short.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &short, want)
	}
	if !strings.Contains(whole.String(), "b     one                   takes the edit up with its next stage, by itself on 2026-03-07 10:00") {
		t.Errorf("got\n%s", &whole)
	}
}
