package definitions

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The types of fields.
const (
	TypeText   = "text"
	TypeNumber = "number"
	TypeMoney  = "money"
	TypeChoice = "choice"
	TypeBool   = "bool"
	TypeDate   = "date"
	TypeEmail  = "email"
	TypePhone  = "phone"
)

// FieldTypes are the types of fields in the order of the manual.
var FieldTypes = []string{TypeText, TypeNumber, TypeMoney, TypeChoice, TypeBool, TypeDate, TypeEmail, TypePhone}

// isFilled reports whether a stored value is one.
func isFilled(v any) bool { return v != nil && v != "" }

// Filled reports whether a field holds a value; 0 and no are values.
func (p *Process) Filled(fields map[string]any, id string) bool { return isFilled(fields[id]) }

// AmountOf is the deal's amount by the process's amount field, in major units,
// with its currency; 0 where there is none.
func (p *Process) AmountOf(fields map[string]any) (amount float64, currency string) {
	f := p.Field(p.Amount)
	if f == nil {
		return 0, ""
	}
	amount, _ = fields[f.ID].(float64)
	return amount, f.Currency
}

// CheckField turns a value that a person, a form or a message gave for a field
// into the stored one: text, choice, email, phone and date (2006-01-02) as
// string, number and money as float64, bool. nil and "" clear the field: the
// result is nil. The error names the field, the fault and the remedy.
func (p *Process) CheckField(id string, v any) (any, error) {
	f := p.Field(id)
	if f == nil {
		ids := make([]string, len(p.Fields))
		for i := range p.Fields {
			ids[i] = p.Fields[i].ID
		}
		return nil, fmt.Errorf("field %s is not declared by process %q%s", quote(id), p.Process, oneOf(id, ids))
	}
	if f.Compute != nil {
		return nil, fmt.Errorf("field %q: it is computed from %s: write those fields instead", id, f.Compute)
	}
	if s, ok := v.(string); ok {
		if v = clean(s); v == "" {
			return nil, nil
		}
	}
	if v == nil {
		return nil, nil
	}
	checked, err := p.checkValue(f, v)
	if err != nil {
		return nil, fmt.Errorf("field %q: %w", id, err)
	}
	return checked, nil
}

func (p *Process) checkValue(f *Field, v any) (any, error) {
	switch f.Type {
	case TypeText:
		return checkText(v)
	case TypeNumber, TypeMoney:
		return checkNumber(f, v, p.Company)
	case TypeBool:
		return checkBool(v)
	case TypeDate:
		return checkDate(v, p.Company.zone())
	}
	s, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("%s is not text: write it in quotes", show(v))
	}
	switch f.Type {
	case TypeChoice:
		return checkChoice(f, s)
	case TypeEmail:
		return CheckEmail(s)
	case TypePhone:
		return p.Company.CheckPhone(s)
	}
	return nil, fmt.Errorf("its type %q does not exist", f.Type)
}

const longestText = 20_000 // runes of a text field

func checkText(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("%s is not text: write it in quotes", show(v))
	}
	if n := len([]rune(s)); n > longestText {
		return nil, fmt.Errorf("the text has %d characters, at most %d are kept: shorten it, or add it as a document", n, longestText)
	}
	return s, nil
}

func checkChoice(f *Field, s string) (any, error) {
	for _, option := range f.Options {
		if strings.EqualFold(option, s) {
			return option, nil
		}
	}
	return nil, fmt.Errorf("%s is not one of its options%s", quote(s), oneOf(s, f.Options))
}

// yesNoWords are the ways people and forms write yes and no.
var yesNoWords = map[string]bool{
	"true": true, "yes": true, "y": true, "1": true, "on": true, "да": true, "есть": true, "+": true,
	"false": false, "no": false, "n": false, "0": false, "off": false, "нет": false, "-": false,
}

func checkBool(v any) (any, error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case string:
		if b, known := yesNoWords[strings.ToLower(v)]; known {
			return b, nil
		}
	}
	return nil, fmt.Errorf("%s is neither yes nor no: write true or false", show(v))
}

// dateForms are the ways people write a day, the one of the manual first.
var dateForms = []string{time.DateOnly, "02.01.2006", "2.1.2006", "02.01.06", "2006/01/02", "02/01/2006"}

func checkDate(v any, zone *time.Location) (any, error) {
	var day time.Time
	switch v := v.(type) {
	case time.Time:
		day = v.In(zone)
	case string:
		t, err := readDate(v, zone)
		if err != nil {
			return nil, err
		}
		day = t
	default:
		return nil, fmt.Errorf("%s is not a date: write it as 2026-01-31", show(v))
	}
	if day.Year() < 1900 || day.Year() > 2100 {
		return nil, fmt.Errorf("the year %d cannot be meant: write the date as 2026-01-31", day.Year())
	}
	return day.Format(time.DateOnly), nil
}

func readDate(s string, zone *time.Location) (time.Time, error) {
	for _, form := range dateForms {
		if t, err := time.ParseInLocation(form, s, zone); err == nil {
			return t, nil
		}
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.In(zone), nil
	}
	return time.Time{}, fmt.Errorf("%s is not a date: write it as 2026-01-31 or 31.01.2026", quote(s))
}

var errDateForm = errors.New("a date is written as 2026-01-31")

// parseDate reads a stored date as its midnight in zone.
func parseDate(s string, zone *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", quote(s), errDateForm)
	}
	return t, nil
}

// clean removes what does not belong in a value that came from outside: broken
// UTF-8, control characters but line breaks and tabs, space around it.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case isActing(r):
			return -1
		}
		return r
	}, s))
}

// show is a value as an error prints it.
func show(v any) string {
	if s, ok := v.(string); ok {
		return quote(s)
	}
	return quote(fmt.Sprint(v))
}
