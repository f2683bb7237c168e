package definitions

import (
	"reflect"
	"strings"

	"github.com/dealwright/dealwright/calendar"
)

// Schema is a JSON Schema (2020-12), as far as the process language needs it.
type Schema struct {
	Dialect     string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Ref         string             `json:"$ref,omitempty"`
	Type        any                `json:"type,omitempty"` // a name or a list of names
	Enum        []string           `json:"enum,omitempty"`
	Const       any                `json:"const,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Examples    []string           `json:"examples,omitempty"`
	Minimum     *float64           `json:"minimum,omitempty"`
	Maximum     *float64           `json:"maximum,omitempty"`
	AnyOf       []*Schema          `json:"anyOf,omitempty"`
	Items       *Schema            `json:"items,omitempty"`
	Properties  map[string]*Schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Names       *Schema            `json:"propertyNames,omitempty"`
	Additional  any                `json:"additionalProperties,omitempty"` // false or a *Schema
	Defs        map[string]*Schema `json:"$defs,omitempty"`
}

// Comments are the comments of Go declarations, by package, type and field:
// definitions.Stage, definitions.Stage.Goal.
type Comments map[string]string

// Describer makes the schemas of the types that files are decoded into. A
// schema says what the decoder accepts; what only the whole company can tell,
// such as whether a role exists, is left to the checks.
type Describer struct {
	comments Comments
	custom   map[reflect.Type]func() *Schema
	defs     map[string]*Schema
}

// NewDescriber makes a describer of the process language's own types.
func NewDescriber(comments Comments) *Describer {
	d := &Describer{comments: comments}
	d.custom = map[reflect.Type]func() *Schema{
		reflect.TypeFor[calendar.Duration](): durationSchema,
		reflect.TypeFor[Expr]():              expressionSchema,
		reflect.TypeFor[Timeout]():           d.timeout,
		reflect.TypeFor[Ladder]():            d.ladder,
		reflect.TypeFor[[]Reason]():          func() *Schema { return &Schema{Type: "object", Additional: textSchema()} },
		reflect.TypeFor[[]Field]():           func() *Schema { return d.named(reflect.TypeFor[Field]()) },
		reflect.TypeFor[[]Criterion]():       func() *Schema { return d.named(reflect.TypeFor[Criterion]()) },
		reflect.TypeFor[[]roleFile]():        func() *Schema { return d.named(reflect.TypeFor[roleFile]()) },
		reflect.TypeFor[[]hoursFile]():       hoursSchema,
		reflect.TypeFor[memberFile]():        d.member,
		reflect.TypeFor[dates]():             datesSchema,
		reflect.TypeFor[spans]():             spansSchema,
		reflect.TypeFor[quietHours]():        quietSchema,
		reflect.TypeFor[moment]():            momentSchema,
		reflect.TypeFor[secretText]():        secretSchema,
	}
	return d
}

// DescribeAs gives values of type T a schema of their own, as [ReadAs] gives
// them a reader.
func DescribeAs[T any](d *Describer, schema func() *Schema) {
	d.custom[reflect.TypeFor[T]()] = schema
}

// Company is the schema of company.yaml.
func (d *Describer) Company() *Schema { return d.File("A company", reflect.TypeFor[companyFile]()) }

// Process is the schema of a file under processes/.
func (d *Describer) Process() *Schema { return d.File("A sales process", reflect.TypeFor[Spec]()) }

// Letter is the schema of the front matter of a file under letters/.
func (d *Describer) Letter() *Schema {
	return d.File("The front matter of a letter", reflect.TypeFor[Letter]())
}

// File is the schema of a kind of file that is decoded into type t.
func (d *Describer) File(title string, t reflect.Type) *Schema {
	d.defs = map[string]*Schema{}
	root := d.Structure(t)
	root.Dialect, root.Title, root.Defs = "https://json-schema.org/draft/2020-12/schema", title, d.defs
	return root
}

// Of is the schema of a value of type t: of a structure, a reference to its
// definition in the file's schema.
func (d *Describer) Of(t reflect.Type) *Schema {
	if custom, ok := d.custom[t]; ok {
		return d.refer(t, custom)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.Of(t.Elem())
	case reflect.Struct:
		return d.refer(t, func() *Schema { return d.Structure(t) })
	case reflect.Slice:
		return &Schema{Type: "array", Items: d.Of(t.Elem())}
	case reflect.Map:
		return &Schema{Type: "object", Additional: d.Of(t.Elem())}
	case reflect.String:
		return textSchema()
	case reflect.Bool:
		return &Schema{Type: "boolean"}
	case reflect.Int:
		return &Schema{Type: "integer", Minimum: new(-1e9), Maximum: new(1e9)}
	case reflect.Float64:
		return &Schema{Type: "number", Minimum: new(-1e15), Maximum: new(1e15)}
	}
	panic("definitions: no schema of " + t.String())
}

// refer keeps the schema of a named type once and refers to it, so that types
// may hold themselves and editors show less.
func (d *Describer) refer(t reflect.Type, make func() *Schema) *Schema {
	name := strings.TrimSuffix(t.Name(), "File")
	if name == "" {
		return make()
	}
	name = strings.ToUpper(name[:1]) + name[1:]
	if _, done := d.defs[name]; !done {
		made := &Schema{}
		d.defs[name] = made
		*made = *make()
		if made.Description == "" {
			made.Description = d.describe(t)
		}
	}
	return &Schema{Ref: "#/$defs/" + name}
}

// Structure is the schema of a structure's keys, even if its type has a schema
// of its own.
func (d *Describer) Structure(t reflect.Type) *Schema {
	s := &Schema{Type: "object", Description: d.describe(t), Properties: map[string]*Schema{}, Additional: false}
	for _, k := range keysOf(t) {
		field := t.Field(k.index)
		s.Properties[k.name] = d.key(k, field)
		if text := d.describe(t, field.Name); text != "" {
			s.Properties[k.name].Description = text
		}
		if k.required {
			s.Required = append(s.Required, k.name)
		}
	}
	return s
}

// key is the schema of a key of a structure, by its tags.
func (d *Describer) key(k keyInfo, field reflect.StructField) *Schema {
	if k.percent {
		return percentSchema()
	}
	item := textSchema()
	item.Enum = k.enum
	switch of := d.Of(field.Type); {
	case k.one:
		return &Schema{AnyOf: []*Schema{item, {Type: "array", Items: item}}}
	case len(k.enum) > 0 && field.Type.Kind() == reflect.Slice:
		return &Schema{Type: "array", Items: item}
	case len(k.enum) > 0:
		return item
	default:
		return of
	}
}

// describe is the comment of a type, or of one of its fields, without the Go
// name that it begins with.
func (d *Describer) describe(t reflect.Type, field ...string) string {
	key := t.String() // definitions.Stage
	name := t.Name()
	for _, f := range field {
		key, name = key+"."+f, f
	}
	text := d.comments[key]
	for _, verb := range []string{" is ", " are "} {
		if rest, found := strings.CutPrefix(text, name+verb); found {
			return strings.ToUpper(rest[:1]) + rest[1:]
		}
	}
	return text
}
