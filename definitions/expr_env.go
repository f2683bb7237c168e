package definitions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Scope is where in a process an expression stands, which decides the names it knows.
type Scope uint8

// The scopes.
const (
	StageScope     Scope = iota // gates, conditions, skip: everything
	CriterionScope              // criteria of the qualification: all but its own score
	ComputeScope                // computed fields: the deal's other fields
)

// Env knows the names and types that an expression may use.
type Env struct {
	cel     *cel.Env
	objects map[string]object
	choices map[string][]string // options by deal field
	zone    *time.Location
}

// object is a top-level name with typed fields.
type object map[string]*types.FieldType

// names lists the fields in order.
func (o object) names() []string {
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// typeOf is the CEL type name of a top-level name. The space keeps it out of
// the reach of expressions, which could otherwise construct one.
func typeOf(name string) string { return "the " + name }

// ReservedFields are the names of deal.* that a process cannot declare as fields of its own.
var ReservedFields = []string{"amount", "owner", "returning", "source", "visit"}

// NewEnv is the environment of a process's expressions: its fields, and dates
// at midnight in zone.
func NewEnv(fields []Field, zone *time.Location, scope Scope) (*Env, error) {
	e := &Env{zone: zone, choices: map[string][]string{}, objects: map[string]object{}}
	deal := object{
		"amount": factNumber(func(f *Facts) float64 { return f.Amount }),
	}
	for _, f := range fields {
		if _, taken := deal[f.ID]; taken {
			continue // reported where the field is declared
		}
		if ft := fieldFact(f, zone); ft != nil {
			deal[f.ID] = ft
		}
		if f.Type == TypeChoice {
			e.choices[f.ID] = f.Options
		}
	}
	e.objects["deal"] = deal
	if scope != ComputeScope {
		deal["owner"] = factText(func(f *Facts) string { return f.Owner })
		deal["source"] = factText(func(f *Facts) string { return f.Source })
		deal["visit"] = factNumber(func(f *Facts) float64 { return float64(f.Visit) })
		deal["returning"] = &types.FieldType{
			Type:    types.BoolType,
			IsSet:   func(any) bool { return true },
			GetFrom: func(t any) (any, error) { return types.Bool(t.(*Facts).Returning), nil },
		}
		e.objects["contact"] = object{
			"name":  factText(func(f *Facts) string { return f.Contact.Name }),
			"email": factText(func(f *Facts) string { return f.Contact.Email }),
			"phone": factText(func(f *Facts) string { return f.Contact.Phone }),
		}
		e.objects["stage"] = object{"id": factText(func(f *Facts) string { return f.Stage })}
	}
	if scope == StageScope {
		e.objects["qualification"] = object{"score": factNumber(func(f *Facts) float64 { return f.Score })}
	}
	return e, e.build()
}

// redefined are the operators whose standard overloads keep whole numbers and
// fractions apart; numberOperators declares them anew.
var redefined = []string{
	operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo,
	operators.Equals, operators.NotEquals, operators.Conditional, operators.In,
}

// withheld are standard functions that would let a value escape its type.
var withheld = []string{overloads.TypeConvertDyn, overloads.TypeConvertType, overloads.TypeConvertBytes, overloads.TypeConvertUint}

const (
	longestExpression = 10_000    // code points
	evaluationLimit   = 1_000_000 // cost units of one evaluation of a loop
)

// build makes the CEL environment of the declared objects.
func (e *Env) build() error {
	var excluded []*env.Function
	for _, name := range append(slices.Clone(redefined), withheld...) {
		excluded = append(excluded, env.NewFunction(name))
	}
	registry, err := types.NewRegistry()
	if err != nil {
		return fmt.Errorf("prepare the expression types: %w", err)
	}
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(&env.LibrarySubset{ExcludeFunctions: excluded})),
		cel.CustomTypeAdapter(registry),
		cel.CustomTypeProvider(&provider{Registry: registry, objects: e.objects}),
		cel.CrossTypeNumericComparisons(true),
		cel.HomogeneousAggregateLiterals(),
		cel.DefaultUTCTimeZone(false),
		cel.ParserExpressionSizeLimit(longestExpression),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals()),
		cel.Function("date", cel.Overload("date_string", []*cel.Type{cel.StringType}, cel.TimestampType,
			cel.UnaryBinding(func(v ref.Val) ref.Val {
				t, err := parseDate(string(v.(types.String)), e.zone)
				if err != nil {
					return types.NewErr("%s", err)
				}
				return types.Timestamp{Time: t}
			}))),
	}
	for name := range e.objects {
		options = append(options, cel.Variable(name, cel.ObjectType(typeOf(name))))
	}
	options = append(options, numberOperators()...)
	options = append(options, textFunctions()...)
	e.cel, err = cel.NewCustomEnv(options...)
	if err != nil {
		return fmt.Errorf("prepare the expression language: %w", err)
	}
	return nil
}

// provider tells CEL of the objects; the rest is the standard registry's.
type provider struct {
	*types.Registry
	objects map[string]object
}

func (p *provider) object(typeName string) (object, bool) {
	name, ours := strings.CutPrefix(typeName, typeOf(""))
	o, found := p.objects[name]
	return o, ours && found
}

func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if _, found := p.object(name); found {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Registry.FindStructType(name)
}

func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if o, found := p.object(name); found {
		return o.names(), true
	}
	return p.Registry.FindStructFieldNames(name)
}

func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if o, found := p.object(name); found {
		ft, found := o[field]
		return ft, found
	}
	return p.Registry.FindStructFieldType(name, field)
}
