package activities

import (
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox"
)

// cardOf is what a message says of the client card: what the rules read, and the lines of a form that bear the name of a
// field. What the process has no field for stands in the text and nowhere else.
func cardOf(p *definitions.Process, v inbox.Verdict, received time.Time) map[string]any {
	if p == nil {
		return nil
	}
	card := map[string]any{}
	for i := range p.Fields {
		f := &p.Fields[i]
		if f.Compute != nil {
			continue
		}
		if text := saidOf(f, v); text != "" {
			card[f.ID] = readAs(p, f, text, received)
		}
	}
	if len(card) == 0 {
		return nil
	}
	return card
}

// saidOf finds the words of the message that are about a field.
func saidOf(f *definitions.Field, v inbox.Verdict) string {
	for _, text := range []string{v.Fields[f.ID], v.Lines[inbox.Label(f.Name)], v.Lines[inbox.Label(f.ID)]} {
		if text != "" {
			return text
		}
	}
	return ""
}

// readAs finds the field's value in what people write around it, "до 300 тыс. руб." or "15 марта". Words in which there is
// none, and money of another currency, stay as they are, so that the deal can say why it did not take them.
func readAs(p *definitions.Process, f *definitions.Field, text string, received time.Time) any {
	if _, err := p.CheckField(f.ID, text); err == nil {
		return text
	}
	switch f.Type {
	case definitions.TypeMoney, definitions.TypeNumber:
		amount, currency, ok := inbox.Money(text)
		if ok && (currency == "" || f.Currency == "" || currency == f.Currency) {
			return amount
		}
	case definitions.TypeDate:
		if day, ok := inbox.DateNear(text, received); ok {
			return day.Format(time.DateOnly)
		}
	case definitions.TypePhone:
		if phone, ok := inbox.Phone(text, p.Company.Country); ok {
			return phone
		}
	}
	return text
}
