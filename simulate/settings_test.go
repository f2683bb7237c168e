package simulate

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
)

func TestSettingsFaults(t *testing.T) {
	p, _ := small(t, "")
	for name, c := range map[string]struct{ text, want string }{
		"an unknown key":       {"leads_per_wek: 3\n", `small/simulation.yaml:1:1: unknown key "leads_per_wek"; did you mean "leads_per_week"?`},
		"no leads":             {"leads_per_week: 0\n", "1:17: a number above 0 is expected here, got 0"},
		"a share":              {"returning: 0.2\n", "1:12: 0.2 is less than one percent"},
		"an unknown stage":     {"stages:\n  tlak: {pass: 50%}\n", `2:9: there is no stage "tlak"; did you mean "talk"?`},
		"an unknown field":     {"fields: {budgte: {median: 5}}\n", `there is no field "budgte"; did you mean "budget"?`},
		"an unknown option":    {"fields: {verdict: {options: {godo: 1}}}\n", `the field has no option "godo"; did you mean "good"?`},
		"weights of nothing":   {"fields: {verdict: {options: {good: 0}}}\n", "one of the options needs a weight above 0"},
		"a weight below":       {"fields: {verdict: {options: {good: -1, bad: 2}}}\n", "a weight cannot be below 0"},
		"options of money":     {"fields: {budget: {options: {a: 1}}}\n", `options belongs to a field of type choice, and "budget" is of type money`},
		"a median of a choice": {"fields: {verdict: {median: 5}}\n", `median belongs to a field of type number or money`},
		"half a range":         {"fields: {budget: {from: 5}}\n", "write both from and to"},
		"an unknown process":   {"process: sale\n", `there is no process "sale"; did you mean "sales"?`},
		"a length of nothing":  {"length: {median: 0d}\n", "a sale takes some time"},
		"people without time":  {"team: {capacity: 0%}\n", "people without any time finish nothing"},
		"no day":               {"start: 2026-02-30\n", `there is no date "2026-02-30"`},
		"a share of nothing":   {"stages: {talk: {share: 0}}\n", "a number above 0 is expected here"},
	} {
		t.Run(name, func(t *testing.T) {
			company := *p.Company
			company.Dir = "small"
			s, found := LoadFS(fstest.MapFS{"simulation.yaml": {Data: []byte(c.text)}}, &company)
			if s != nil || len(found) == 0 || !strings.Contains(found[0].String(), c.want) {
				t.Errorf("found %v, want %q", found, c.want)
			}
		})
	}
}

func TestSettingsAreOptional(t *testing.T) {
	p, s := small(t, "")
	m := newModel(p, s, Config{Days: 365})
	if m.perWeek != 10 || m.capacity != 0.75 || m.median != 0 || m.effort["meeting"].Minutes() != 90 || m.start.Year() != 2026 {
		t.Errorf("the defaults are %+v", m)
	}
	if got := m.stages[0].pass; got != 0.8 {
		t.Errorf("a stage without a probability passes %v", got)
	}
}

func TestSettingsAreTaken(t *testing.T) {
	p, s := small(t, `process: sales
leads_per_week: 2.5
returning: 0.5%
start: 2027-03-01
length: {median: 2w, spread: 0.3}
client: {reply: 1%, reply_after: 4h, reach: 2%, bounce: 3%, unsubscribe: 4%, revive: 5%, silent: 6%}
stages: {talk: {pass: 70%, share: 3}, offer: {share: 1}}
fields: {verdict: {options: {good: 1}}, budget: {median: 100, spread: 0.1}}
team: {capacity: 50%, heed: 7%, effort: {call: 1h, email: 2h, meeting: 3h, document: 4h, todo: 5h}}
`)
	m := newModel(p, s, Config{Days: 10})
	for what, pair := range map[string][2]float64{
		"leads": {m.perWeek, 2.5}, "returning": {m.returning, 0.005}, "year": {float64(m.start.Year()), 2027},
		"median": {m.median, 14 * 24}, "spread": {m.spread, 0.3}, "reply": {m.answer, 0.01}, "reply after": {m.replyAfter.Hours(), 4},
		"reach": {m.reach, 0.02}, "bounce": {m.bounce, 0.03}, "unsubscribe": {m.unsubscribe, 0.04}, "revive": {m.revive, 0.05},
		"silent": {m.silent, 0.06}, "pass": {m.stages[0].pass, 0.7}, "share": {m.stages[0].share, 0.75}, "capacity": {m.capacity, 0.5},
		"heed": {m.heed, 0.07}, "call": {m.effort["call"].Hours(), 1}, "todo": {m.effort["todo"].Hours(), 5},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %v, want %v", what, pair[0], pair[1])
		}
	}
	w := newWorld(m, 1, 0)
	d := &subject{chance: fork(1)}
	for range 50 {
		if got := w.value(d, &w.fields[2]); got != "good" {
			t.Fatalf("the verdict is %v", got)
		}
		if got := w.value(d, &w.fields[1]).(float64); got < 60 || got > 160 {
			t.Fatalf("the budget is %v, want about 100", got)
		}
	}
}

func TestProbabilitiesGiveThePasses(t *testing.T) {
	process := strings.Replace(smallProcess, "  - id: talk\n", "  - id: talk\n    probability: 20%\n", 1)
	process = strings.Replace(process, "  - id: offer\n", "  - id: offer\n    probability: 50%\n", 1)
	p, s := build(t, process, "")
	m := newModel(p, s, Config{Days: 10})
	if m.stages[0].pass != 0.4 || m.stages[1].pass != 0.5 {
		t.Errorf("the stages pass %v and %v, want 0.4 and 0.5", m.stages[0].pass, m.stages[1].pass)
	}
}

func TestEveryTypeOfFieldIsFilled(t *testing.T) {
	company := &definitions.Company{ID: "x", Country: "RU"}
	spec := &definitions.Spec{Process: "x", Stages: []definitions.Stage{{ID: "one"}}}
	for _, kind := range definitions.FieldTypes {
		f := definitions.Field{ID: kind + "_field", Type: kind}
		if kind == definitions.TypeChoice {
			f.Options = []string{"a", "b"}
		}
		spec.Fields = append(spec.Fields, f)
	}
	p, faults := definitions.Compile(spec, company)
	if p == nil {
		t.Fatal(faults)
	}
	shop, _ := small(t, "")
	company.Calendar = shop.Company.Calendar
	w := newWorld(newModel(p, nil, Config{Days: 10}), 1, 0)
	w.nextArrival()
	w.now = w.start
	w.arrive()
	d := w.tally.deals[0]
	for i := range w.fields {
		f := w.fields[i].field
		if _, err := p.CheckField(f.ID, w.value(d, &w.fields[i])); err != nil {
			t.Errorf("a field of type %s is filled with what it cannot hold: %v", f.Type, err)
		}
	}
}

// Every company that ships has settings, free of faults, with which it wins.
func TestShippedSettingsLoad(t *testing.T) {
	for _, name := range library.Names() {
		folder, err := fs.Sub(library.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		p := shipped(t, name)
		s, found := LoadFS(folder, p.Company)
		for _, d := range found {
			t.Error(d)
		}
		if s == nil || s.LeadsPerWeek == nil {
			t.Errorf("%s has no simulation.yaml", name)
			continue
		}
		r := simulated(t, p, s, Config{Days: 365, Runs: 2, Seed: 1})
		if r.Won.P10 == 0 {
			t.Errorf("%s wins nothing in a year", name)
		}
	}
}
