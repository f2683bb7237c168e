package definitions

import (
	"reflect"

	"gopkg.in/yaml.v3"

	"github.com/dealwright/dealwright/calendar"
)

// customTypes are the types whose YAML is not that of their Go kind. It is
// filled by init because its functions walk on through decoder.value.
var customTypes map[reflect.Type]func(d *decoder, path string, n *yaml.Node, out reflect.Value)

func init() {
	customTypes = map[reflect.Type]func(d *decoder, path string, n *yaml.Node, out reflect.Value){
		reflect.TypeFor[calendar.Duration](): (*decoder).duration,
		reflect.TypeFor[Expr]():              (*decoder).expression,
		reflect.TypeFor[Timeout]():           (*decoder).timeout,
		reflect.TypeFor[Ladder]():            (*decoder).ladder,
		reflect.TypeFor[[]Reason]():          (*decoder).reasons,
		reflect.TypeFor[[]Field]():           (*decoder).named,
		reflect.TypeFor[[]Criterion]():       (*decoder).named,
		reflect.TypeFor[[]roleFile]():        (*decoder).named,
		reflect.TypeFor[[]hoursFile]():       (*decoder).hours,
		reflect.TypeFor[memberFile]():        (*decoder).member,
		reflect.TypeFor[dates]():             (*decoder).dates,
		reflect.TypeFor[spans]():             (*decoder).spans,
		reflect.TypeFor[quietHours]():        (*decoder).quiet,
		reflect.TypeFor[moment]():            (*decoder).anyText,
		reflect.TypeFor[secretText]():        (*decoder).anyText,
	}
}

func (d *decoder) duration(_ string, n *yaml.Node, out reflect.Value) {
	text, ok := d.literal(n, "a duration such as 2 business days")
	if !ok {
		return
	}
	value, err := calendar.ParseDuration(text)
	if err != nil {
		d.report(n, CodeDuration, "%v", err)
		return
	}
	out.Set(reflect.ValueOf(value))
}

func (d *decoder) expression(_ string, n *yaml.Node, out reflect.Value) {
	text, ok := d.literal(n, "an expression")
	if !ok {
		return
	}
	out.Set(reflect.ValueOf(Expr{Source: text}))
}

// timeout reads `none`, a duration, or {after, from}.
func (d *decoder) timeout(path string, n *yaml.Node, out reflect.Value) {
	var t Timeout
	switch {
	case n.Kind == yaml.MappingNode:
		var long struct {
			After *calendar.Duration `yaml:"after" required:"true"`
			From  string             `yaml:"from" enum:"progress,entry"`
		}
		d.value(path, n, reflect.ValueOf(&long).Elem())
		if long.After == nil {
			return
		}
		t = Timeout{After: *long.After, From: long.From}
	case n.Kind == yaml.ScalarNode && n.Value == "none":
		t.None = true
	case n.Kind == yaml.SequenceNode:
		d.wrongKind(n, "a duration, none, or {after, from}")
		return
	default:
		d.duration(path, n, reflect.ValueOf(&t.After).Elem())
	}
	out.Set(reflect.ValueOf(t))
}

// ladder reads the name of a ladder or its levels.
func (d *decoder) ladder(path string, n *yaml.Node, out reflect.Value) {
	var l Ladder
	switch n.Kind {
	case yaml.ScalarNode:
		name, ok := d.text(n)
		if !ok {
			return
		}
		l.Name = name
	case yaml.SequenceNode:
		d.value(path, n, reflect.ValueOf(&l.Levels).Elem())
	default:
		d.wrongKind(n, "the name of a ladder or a list of levels")
		return
	}
	out.Set(reflect.ValueOf(l))
}

// named reads a mapping from ids to structures as a slice in the order of the
// file; the structure's field ID takes the key.
func (d *decoder) named(path string, n *yaml.Node, out reflect.Value) {
	made := reflect.MakeSlice(out.Type(), 0, len(n.Content)/2)
	d.entries(path, n, "a group of names", func(key, value *yaml.Node) {
		at := join(path, key.Value)
		d.src.note(at, key, value)
		item := reflect.New(out.Type().Elem()).Elem()
		d.value(at, value, item)
		item.FieldByName("ID").SetString(key.Value)
		made = reflect.Append(made, item)
	})
	out.Set(made)
}

func (d *decoder) reasons(path string, n *yaml.Node, out reflect.Value) {
	var made []Reason
	d.entries(path, n, "a group of reasons with their names", func(key, value *yaml.Node) {
		at := join(path, key.Value)
		d.src.note(at, key, value)
		reason := Reason{ID: key.Value}
		d.value(at, value, reflect.ValueOf(&reason.Name).Elem())
		made = append(made, reason)
	})
	out.Set(reflect.ValueOf(made))
}
