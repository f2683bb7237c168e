package definitions

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Expr is a CEL expression of a process or of a capture rule. In a file and in
// a stored version it is its source; Compile gives it a program. A compiled
// Expr is safe for concurrent use.
type Expr struct {
	Source string

	program cel.Program
	fields  []string // the names of deal.* that it reads, each once
}

// MarshalJSON writes the source.
func (e *Expr) MarshalJSON() ([]byte, error) { return json.Marshal(e.Source) }

// UnmarshalJSON reads the source; the expression is still to be compiled.
func (e *Expr) UnmarshalJSON(data []byte) error {
	*e = Expr{}
	return json.Unmarshal(data, &e.Source)
}

// String is the source, or nothing where there is no expression.
func (e *Expr) String() string {
	if e == nil {
		return ""
	}
	return e.Source
}

// Bool reports whether the expression holds. Where there is none it holds:
// a move, a step or a level without a condition is unconditional.
func (e *Expr) Bool(f *Facts) (bool, error) {
	if e == nil {
		return true, nil
	}
	return e.holds((*factsVars)(f))
}

// MatchMail reports whether a capture rule's expression holds for a message.
// Where there is none it holds.
func (e *Expr) MatchMail(m Mail) (bool, error) {
	if e == nil {
		return true, nil
	}
	return e.holds((*mailVars)(&m))
}

// Number is the expression's number; 0 where there is no expression.
func (e *Expr) Number(f *Facts) (float64, error) {
	if e == nil {
		return 0, nil
	}
	v, err := e.eval((*factsVars)(f))
	if err != nil {
		return 0, err
	}
	n, ok := numberOf(v)
	if !ok {
		return 0, fmt.Errorf("expression %q: gives %s, not a number", e.Source, typeWord(v.Type().TypeName()))
	}
	return n, nil
}

// Value is what the expression gives: bool, float64, string, time.Time for a
// date; nil where there is no expression.
func (e *Expr) Value(f *Facts) (any, error) {
	if e == nil {
		return nil, nil
	}
	v, err := e.eval((*factsVars)(f))
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case types.Bool:
		return bool(v), nil
	case types.String:
		return string(v), nil
	case types.Timestamp:
		return v.Time, nil
	}
	if n, ok := numberOf(v); ok {
		return n, nil
	}
	return nil, fmt.Errorf("expression %q: gives %s, which nothing here can hold", e.Source, typeWord(v.Type().TypeName()))
}

func (e *Expr) holds(vars cel.Activation) (bool, error) {
	v, err := e.eval(vars)
	if err != nil {
		return false, err
	}
	b, ok := v.(types.Bool)
	if !ok {
		return false, fmt.Errorf("expression %q: gives %s, not yes or no", e.Source, typeWord(v.Type().TypeName()))
	}
	return bool(b), nil
}

var errNotCompiled = errors.New("it was not compiled")

func (e *Expr) eval(vars cel.Activation) (ref.Val, error) {
	if e.program == nil {
		return nil, fmt.Errorf("expression %q: %w", e.Source, errNotCompiled)
	}
	v, _, err := e.program.Eval(vars)
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", e.Source, err)
	}
	return v, nil
}

// numberOf is a CEL number as a Go one.
func numberOf(v ref.Val) (float64, bool) {
	switch v := v.(type) {
	case types.Double:
		return float64(v), !math.IsNaN(float64(v))
	case types.Int:
		return float64(v), true
	}
	return 0, false
}

// factsVars resolves the top-level names of an expression over a deal. Every
// name stands for the same Facts; the fields differ by the name's type.
type factsVars Facts

func (v *factsVars) ResolveName(name string) (any, bool) {
	switch name {
	case "deal", "contact", "qualification", "stage":
		return (*Facts)(v), true
	}
	return nil, false
}

func (v *factsVars) Parent() cel.Activation { return nil }

// mailVars resolves the one top-level name of a capture rule.
type mailVars Mail

func (v *mailVars) ResolveName(name string) (any, bool) { return (*Mail)(v), name == "mail" }

func (v *mailVars) Parent() cel.Activation { return nil }

// unsetDate is what a date that is not filled reads as: before every date that
// a field can hold, so that what is computed from it is recognised, and not so
// long before that a difference of dates overflows.
var unsetDate = time.Date(1850, 1, 1, 0, 0, 0, 0, time.UTC)
