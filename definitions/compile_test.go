package definitions

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/calendar"
)

// kitchenSpec is a process that says little, so that much is filled in.
func kitchenSpec() *Spec {
	return &Spec{
		Process: "sales", Name: "Продажа кухни", Fields: cardFields(), Amount: "total",
		Qualification: &Qualification{Method: "BANT", Criteria: []Criterion{{ID: "budget", When: &Expr{Source: `deal.budget > 0`}}}},
		Defaults: Defaults{
			Owner: "rep", Timeout: &Timeout{After: calendar.MustParseDuration("5 business days")}, Escalation: &Ladder{Name: "ladder"},
		},
		Escalations: map[string][]Level{"ladder": {
			{Notify: []string{"owner"}},
			{After: calendar.MustParseDuration("1d"), Lose: "silent", When: &Expr{Source: `deal.amount < 100000`}},
		}},
		Stages: []Stage{
			{
				ID:    "first",
				Entry: []Gate{{Require: &Expr{Source: `contact.email != "" || contact.phone != ""`}, Message: "Нужен способ связи"}},
				Tasks: []Task{{ID: "call", Escalation: &Ladder{Levels: []Level{{Notify: []string{"manager"}, When: &Expr{Source: `deal.urgent`}}}}}},
				Sequence: &Sequence{Steps: []Step{
					{Send: "hello"}, {Send: "again", When: &Expr{Source: `deal.amount > 100`}}, {Send: "hello"},
				}},
				Exit: []Gate{{Filled: []string{"budget"}}, {Require: &Expr{Source: `qualification.score >= 1`}}},
				Next: []Move{{To: "second", On: "tasks_done", When: &Expr{Source: `!deal.returning`}}},
			},
			{ID: "second", Owner: "manager", Timeout: &Timeout{After: calendar.MustParseDuration("7d"), From: "entry"}, Skip: &Expr{Source: `deal.returning`}},
			{ID: "third", Timeout: &Timeout{None: true}, Escalation: &Ladder{Levels: []Level{{Notify: []string{"owner"}}}}, Won: true},
		},
		LostReasons: []Reason{{ID: "silent", Name: "Молчит"}},
		Recycle:     &Recycle{Reasons: []string{"silent"}, After: calendar.MustParseDuration("90d")},
		Letters:     map[string]*Letter{"hello": {Subject: "Привет", Body: "{{.Contact.Name}}"}, "again": {Subject: "Снова", Body: "x"}},
	}
}

func TestCompileFillsDefaults(t *testing.T) {
	company := kitchen(t)
	company.Sending.Hours = "business"
	p, faults := Compile(kitchenSpec(), company)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	first, second, third := p.Stages[0], p.Stages[1], p.Stages[2]
	steps := first.Sequence.Steps
	for what, pair := range map[string][2]any{
		"upgrade":               {p.Upgrade, "next_stage"},
		"combine":               {p.Qualification.Combine, "sum"},
		"weight":                {p.Qualification.Criteria[0].Weight, 1.0},
		"recycle":               {p.Recycle.To, "first"},
		"owner of the first":    {first.Owner, "rep"},
		"owner of the second":   {second.Owner, "manager"},
		"timeout of the first":  {first.Timeout.After.String() + " " + first.Timeout.From, "5 business days progress"},
		"timeout of the second": {second.Timeout.After.String() + " " + second.Timeout.From, "7d entry"},
		"timeout of the third":  {third.Timeout.None, true},
		"ladder of the first":   {len(first.Escalation.Levels), 2},
		"ladder of the third":   {len(third.Escalation.Levels), 1},
		"kind and assignee":     {first.Tasks[0].Kind + " " + first.Tasks[0].Assignee, "todo owner"},
		"stop_on":               {strings.Join(first.Sequence.StopOn, " "), "reply"},
		"steps":                 {steps[0].ID + " " + steps[1].ID + " " + steps[2].ID, "hello again hello-2"},
		"hours of the company":  {steps[0].Hours, "business"},
		"the company":           {p.Company, company},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: got %v, want %v", what, pair[0], pair[1])
		}
	}
	facts := &Facts{Amount: 200_000, Fields: map[string]any{"urgent": true}, Returning: true}
	for what, e := range map[string]*Expr{"skip": second.Skip, "step": steps[1].When, "task ladder": first.Tasks[0].Escalation.Levels[0].When} {
		if yes, err := e.Bool(facts); !yes || err != nil {
			t.Errorf("%s: got %v, %v, want it to hold", what, yes, err)
		}
	}
	for what, e := range map[string]*Expr{"ladder": first.Escalation.Levels[1].When, "next": first.Next[0].When, "entry": first.Entry[0].Require, "exit": first.Exit[1].Require} {
		if yes, err := e.Bool(facts); yes || err != nil {
			t.Errorf("%s: got %v, %v, want it not to hold", what, yes, err)
		}
	}
}

func TestCompileLeavesTheSpecAlone(t *testing.T) {
	spec := kitchenSpec()
	p, faults := Compile(spec, kitchen(t))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if !reflect.DeepEqual(spec, kitchenSpec()) {
		t.Error("compiling changed the Spec")
	}
	p.Stages[0].Tasks[0].ID, p.Letters["hello"].Subject = "changed", "changed"
	if !reflect.DeepEqual(spec, kitchenSpec()) {
		t.Error("the compiled process shares its content with the Spec")
	}
}

func TestCompileErrorsCarryTheirPath(t *testing.T) {
	wrong := func() *Expr { return &Expr{Source: "deal.nede == 1"} }
	for path, edit := range map[string]func(s *Spec){
		"fields.total.compute":                  func(s *Spec) { s.Fields[6].Compute = wrong() },
		"qualification.criteria.budget.when":    func(s *Spec) { s.Qualification.Criteria[0].When = wrong() },
		"qualification.criteria.budget.score":   func(s *Spec) { s.Qualification.Criteria[0].Score = wrong() },
		"escalations.ladder[1].when":            func(s *Spec) { s.Escalations["ladder"][1].When = wrong() },
		"defaults.escalation[0].when":           func(s *Spec) { s.Defaults.Escalation = &Ladder{Levels: []Level{{When: wrong()}}} },
		"stages[0].entry[0].require":            func(s *Spec) { s.Stages[0].Entry[0].Require = wrong() },
		"stages[0].exit[1].require":             func(s *Spec) { s.Stages[0].Exit[1].Require = wrong() },
		"stages[0].tasks[0].when":               func(s *Spec) { s.Stages[0].Tasks[0].When = wrong() },
		"stages[0].tasks[0].escalation[0].when": func(s *Spec) { s.Stages[0].Tasks[0].Escalation.Levels[0].When = wrong() },
		"stages[0].sequence.steps[1].when":      func(s *Spec) { s.Stages[0].Sequence.Steps[1].When = wrong() },
		"stages[0].next[0].when":                func(s *Spec) { s.Stages[0].Next[0].When = wrong() },
		"stages[1].skip":                        func(s *Spec) { s.Stages[1].Skip = wrong() },
		"stages[2].escalation[0].when":          func(s *Spec) { s.Stages[2].Escalation.Levels[0].When = wrong() },
		"stages[2].escalation":                  func(s *Spec) { s.Stages[2].Escalation = &Ladder{Name: "lader"} },
		"letters.hello.subject":                 func(s *Spec) { s.Letters["hello"].Subject = "{{.Nede}}" },
		"letters.hello.body":                    func(s *Spec) { s.Letters["hello"].Body = "{{.Nede}}" },
		"templates.documents/a.md":              func(s *Spec) { s.Templates = map[string]string{"documents/a.md": "{{.Nede}}"} },
		"fields.amount":                         func(s *Spec) { s.Fields[0].ID = "amount" },
		"fields.in":                             func(s *Spec) { s.Fields[0].ID = "in" },
		"fields.need.type":                      func(s *Spec) { s.Fields[2].Type = "string" },
	} {
		t.Run(path, func(t *testing.T) {
			spec := kitchenSpec()
			edit(spec)
			p, faults := Compile(spec, kitchen(t))
			if p != nil || !slices.ContainsFunc(faults, func(f CompileError) bool { return f.Path == path && f.Line == 1 && f.Column >= 1 && f.Code != "" }) {
				t.Errorf("got %v, %v", p, faults)
			}
		})
	}
}

func TestComputedCircle(t *testing.T) {
	for name, fields := range map[string][]Field{
		"of two":             {{ID: "a", Type: TypeNumber, Compute: &Expr{Source: "deal.b + 1"}}, {ID: "b", Type: TypeNumber, Compute: &Expr{Source: "deal.a + 1"}}},
		"of one":             {{ID: "a", Type: TypeNumber, Compute: &Expr{Source: "deal.a + 1"}}},
		"through the amount": {{ID: "a", Type: TypeMoney, Compute: &Expr{Source: "deal.amount + 1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := Compile(&Spec{Process: "sales", Amount: "a", Fields: fields, Stages: []Stage{{ID: "x"}}}, nil)
			if len(faults) != 1 || faults[0].Path != "fields.a.compute" || !strings.Contains(faults[0].Message, "computed from itself: a needs ") {
				t.Errorf("got %v", faults)
			}
		})
	}
}

func TestStoredVersionsKeepTheirHash(t *testing.T) {
	p, faults := Compile(kitchenSpec(), kitchen(t))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	stored, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseSpec(stored)
	if err != nil {
		t.Fatal(err)
	}
	again, faults := Compile(back, nil)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	hash, err := kitchenSpec().Hash()
	if err != nil {
		t.Fatal(err)
	}
	if p.Hash != again.Hash || p.Hash != hash || len(hash) != 64 {
		t.Errorf("got hashes %s, %s and %s, want one", p.Hash, again.Hash, hash)
	}
	if _, err := ParseSpec([]byte(`{"process": "sales", "stages": [], "colour": "red"}`)); err == nil {
		t.Error("a version with an unknown key was read")
	}
}

// Every value of the Spec that decides how a deal goes changes the hash.
func TestHashFollowsTheContent(t *testing.T) {
	base, err := kitchenSpec().Hash()
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(s *Spec){
		"a letter":      func(s *Spec) { s.Letters["hello"].Body += "!" },
		"a name":        func(s *Spec) { s.Name += "!" },
		"an expression": func(s *Spec) { s.Stages[1].Skip.Source += " " },
		"a duration":    func(s *Spec) { s.Recycle.After = calendar.MustParseDuration("91d") },
		"an order":      func(s *Spec) { slices.Reverse(s.Stages) },
		"a weight":      func(s *Spec) { s.Qualification.Criteria[0].Weight = 2 },
	} {
		spec := kitchenSpec()
		edit(spec)
		if hash, err := spec.Hash(); err != nil || hash == base {
			t.Errorf("%s: the hash stays %s, %v", name, hash, err)
		}
	}
}

// Nothing of the Spec is lost in its JSON: every field of every type has a key.
func TestSpecHasAKeyForEverything(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(typ.Elem())
		case reflect.Struct:
			_, own := reflect.PointerTo(typ).MethodByName("MarshalText")
			_, json := reflect.PointerTo(typ).MethodByName("MarshalJSON")
			if seen[typ] || own || json {
				return
			}
			seen[typ] = true
			for f := range typ.Fields() {
				if f := f; f.Tag.Get("json") == "" || f.Tag.Get("json") == "-" {
					t.Errorf("%s.%s has no key in the JSON of a version", typ.Name(), f.Name)
				}
				walk(f.Type)
			}
		}
	}
	walk(reflect.TypeFor[Spec]())
	if !seen[reflect.TypeFor[Level]()] {
		t.Error("the walk does not reach the levels of a ladder")
	}
	if data, err := json.Marshal(Letter{}); err != nil || !strings.Contains(string(data), `"body"`) {
		t.Errorf("got %s, %v", data, err)
	}
}

func BenchmarkCompile(b *testing.B) {
	spec, company := kitchenSpec(), kitchen(b)
	for b.Loop() {
		if _, faults := Compile(spec, company); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}
