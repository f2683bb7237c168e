package scenario

import (
	"slices"

	"github.com/dealwright/dealwright/definitions"
)

// Text is a single value as it is written, whatever YAML takes it for.
type Text string

// Scalar is a value of a field as it is written; Empty says that there is none.
type Scalar struct {
	Text  string
	Empty bool
}

// Flag is something that happens without any detail: true in YAML.
type Flag struct{}

// Tasks is what is expected of the deal's tasks: Open for all that are open,
// or Status of those named.
type Tasks struct {
	Open   []string
	Status map[string]string
}

// Refused is what is expected of the answer to a change that is not allowed;
// an empty Text takes any.
type Refused struct {
	Not  bool
	Text string
}

var taskStatuses = []string{"open", "done", "overdue", "waived", "cancelled", "none"}

func init() {
	definitions.ReadAs(readText)
	definitions.ReadAs(readScalar)
	definitions.ReadAs(readFlag)
	definitions.ReadAs(readTasks)
	definitions.ReadAs(readRefused)
	definitions.ReadAs(readSet)
	definitions.ReadAs(short(func(text string) Reply { return Reply{Body: Text(text)} }, true))
	definitions.ReadAs(short(func(string) Bounce { return Bounce{} }, true))
	definitions.ReadAs(short(func(text string) Complete { return Complete{Task: text} }, false))
	definitions.ReadAs(short(func(text string) Move { return Move{To: text} }, false))
	definitions.ReadAs(short(func(text string) Signal { return Signal{Name: text} }, false))
	definitions.ReadAs(short(func(text string) Pause { return Pause{Until: Text(text)} }, true))
	definitions.ReadAs(short(func(text string) Reopen { return Reopen{To: text} }, true))
}

func readText(v definitions.Value, out *Text) {
	if text, ok := v.Text("text"); ok {
		*out = Text(text)
	}
}

func readScalar(v definitions.Value, out *Scalar) {
	if v.IsEmpty() {
		out.Empty = true
		return
	}
	out.Text, _ = v.Text("a value")
	out.Empty = out.Text == ""
}

func readFlag(v definitions.Value, _ *Flag) {
	if yes, ok := v.Bool(); !ok || !yes {
		v.Fault(definitions.CodeBoolean, "true is expected here: leave the key out if it does not happen")
	}
}

// short reads a structure that may be written as one value. Where that value is
// a text, make takes it; where it may be true as well, make gets "".
func short[T any](make func(text string) T, flag bool) func(definitions.Value, *T) {
	return func(v definitions.Value, out *T) {
		if !v.IsScalar() {
			v.Decode(out)
			return
		}
		if yes, isBool := v.Bool(); flag && isBool {
			if !yes {
				v.Fault(definitions.CodeBoolean, "true is expected here: leave the key out if it does not happen")
			}
			*out = make("")
			return
		}
		if text, ok := v.Text("a name, or keys and values"); ok {
			*out = make(text)
		}
	}
}

// readSet takes {fields, contact, owner}, or the fields themselves.
func readSet(v definitions.Value, out *Set) {
	if v.Has("fields", "contact", "owner") {
		v.Decode(out)
		return
	}
	out.short = true
	v.Decode(&out.Fields)
}

func readTasks(v definitions.Value, out *Tasks) {
	switch {
	case v.IsList():
		v.Decode(&out.Open)
		return
	case v.IsScalar():
		id, _ := v.Text("a list of tasks, or tasks and their statuses")
		out.Open = []string{id}
		return
	}
	v.Decode(&out.Status)
	for id, status := range out.Status {
		if status != "" && !slices.Contains(taskStatuses, status) {
			v.Fault(definitions.CodeUnknownValue, "task %q: unknown status %q%s", id, status, definitions.OneOf(status, taskStatuses))
		}
	}
}

func readRefused(v definitions.Value, out *Refused) {
	if yes, ok := v.Bool(); ok {
		out.Not = !yes
		return
	}
	out.Text, _ = v.Text("true, or a part of the answer")
}
