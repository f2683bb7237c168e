package definitions

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity is how bad a diagnostic is.
type Severity string

// An error keeps a company from being used; a warning does not.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Diagnostic is one fault of one file.
type Diagnostic struct {
	Path     string   `json:"path"`
	Line     int      `json:"line"` // from 1
	Col      int      `json:"col"`  // in runes, from 1
	Message  string   `json:"message"`
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	Snippet  string   `json:"snippet,omitempty"` // the line of the file, without its end
}

// String is the diagnostic on one line: path:line:col: message [code].
func (d Diagnostic) String() string {
	return fmt.Sprintf("%s:%d:%d: %s [%s]", d.Path, d.Line, d.Col, d.Message, d.Code)
}

// Diagnostics are the faults of one run, sorted by place.
type Diagnostics []Diagnostic

// HasErrors reports whether any of them is more than a warning.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == SeverityError })
}

// Merge makes one sorted list of several.
func Merge(lists ...Diagnostics) Diagnostics { return slices.Concat(lists...).sorted() }

// sorted puts diagnostics in the order of their places and drops repetitions,
// which an alias that is used twice brings about.
func (ds Diagnostics) sorted() Diagnostics {
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(ds)
}
