package deal

import "fmt"

// conflict refuses a change that does not fit the deal's state.
func conflict(format string, args ...any) *Refusal {
	return &Refusal{Problems: []Problem{{Message: fmt.Sprintf(format, args...)}}}
}

// invalid refuses a change that is wrong in itself.
func invalid(field, format string, args ...any) *Refusal {
	return &Refusal{Invalid: true, Problems: []Problem{{Field: field, Message: fmt.Sprintf(format, args...)}}}
}
