package definitions

import (
	"reflect"

	"gopkg.in/yaml.v3"

	"github.com/dealwright/dealwright/calendar"
)

// anyText reads a scalar as it is written, whatever YAML takes it for.
func (d *decoder) anyText(_ string, n *yaml.Node, out reflect.Value) {
	if text, ok := d.literal(n, "text"); ok {
		out.SetString(text)
	}
}

func (d *decoder) dates(_ string, n *yaml.Node, out reflect.Value) {
	text, ok := d.literal(n, "a date or a range of dates such as 2026-01-01..2026-01-08")
	if !ok {
		return
	}
	days, err := calendar.ParseDateRange(text)
	if err != nil {
		d.report(n, CodeDate, "%v", err)
		return
	}
	out.Set(reflect.ValueOf(dates(days)))
}

func (d *decoder) spans(_ string, n *yaml.Node, out reflect.Value) {
	text, ok := d.literal(n, `hours such as "09:00-18:00"`)
	if !ok {
		return
	}
	parsed, err := calendar.ParseHours(text)
	if err != nil {
		d.report(n, CodeHours, "%v", err)
		return
	}
	out.Set(reflect.ValueOf(spans(parsed)))
}

// hours reads days and their hours in the order of the file.
func (d *decoder) hours(path string, n *yaml.Node, out reflect.Value) {
	var made []hoursFile
	d.entries(path, n, "a group of days with their hours", func(key, value *yaml.Node) {
		at := join(path, key.Value)
		d.src.note(at, key, value)
		h := hoursFile{Days: key.Value}
		d.value(at, value, reflect.ValueOf(&h.Spans).Elem())
		made = append(made, h)
	})
	out.Set(reflect.ValueOf(made))
}

// member reads an address, or a person in full.
func (d *decoder) member(path string, n *yaml.Node, out reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.structure(path, n, out)
		return
	}
	if email, ok := d.text(n); ok {
		d.src.note(path+".email", nil, n)
		out.Set(reflect.ValueOf(memberFile{Email: email}))
	}
}
