package definitions

import (
	"math"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// numberOperators declares the operators over numbers so that 2, 2.0 and a
// field mix freely, and over everything else as the standard does. No overload
// takes dyn.
func numberOperators() []cel.EnvOption {
	add := func(a, b ref.Val) ref.Val { return a.(traits.Adder).Add(b) }
	subtract := func(a, b ref.Val) ref.Val { return a.(traits.Subtractor).Subtract(b) }
	anyList := cel.ListType(cel.TypeParamType("A"))
	return []cel.EnvOption{
		arithmetic(operators.Add, "add", cel.IntType, add, func(a, b float64) float64 { return a + b },
			binary("add_string", cel.StringType, cel.StringType, cel.StringType, add),
			binary("add_list", anyList, anyList, anyList, add),
			binary("add_duration", cel.DurationType, cel.DurationType, cel.DurationType, add),
			binary("add_date_duration", cel.TimestampType, cel.DurationType, cel.TimestampType, add),
			binary("add_duration_date", cel.DurationType, cel.TimestampType, cel.TimestampType, add)),
		arithmetic(operators.Subtract, "subtract", cel.IntType, subtract, func(a, b float64) float64 { return a - b },
			binary("subtract_duration", cel.DurationType, cel.DurationType, cel.DurationType, subtract),
			binary("subtract_date", cel.TimestampType, cel.TimestampType, cel.DurationType, subtract),
			binary("subtract_date_duration", cel.TimestampType, cel.DurationType, cel.TimestampType, subtract)),
		arithmetic(operators.Multiply, "multiply", cel.IntType,
			func(a, b ref.Val) ref.Val { return a.(traits.Multiplier).Multiply(b) }, func(a, b float64) float64 { return a * b }),
		// Two whole numbers divide to a fraction: 1 / 2 is 0.5, as with 1.0 / 2.
		arithmetic(operators.Divide, "divide", cel.DoubleType, nil, divide),
		arithmetic(operators.Modulo, "modulo", cel.IntType,
			func(a, b ref.Val) ref.Val { return a.(traits.Modder).Modulo(b) }, math.Mod),
		equality(operators.Equals, "equals", func(a, b ref.Val) ref.Val { return types.Equal(a, b) }),
		equality(operators.NotEquals, "differs", func(a, b ref.Val) ref.Val { return types.Bool(types.Equal(a, b) != types.True) }),
		conditional(),
		membership(),
	}
}

func binary(id string, a, b, result *cel.Type, op func(a, b ref.Val) ref.Val) cel.FunctionOpt {
	return cel.Overload(id, []*cel.Type{a, b}, result, cel.BinaryBinding(op))
}

// pairs are the ways two numbers can stand on the sides of an operator.
var pairs = []struct {
	name string
	a, b *cel.Type
}{
	{"int_int", cel.IntType, cel.IntType},
	{"int_double", cel.IntType, cel.DoubleType},
	{"double_int", cel.DoubleType, cel.IntType},
	{"double_double", cel.DoubleType, cel.DoubleType},
}

// arithmetic declares an operator over all pairs of numbers. Two whole numbers
// give whole by the operation whole; without one they are taken as fractions.
func arithmetic(operator, id string, whole *cel.Type, ints func(a, b ref.Val) ref.Val, op func(a, b float64) float64, more ...cel.FunctionOpt) cel.EnvOption {
	mixed := func(a, b ref.Val) ref.Val {
		x, _ := numberOf(a)
		y, _ := numberOf(b)
		if y == 0 && (operator == operators.Divide || operator == operators.Modulo) {
			return types.NewErr("division by zero")
		}
		n := op(x, y)
		if math.IsInf(n, 0) || math.IsNaN(n) {
			return types.NewErr("the result is not a number")
		}
		return types.Double(n)
	}
	for _, p := range pairs {
		result, f := cel.DoubleType, mixed
		if p.name == "int_int" {
			result = whole
			if ints != nil {
				f = ints
			}
		}
		more = append(more, binary(id+"_"+p.name, p.a, p.b, result, f))
	}
	return cel.Function(operator, more...)
}

func divide(a, b float64) float64 { return a / b }

// equatable are the types, apart from numbers, whose values can be equal.
var equatable = map[string]*cel.Type{
	"bool": cel.BoolType, "string": cel.StringType, "date": cel.TimestampType, "duration": cel.DurationType,
	"list": cel.ListType(cel.TypeParamType("A")),
}

func equality(operator, id string, op func(a, b ref.Val) ref.Val) cel.EnvOption {
	var overloads []cel.FunctionOpt
	for name, t := range equatable {
		overloads = append(overloads, binary(id+"_"+name, t, t, cel.BoolType, op))
	}
	for _, p := range pairs {
		overloads = append(overloads, binary(id+"_"+p.name, p.a, p.b, cel.BoolType, op))
	}
	return cel.Function(operator, overloads...)
}

// conditional declares `a ? b : c`, where b and c may be different kinds of
// number. The interpreter evaluates it itself, so it has no binding.
func conditional() cel.EnvOption {
	overload := func(id string, a, b, result *cel.Type) cel.FunctionOpt {
		return cel.Overload("choose_"+id, []*cel.Type{cel.BoolType, a, b}, result, cel.OverloadIsNonStrict())
	}
	var overloads []cel.FunctionOpt
	for name, t := range equatable {
		overloads = append(overloads, overload(name, t, t, t))
	}
	for _, p := range pairs {
		result := cel.DoubleType
		if p.a == cel.IntType && p.b == cel.IntType {
			result = cel.IntType
		}
		overloads = append(overloads, overload(p.name, p.a, p.b, result))
	}
	overloads = append(overloads, cel.SingletonFunctionBinding(func(args ...ref.Val) ref.Val {
		if args[0] == types.True {
			return args[1]
		}
		return args[2]
	}))
	return cel.Function(operators.Conditional, overloads...)
}

// membership declares `x in list` and `key in map`.
func membership() cel.EnvOption {
	contains := func(v, in ref.Val) ref.Val { return in.(traits.Container).Contains(v) }
	overload := func(id string, v, in *cel.Type) cel.FunctionOpt {
		return binary("in_"+id, v, in, cel.BoolType, contains)
	}
	overloads := []cel.FunctionOpt{overload("map", cel.StringType, cel.MapType(cel.StringType, cel.StringType))}
	for name, t := range equatable {
		if name != "list" {
			overloads = append(overloads, overload(name, t, cel.ListType(t)))
		}
	}
	for _, p := range pairs {
		overloads = append(overloads, overload(p.name, p.a, cel.ListType(p.b)))
	}
	return cel.Function(operators.In, overloads...)
}

// textFunctions adds what the standard has not. None of them can make a text
// much longer than it was, so that no message can make a rule expensive.
func textFunctions() []cel.EnvOption {
	member := func(name string, op func(string) string) cel.EnvOption {
		return cel.Function(name, cel.MemberOverload("string_"+name, []*cel.Type{cel.StringType}, cel.StringType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.String(op(string(v.(types.String)))) })))
	}
	return []cel.EnvOption{member("lower", strings.ToLower), member("upper", strings.ToUpper), member("trim", strings.TrimSpace)}
}
