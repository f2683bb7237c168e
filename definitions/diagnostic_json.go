package definitions

import (
	"encoding/json"
	"io"
)

// WriteJSON writes the diagnostics as an array for programs, in the order of
// their places; it is empty when there are none.
func (ds Diagnostics) WriteJSON(w io.Writer) error {
	if ds == nil {
		ds = Diagnostics{}
	}
	return writeIndented(w, ds)
}

// writeIndented writes a value as JSON that a person can read too.
func writeIndented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
