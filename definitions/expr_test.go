package definitions

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func cardFields() []Field {
	return []Field{
		{ID: "budget", Type: TypeMoney, Currency: "RUB"},
		{ID: "authority", Type: TypeChoice, Options: []string{"решает сам", "советуется", "не решает"}},
		{ID: "need", Type: TypeText},
		{ID: "timeline", Type: TypeDate},
		{ID: "quantity", Type: TypeNumber},
		{ID: "price", Type: TypeMoney, Currency: "RUB"},
		{ID: "total", Type: TypeMoney, Currency: "RUB"},
		{ID: "urgent", Type: TypeBool},
		{ID: "email", Type: TypeEmail},
	}
}

func moscow(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func stageEnv(t testing.TB) *Env {
	t.Helper()
	env, err := NewEnv(cardFields(), moscow(t), StageScope)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func filledFacts() *Facts {
	return &Facts{
		Fields: map[string]any{
			"budget": 150000.0, "authority": "решает сам", "need": "Кухня", "timeline": "2026-03-02",
			"quantity": 3.0, "price": 1500.5, "total": 0.0, "urgent": true,
		},
		Amount: 4501.5, Returning: true, Visit: 2, Source: "mail", Owner: "ivan@kuhni-dom.test",
		Contact: Contact{Name: "Пётр", Email: "petr@client.test"}, Score: 3, Stage: "offer",
	}
}

func TestExprBool(t *testing.T) {
	env, filled, empty := stageEnv(t), filledFacts(), &Facts{}
	for _, tt := range []struct {
		source          string
		filled, onEmpty bool
	}{
		{`deal.budget > 0`, true, false},
		{`deal.budget > 149999.99 && deal.budget < 150000.01`, true, false},
		{`deal.quantity == 3`, true, false},
		{`deal.quantity == 3.0`, true, false},
		{`3 == deal.quantity`, true, false},
		{`deal.quantity != 3`, false, true},
		{`2 == 2.0 && 2.0 == 2 && 2 != 2.5`, true, true},
		{`deal.quantity in [1, 2, 3]`, true, false},
		{`deal.quantity in [1, 2.5, 3]`, true, false},
		{`1 in [1.0, 2]`, true, true},
		{`deal.quantity * deal.price == 4501.5`, true, false},
		{`deal.quantity * 2 + 1 == 7`, true, false},
		{`7 == 1 + 2 * deal.quantity`, true, false},
		{`deal.quantity / 2 == 1.5`, true, false},
		{`1 / 2 == 0.5 && 5 / 2.0 == 2.5`, true, true},
		{`deal.quantity % 2 == 1`, true, false},
		{`7 % 4 == 3 && 7.5 % 2 == 1.5`, true, true},
		{`-deal.quantity < 0`, true, false},
		{`2 - 0.5 == 1.5 && 3 - 2 == 1 && 2 + 3 == 5`, true, true},
		{`(deal.quantity > 2 ? 1 : 0.5) == 1`, true, false},
		{`size(deal.need) * 1.5 == 7.5`, true, false},
		{`deal.need.size() > 4.5`, true, false},
		{`has(deal.budget)`, true, false},
		{`has(deal.total)`, true, false},
		{`!has(deal.email)`, true, true},
		{`has(deal.timeline)`, true, false},
		{`deal.email == ""`, true, true},
		{`deal.need + "!" == "Кухня!"`, true, false},
		{`deal.need.lower().contains("кух")`, true, false},
		{`deal.need.upper() == "КУХНЯ" && " x ".trim() == "x"`, true, false},
		{`deal.need.matches("(?i)^кух")`, true, false},
		{`deal.authority == "решает сам"`, true, false},
		{`deal.authority in ["решает сам", "советуется"]`, true, false},
		{`deal.authority != ""`, true, false},
		{`deal.urgent`, true, false},
		{`deal.timeline == date("2026-03-02")`, true, false},
		{`deal.timeline < timestamp("2026-03-01T21:00:01Z")`, true, true},
		{`deal.timeline >= timestamp("2026-03-01T21:00:00Z")`, true, false},
		{`deal.timeline.getDate() == 2 && deal.timeline.getDayOfWeek() == 1`, true, false},
		{`deal.timeline - date("2026-03-01") == duration("24h")`, true, false},
		{`deal.timeline + duration("24h") > date("2026-03-02")`, true, false},
		{`deal.amount > 4000`, true, false},
		{`deal.returning && deal.visit == 2`, true, false},
		{`deal.source == "mail" && deal.owner.endsWith("@kuhni-dom.test")`, true, false},
		{`contact.email != "" || contact.phone != ""`, true, false},
		{`has(contact.phone)`, false, false},
		{`qualification.score >= 3`, true, false},
		{`stage.id == "offer"`, true, false},
		{`[1, 2, 3].exists(n, n * 1.0 == deal.quantity)`, true, false},
	} {
		t.Run(tt.source, func(t *testing.T) {
			e, err := CompileExpr(env, tt.source, BoolKind)
			if err != nil {
				t.Fatal(err)
			}
			for facts, want := range map[*Facts]bool{filled: tt.filled, empty: tt.onEmpty} {
				got, err := e.Bool(facts)
				if err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("with %d fields: got %v, want %v", len(facts.Fields), got, want)
				}
			}
		})
	}
}

func TestCompileExprRefuses(t *testing.T) {
	env := stageEnv(t)
	for _, tt := range []struct {
		source  string
		want    Kind
		column  int
		message string
	}{
		{`deal.total + "x"`, NumberKind, 12, `+ does not go between a number and text: write a number without quotes`},
		{`deal.budjet > 0`, BoolKind, 6, `deal has no field "budjet"; did you mean "budget"?`},
		{`has(deal.budjet)`, BoolKind, 10, `did you mean "budget"?`},
		{`deal.need != "Ж" && deal.bugdet > 0`, BoolKind, 26, `did you mean "budget"?`},
		{`budget > 0`, BoolKind, 1, `unknown name "budget"; did you mean deal.budget?`},
		{`contact.nmae == ""`, BoolKind, 9, `contact has no field "nmae"; did you mean "name"?`},
		{`mail.subject == ""`, BoolKind, 1, `"mail" is not known in this place`},
		{`deal.budget`, BoolKind, 1, `the expression gives a number, yes or no is expected here`},
		{`deal.budget > 0`, NumberKind, 1, `the expression gives yes or no, a number is expected here`},
		{`deal.timeline > "2026-01-01"`, BoolKind, 15, `> does not go between a date and text: write a date as date("2026-01-31")`},
		{`deal.timeline > date("2026-13-01")`, BoolKind, 22, `"2026-13-01": a date is written as 2026-01-31`},
		{`deal.authority == "решает сма"`, BoolKind, 19, `"решает сма" is no option of deal.authority; did you mean "решает сам"?`},
		{`deal.authority in ["решает сам", "никто"]`, BoolKind, 34, `"никто" is no option of deal.authority`},
		{`deal.budget == ""`, BoolKind, 13, `== does not go between a number and text`},
		{`deal.budget != null`, BoolKind, 13, `!= does not go between a number and null`},
		{`deal.timeline != null`, BoolKind, 18, `nothing is ever null here: write has(deal.field)`},
		{`deal.budget = 5`, BoolKind, 13, `write == for equal`},
		{`deal.urgent and deal.budget > 0`, BoolKind, 13, `write && for and`},
		{`!deal.budget`, BoolKind, 1, `! does not take a number`},
		{`dyn(deal.total) + "x"`, NumberKind, 4, `unknown name "dyn"`},
		{`[deal.budget, "x"].size() > 0`, BoolKind, 15, `a number is expected here, not text`},
		{`deal.need.matches("(")`, BoolKind, 19, `invalid matches argument`},
		{`(deal.urgent ? 1 : "x") == 1`, BoolKind, 14, `the two sides of ? : are of different types`},
		{``, BoolKind, 1, `the expression is empty`},
		{`deal`, BoolKind, 1, `the expression gives deal, yes or no is expected here`},
		{`deal.budget > 0 &&`, BoolKind, 19, `syntax error`},
	} {
		t.Run(tt.source, func(t *testing.T) {
			_, err := CompileExpr(env, tt.source, tt.want)
			var faults ExprErrors
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("got %v, want ExprErrors", err)
			}
			if f := faults[0]; f.Line != 1 || f.Column != tt.column || !strings.Contains(f.Message, tt.message) {
				t.Errorf("got %v\nwant column %d, message with %s", f, tt.column, tt.message)
			}
		})
	}
}

func TestCompileExprReportsAllAtTheirLines(t *testing.T) {
	_, err := CompileExpr(stageEnv(t), "deal.budjet > 0\n  && deal.nede != \"\"", BoolKind)
	var faults ExprErrors
	if !errors.As(err, &faults) || len(faults) != 2 {
		t.Fatalf("got %v, want two faults", err)
	}
	if faults[0].Line != 1 || faults[0].Column != 6 || faults[1].Line != 2 || faults[1].Column != 11 {
		t.Errorf("got places %d:%d and %d:%d, want 1:6 and 2:11", faults[0].Line, faults[0].Column, faults[1].Line, faults[1].Column)
	}
}

func TestScopesHideNames(t *testing.T) {
	for _, tt := range []struct {
		scope   Scope
		source  string
		message string
	}{
		{CriterionScope, `qualification.score > 1`, `"qualification" is not known in this place`},
		{ComputeScope, `contact.name == ""`, `"contact" is not known in this place`},
		{ComputeScope, `deal.visit > 1`, `cannot be used in a computed field`},
	} {
		t.Run(tt.source, func(t *testing.T) {
			env, err := NewEnv(cardFields(), time.UTC, tt.scope)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = CompileExpr(env, tt.source, BoolKind); err == nil || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("got %v, want %s", err, tt.message)
			}
		})
	}
}

func TestExprFailsWhereItHasNoResult(t *testing.T) {
	env := stageEnv(t)
	for _, source := range []string{`deal.budget / deal.total`, `5 % 0`, `1e308 * 10`} {
		e, err := CompileExpr(env, source, NumberKind)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := e.Number(filledFacts()); err == nil {
			t.Errorf("%s: got %v, want an error", source, n)
		}
	}
	loop := `[1,2,3,4,5,6,7,8,9,10]`
	source := "true"
	for _, v := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		source = loop + `.all(` + v + `, ` + source + `)`
	}
	e, err := CompileExpr(env, source, BoolKind)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Bool(&Facts{}); err == nil || !strings.Contains(err.Error(), "cost limit") {
		t.Errorf("ten million turns of a loop: got %v, want the cost limit", err)
	}
}

func TestExprWithoutProgram(t *testing.T) {
	var none *Expr
	if yes, err := none.Bool(&Facts{}); !yes || err != nil {
		t.Errorf("no condition: got %v, %v, want it to hold", yes, err)
	}
	if n, err := none.Number(&Facts{}); n != 0 || err != nil {
		t.Errorf("no number: got %v, %v", n, err)
	}
	if v, err := none.Value(&Facts{}); v != nil || err != nil {
		t.Errorf("no value: got %v, %v", v, err)
	}
	if yes, err := none.MatchMail(Mail{}); !yes || err != nil {
		t.Errorf("no rule: got %v, %v, want it to hold", yes, err)
	}
	if _, err := (&Expr{Source: "true"}).Bool(&Facts{}); !errors.Is(err, errNotCompiled) {
		t.Errorf("not compiled: got %v", err)
	}
}

func TestExprJSONIsItsSource(t *testing.T) {
	data, err := json.Marshal(Gate{Require: &Expr{Source: `deal.need != ""`}})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"require":"deal.need != \"\""}`; string(data) != want {
		t.Errorf("got %s, want %s", data, want)
	}
	var g Gate
	if err := json.Unmarshal(data, &g); err != nil || g.Require.Source != `deal.need != ""` {
		t.Errorf("got %v, %v", g.Require, err)
	}
}

func TestMatchMail(t *testing.T) {
	m := Mail{
		From: "form@site.test", To: []string{"sales@kuhni-dom.test"}, Subject: "Моё резюме", Body: "Имя: Пётр",
		Headers: map[string]string{"x-form": "kitchen"}, ListUnsubscribe: true, Size: 2048,
		Attachments: []string{"cv.pdf"}, Auth: map[string]string{"spf": "pass"},
	}
	for _, tt := range []struct {
		source string
		want   bool
	}{
		{`mail.subject.contains("резюме")`, true},
		{`mail.from == "form@site.test"`, true},
		{`"sales@kuhni-dom.test" in mail.to`, true},
		{`mail.to.exists(a, a.startsWith("sales@"))`, true},
		{`mail.headers["x-form"] == "kitchen"`, true},
		{`mail.headers["X-Form"] == "kitchen"`, true},
		{`mail.headers["absent"] == ""`, true},
		{`"X-Form" in mail.headers`, true},
		{`"absent" in mail.headers`, false},
		{`mail.list_unsubscribe`, true},
		{`has(mail.list_unsubscribe)`, true},
		{`mail.size > 1000`, true},
		{`mail.attachments.size() == 1 && mail.attachments[0].endsWith(".pdf")`, true},
		{`mail.auth["spf"] != "pass"`, false},
		{`mail.body.matches("Имя:\\s*(.+)")`, true},
	} {
		t.Run(tt.source, func(t *testing.T) {
			e, err := CompileExpr(MailEnv(), tt.source, BoolKind)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := e.MatchMail(m); got != tt.want || err != nil {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
	if _, err := CompileExpr(MailEnv(), `deal.budget > 0`, BoolKind); err == nil {
		t.Error("a capture rule knows no deal, yet deal.budget compiled")
	}
}

// Whatever an ops team writes, it compiles or its faults have places.
func FuzzCompileExpr(f *testing.F) {
	for _, s := range []string{`deal.budget > 0`, `has(deal.x)`, `[1,2].all(x, x > 0)`, `deal.?budget`, "a\n.b", `deal{}`, `"\u00"`, `date("1")`, `mail.to[0]`, `!!!`} {
		f.Add(s)
	}
	env, facts := stageEnv(f), filledFacts()
	f.Fuzz(func(t *testing.T, source string) {
		e, err := CompileExpr(env, source, BoolKind)
		if err == nil {
			_, _ = e.Bool(facts) // a fault of evaluation is an error, not a panic
			return
		}
		var faults ExprErrors
		if !errors.As(err, &faults) || len(faults) == 0 {
			t.Fatalf("got %v, want ExprErrors", err)
		}
		for _, fault := range faults {
			if fault.Line < 1 || fault.Column < 1 || fault.Message == "" {
				t.Errorf("a fault without a place or words: %v", fault)
			}
		}
	})
}

func BenchmarkExprBool(b *testing.B) {
	facts := filledFacts()
	for name, source := range map[string]string{
		"number":     `deal.budget > 0`,
		"choice":     `deal.authority == "решает сам"`,
		"has":        `has(deal.timeline)`,
		"both":       `deal.budget > 0 && deal.authority == "решает сам"`,
		"arithmetic": `deal.quantity * deal.price > 1000`,
		"date":       `deal.timeline > date("2026-01-01")`,
		"contact":    `contact.email != "" || contact.phone != ""`,
		"loop":       `[1, 2, 3].exists(n, n == deal.quantity)`,
	} {
		b.Run(name, func(b *testing.B) {
			e, err := CompileExpr(stageEnv(b), source, BoolKind)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Bool(facts); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
