package main

import (
	"reflect"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/scenario"
)

// describeScenario gives the values of scenarios that have readers of their own
// the schemas of what those readers take.
func describeScenario(d *definitions.Describer) {
	definitions.DescribeAs[scenario.Text](d, scalar)
	definitions.DescribeAs[scenario.Scalar](d, func() *definitions.Schema {
		return &definitions.Schema{Type: []string{"string", "number", "boolean", "null"}}
	})
	definitions.DescribeAs[scenario.Flag](d, yes)
	definitions.DescribeAs[scenario.Refused](d, scalar)
	definitions.DescribeAs[scenario.Tasks](d, func() *definitions.Schema {
		status := &definitions.Schema{Type: "string", Enum: []string{"open", "done", "overdue", "waived", "cancelled", "none"}}
		return either(scalar(), &definitions.Schema{Type: "array", Items: &definitions.Schema{Type: "string"}}, &definitions.Schema{Type: "object", Additional: status})
	})
	definitions.DescribeAs[scenario.Set](d, func() *definitions.Schema {
		fields := reflect.TypeFor[map[string]scenario.Scalar]()
		return either(d.Structure(reflect.TypeFor[scenario.Set]()), d.Of(fields))
	})
	short[scenario.Reply](d, scalar())
	short[scenario.Bounce](d, yes())
	short[scenario.Complete](d, scalar())
	short[scenario.Move](d, scalar())
	short[scenario.Signal](d, scalar())
	short[scenario.Pause](d, scalar())
	short[scenario.Reopen](d, scalar())
}

// short is a structure that may be written as one value.
func short[T any](d *definitions.Describer, value *definitions.Schema) {
	definitions.DescribeAs[T](d, func() *definitions.Schema { return either(value, d.Structure(reflect.TypeFor[T]())) })
}

func either(schemas ...*definitions.Schema) *definitions.Schema {
	return &definitions.Schema{AnyOf: schemas}
}

func scalar() *definitions.Schema {
	return &definitions.Schema{Type: []string{"string", "number", "boolean"}}
}

func yes() *definitions.Schema { return &definitions.Schema{Const: true} }
