package definitions

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dealwright/dealwright/calendar"
)

func kitchen(t testing.TB) *Company {
	t.Helper()
	hours, err := calendar.ParseHours("09:00-18:00")
	if err != nil {
		t.Fatal(err)
	}
	spec := calendar.Spec{}
	for day := time.Monday; day <= time.Friday; day++ {
		spec.Hours[day] = hours
	}
	return &Company{
		ID: "kuhni-dom", Name: "Кухни Дом", Language: "ru", Country: "RU", Calendar: calendar.New(moscow(t), spec),
		From:  Address{Name: "Кухни Дом", Email: "sales@kuhni-dom.test"},
		Roles: []*Role{{ID: "rep", Members: []Member{{Name: "Ольга", Email: "olga@kuhni-dom.test"}, {Email: "ivan@kuhni-dom.test"}}}},
	}
}

// compiled compiles a process of the given fields with one stage.
func compiled(t testing.TB, c *Company, fields ...Field) *Process {
	t.Helper()
	p, faults := Compile(&Spec{Process: "sales", Fields: fields, Stages: []Stage{{ID: "offer", Name: "Предложение"}}}, c)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return p
}

func TestCheckField(t *testing.T) {
	p := compiled(t, kitchen(t), append(cardFields(), Field{ID: "phone", Type: TypePhone}, Field{ID: "dollars", Type: TypeMoney, Currency: "USD"})...)
	for _, tt := range []struct {
		field string
		in    any
		want  any
	}{
		{"budget", "150 000,50", 150000.5},
		{"budget", "150\u00a0000", 150000.0},
		{"budget", "150,000", 150000.0},
		{"budget", "150.000", 150000.0},
		{"budget", "1.500.000,25 руб.", 1500000.25},
		{"budget", "1,500,000.25", 1500000.25},
		{"budget", "99.90 ₽", 99.9},
		{"budget", "₽ 100", 100.0},
		{"budget", "100 RUB", 100.0},
		{"budget", 0.1 + 0.2, 0.3},
		{"budget", json.Number("12.345"), 12.35},
		{"budget", -5, -5.0},
		{"dollars", "$1,500", 1500.0},
		{"quantity", "1,5", 1.5},
		{"quantity", "1,500", 1.5},
		{"quantity", "1.500", 1.5},
		{"quantity", "0,125", 0.125},
		{"quantity", " −3 ", -3.0},
		{"quantity", int64(7), 7.0},
		{"quantity", 0, 0.0},
		{"authority", "РЕШАЕТ САМ", "решает сам"},
		{"need", "  Кухня\r\nна заказ\x00 ", "Кухня\nна заказ"},
		{"urgent", "да", true},
		{"urgent", "No", false},
		{"urgent", false, false},
		{"timeline", "2026-03-02", "2026-03-02"},
		{"timeline", "2.3.2026", "2026-03-02"},
		{"timeline", "02.03.2026", "2026-03-02"},
		{"timeline", "2026-03-01T22:30:00Z", "2026-03-02"},
		{"timeline", time.Date(2026, 3, 1, 22, 30, 0, 0, time.UTC), "2026-03-02"},
		{"email", "Пётр <Petr@Client.TEST>", "Petr@client.test"},
		{"email", "mailto:petr@client.test", "petr@client.test"},
		{"phone", "8 (495) 123-45-67", "+74951234567"},
		{"phone", "+44 20 7946 0958", "+442079460958"},
		{"budget", "", nil},
		{"need", " \n ", nil},
		{"urgent", nil, nil},
	} {
		got, err := p.CheckField(tt.field, tt.in)
		if err != nil || got != tt.want {
			t.Errorf("%s: %#v: got %#v, %v, want %#v", tt.field, tt.in, got, err, tt.want)
		}
	}
}

func TestCheckFieldRefuses(t *testing.T) {
	p := compiled(t, kitchen(t), append(cardFields(), Field{ID: "phone", Type: TypePhone},
		Field{ID: "sum", Type: TypeMoney, Compute: &Expr{Source: "deal.quantity * deal.price"}})...)
	for _, tt := range []struct {
		field   string
		in      any
		message string
	}{
		{"budjet", 1, `field "budjet" is not declared by process "sales"; did you mean "budget"?`},
		{"sum", 1, `field "sum": it is computed from deal.quantity * deal.price`},
		{"budget", "дорого", `field "budget": "дорого" is not a number: write it as 150000.50`},
		{"budget", "$100", `is in USD: the field is in RUB`},
		{"budget", "1e400", `is not a number`},
		{"budget", math.Inf(1), `is too large`},
		{"budget", math.NaN(), `is too large`},
		{"budget", "1,2,3", `is not a number`},
		{"budget", "1.2.3", `is not a number`},
		{"budget", []any{1}, `is not a number`},
		{"quantity", true, `is not a number`},
		{"quantity", "NaN", `is not a number`},
		{"quantity", "0x10", `is not a number`},
		{"authority", "решает сма", `is not one of its options; did you mean "решает сам"?`},
		{"authority", 1, `is not text`},
		{"need", 5, `is not text: write it in quotes`},
		{"need", strings.Repeat("я", longestText+1), `at most 20000 are kept`},
		{"urgent", "может быть", `is neither yes nor no: write true or false`},
		{"urgent", 1.0, `is neither yes nor no`},
		{"timeline", "завтра", `is not a date: write it as 2026-01-31 or 31.01.2026`},
		{"timeline", "2026-02-30", `is not a date`},
		{"timeline", "0001-01-01", `the year 1 cannot be meant`},
		{"timeline", 5, `is not a date`},
		{"email", "petr", `is not an email address`},
		{"email", "a@b\r\nBcc: x@y", `is not an email address`},
		{"phone", "12", `is not a phone number`},
		{"phone", "позвоните мне", `is not a phone number`},
	} {
		got, err := p.CheckField(tt.field, tt.in)
		if err == nil || !strings.Contains(err.Error(), tt.message) {
			t.Errorf("%s: %#v: got %#v, %v, want an error with %s", tt.field, tt.in, got, err, tt.message)
		}
	}
}

func TestDecimalMarkFollowsTheLanguage(t *testing.T) {
	for language, want := range map[string]float64{"ru": 1.5, "en": 1500} {
		c := kitchen(t)
		c.Language = language
		got, err := compiled(t, c, cardFields()...).CheckField("quantity", "1,500")
		if got != want || err != nil {
			t.Errorf("1,500 in %s: got %v, %v, want %v", language, got, err, want)
		}
	}
}

// What a field holds is accepted again unchanged, whatever was written first.
func TestCheckFieldIsStable(t *testing.T) {
	p := compiled(t, kitchen(t), append(cardFields(), Field{ID: "phone", Type: TypePhone})...)
	ids := []string{"budget", "authority", "need", "timeline", "quantity", "urgent", "email", "phone"}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(ids).Draw(t, "field")
		in := rapid.OneOf(
			rapid.String().AsAny(), rapid.Float64().AsAny(), rapid.Bool().AsAny(), rapid.Int().AsAny(),
			rapid.StringMatching(`[+-]?[0-9]{1,9}([ .,][0-9]{3}){0,3}([.,][0-9]{1,3})?( ?(руб|₽))?`).AsAny(),
			rapid.StringMatching(`[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}`).AsAny(),
			rapid.StringMatching(`[a-zA-Z.]{1,8}@[a-zA-Z.]{1,9}`).AsAny(),
			rapid.StringMatching(`(\+7|8)[ -]?[(]?[0-9]{3}[)]?[ -]?[0-9]{7}`).AsAny(),
		).Draw(t, "value")
		once, err := p.CheckField(id, in)
		if err != nil {
			return
		}
		again, err := p.CheckField(id, once)
		if err != nil || !reflect.DeepEqual(once, again) {
			t.Fatalf("%s: %#v is stored as %#v, and that as %#v, %v", id, in, once, again, err)
		}
		data, err := json.Marshal(once)
		if err != nil {
			t.Fatalf("%s: %#v is stored as %#v: %v", id, in, once, err)
		}
		var back any
		if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(once, back) {
			t.Fatalf("%s: %#v is read back from the store as %#v, %v", id, once, back, err)
		}
	})
}

func TestFilled(t *testing.T) {
	p := compiled(t, nil, cardFields()...)
	fields := map[string]any{"quantity": 0.0, "urgent": false, "need": "", "timeline": nil, "email": "a@b.test"}
	for id, want := range map[string]bool{"quantity": true, "urgent": true, "need": false, "timeline": false, "email": true, "budget": false} {
		if got := p.Filled(fields, id); got != want {
			t.Errorf("%s: got %v, want %v", id, got, want)
		}
	}
}
