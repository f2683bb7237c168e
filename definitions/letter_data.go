package definitions

import (
	"cmp"
	"fmt"
	"text/template"
	"time"
)

// money and day are values of letters that print in the letter's language.
type (
	money struct {
		amount   float64
		currency string
	}
	day struct{ time.Time }
)

// letterData is what a template is executed with. A value that is not there is
// the empty string, which counts as false.
func (p *Process) letterData(d LetterData) map[string]any {
	f := d.Facts
	if f == nil {
		f = &Facts{}
	}
	company, stage := map[string]any{"Name": "", "Email": ""}, map[string]any{"ID": f.Stage, "Name": f.Stage, "Goal": ""}
	owner := map[string]any{"Name": "", "Email": f.Owner}
	if c := p.Company; c != nil {
		company["Name"], company["Email"] = c.Name, c.From.Email
		owner["Name"] = c.Name
		if member, _ := c.Member(f.Owner); member != nil && member.Name != "" {
			owner["Name"] = member.Name
		}
		if f.Owner == "" {
			owner["Email"] = c.From.Email
		}
	}
	if s := p.Stage(f.Stage); s != nil {
		stage["Name"], stage["Goal"] = cmp.Or(s.Name, s.ID), s.Goal
	}
	return map[string]any{
		"Contact": map[string]any{"Name": f.Contact.Name, "Email": f.Contact.Email, "Phone": f.Contact.Phone},
		"Lead":    map[string]any{"Subject": d.Subject, "Text": shorten(d.Text, longestQuote), "Date": p.dayOf(d.OpenedAt)},
		"Owner":   owner,
		"Company": company,
		"Stage":   stage,
		"Deal":    p.dealData(f),
	}
}

func (p *Process) dealData(f *Facts) map[string]any {
	_, currency := p.AmountOf(f.Fields)
	deal := map[string]any{"source": f.Source, "returning": f.Returning, "visit": float64(f.Visit), "Amount": ""}
	if f.Amount != 0 {
		deal["Amount"] = money{f.Amount, currency}
	}
	deal["amount"] = deal["Amount"]
	for i := range p.Fields {
		deal[p.Fields[i].ID] = p.fieldData(&p.Fields[i], f.Fields[p.Fields[i].ID])
	}
	return deal
}

func (p *Process) fieldData(f *Field, v any) any {
	switch v := v.(type) {
	case float64:
		if f.Type == TypeMoney {
			return money{v, f.Currency}
		}
	case string:
		if f.Type == TypeDate {
			if t, err := parseDate(v, p.Company.zone()); err == nil {
				return day{t}
			}
		}
		return shorten(v, longestQuote)
	case nil:
		return ""
	}
	return v
}

func (p *Process) dayOf(t time.Time) any {
	if t.IsZero() {
		return ""
	}
	return day{t.In(p.Company.zone())}
}

// showIn returns how values print in a letter of the language.
func showIn(d *dialect, escape func(string) string) func(any) string {
	return func(v any) string {
		switch v := v.(type) {
		case string:
			return escape(v)
		case money:
			return escape(d.money(v.amount, v.currency))
		case day:
			return escape(d.date(v.Time))
		case float64:
			return escape(d.number(v))
		case int:
			return escape(d.number(float64(v)))
		case bool:
			return d.yesNo(v)
		}
		return ""
	}
}

// letterFuncs are the functions of templates. The comparisons replace Go's, to
// which 2 and 2.0 are different and an empty value an error.
func letterFuncs(show func(any) string) template.FuncMap {
	return template.FuncMap{
		showFunc: show,
		"eq": func(a any, others ...any) (bool, error) {
			for _, b := range others {
				if c, err := compareValues(a, b); err != nil || c == 0 {
					return err == nil, err
				}
			}
			return false, nil
		},
		"ne": comparison(func(c int) bool { return c != 0 }),
		"lt": comparison(func(c int) bool { return c < 0 }),
		"le": comparison(func(c int) bool { return c <= 0 }),
		"gt": comparison(func(c int) bool { return c > 0 }),
		"ge": comparison(func(c int) bool { return c >= 0 }),
	}
}

func comparison(holds func(int) bool) func(a, b any) (bool, error) {
	return func(a, b any) (bool, error) {
		c, err := compareValues(a, b)
		return err == nil && holds(c), err
	}
}

// compareValues orders two values of a letter; an empty one is the empty value
// of the other's type.
func compareValues(a, b any) (int, error) {
	a, b = plainValue(a), plainValue(b)
	if a == "" {
		a = emptyLike(b)
	}
	if b == "" {
		b = emptyLike(a)
	}
	switch x := a.(type) {
	case float64:
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y), nil
		}
	case string:
		if y, ok := b.(string); ok {
			return cmp.Compare(x, y), nil
		}
	case bool:
		if y, ok := b.(bool); ok {
			return cmp.Compare(truth(x), truth(y)), nil
		}
	}
	return 0, fmt.Errorf("%s and %s are of different types and cannot be compared", show(a), show(b))
}

func plainValue(v any) any {
	switch v := v.(type) {
	case money:
		return v.amount
	case day:
		return v.Format(time.DateOnly)
	case int:
		return float64(v)
	}
	return v
}

func emptyLike(v any) any {
	switch v.(type) {
	case float64:
		return 0.0
	case bool:
		return false
	}
	return ""
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
