package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// keys are the keys of an expectation.
var keys = []string{
	"stage", "status", "owner", "reason", "stalled", "level", "visit", "paused", "closed", "amount", "score", "fields",
	"tasks", "documents", "blocking", "sent", "notified", "refused",
}

// check compares the deal with what is expected after the step.
func (r *run) check(e *Expect) {
	s := r.state
	if e.Refused != nil {
		r.checkRefused(e.Refused)
	}
	if e.Stage != "" {
		r.same("stage", e.Stage, s.Stage)
	}
	if e.Status != "" {
		r.same("status", e.Status, s.Status)
	}
	compare(r, "owner", e.Owner, s.Owner)
	compare(r, "reason", e.Reason, s.LostReason)
	compare(r, "stalled", e.Stalled, s.Stalled())
	compare(r, "level", e.Level, s.Level)
	compare(r, "visit", e.Visit, s.Visit)
	compare(r, "paused", e.Paused, s.Paused())
	compare(r, "closed", e.Closed, s.Closed())
	compare(r, "amount", e.Amount, s.Amount(r.p))
	compare(r, "score", e.Score, s.Facts(r.p).Score)
	for _, id := range slices.Sorted(maps.Keys(e.Fields)) {
		r.checkField(id, e.Fields[id])
	}
	if e.Tasks != nil {
		r.checkTasks(e.Tasks)
	}
	if e.Documents != nil {
		var have []string
		for _, d := range s.Documents {
			have = append(have, d.ID)
		}
		r.sameSet("documents", e.Documents, have)
	}
	if e.Blocking != nil {
		r.checkBlocking(e.Blocking)
	}
	if e.Sent != nil {
		var sent []string
		for _, l := range r.report.Letters[r.letters:] {
			sent = append(sent, l.ID)
		}
		r.same("sent", list(e.Sent), list(sent))
	}
	if e.Notified != nil {
		r.sameSet("notified", e.Notified, notified(r.report.Timeline[r.seen:]))
	}
}

// compare checks a value that is expected only where it is given.
func compare[T comparable](r *run, what string, expected *T, got T) {
	if expected != nil && *expected != got {
		r.fail(what, show(*expected), show(got))
	}
}

func (r *run) same(what, expected, got string) {
	if expected != got {
		r.fail(what, show(expected), show(got))
	}
}

// sameSet compares two lists whatever their order.
func (r *run) sameSet(what string, expected, got []string) {
	sorted := func(names []string) string {
		names = slices.Clone(names)
		slices.Sort(names)
		return list(slices.Compact(names))
	}
	r.same(what, sorted(expected), sorted(got))
}

func list(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

func show(v any) string {
	if v == "" {
		return "none"
	}
	return fmt.Sprint(v)
}

func (r *run) checkRefused(want *Refused) {
	switch {
	case want.Not:
		return // an answer of no was reported before
	case r.refused == nil:
		r.fail("refused", "the change is refused: "+show(want.Text), "it was allowed")
	case !strings.Contains(r.refused.Error(), want.Text):
		r.fail("refused", want.Text, r.refused.Error())
	}
}

// checkField compares a field with the value as the file has it, read by the
// field's type.
func (r *run) checkField(id string, want Scalar) {
	got := r.state.Fields[id]
	if want.Empty {
		if r.p.Filled(r.state.Fields, id) {
			r.fail("fields", id+": not filled", fmt.Sprintf("%s: %v", id, got))
		}
		return
	}
	var expected any
	var err error
	if f := r.p.Field(id); f.Compute == nil {
		expected, err = r.p.CheckField(id, want.Text)
	} else if expected, err = computed(f, want.Text); err != nil {
		err = fmt.Errorf("%q is no value of type %s", want.Text, f.Type)
	}
	switch {
	case err != nil:
		r.fail("fields", "a value of the field's type", err.Error())
	case expected != got && got == nil:
		r.fail("fields", fmt.Sprintf("%s: %v", id, expected), id+": not filled")
	case expected != got:
		r.fail("fields", fmt.Sprintf("%s: %v", id, expected), fmt.Sprintf("%s: %v", id, got))
	}
}

// computed reads a value of a computed field, which nobody may write.
func computed(f *definitions.Field, text string) (any, error) {
	switch f.Type {
	case definitions.TypeNumber, definitions.TypeMoney:
		return strconv.ParseFloat(text, 64)
	case definitions.TypeBool:
		return strconv.ParseBool(text)
	}
	return text, nil
}

func (r *run) checkTasks(want *Tasks) {
	if want.Status == nil {
		var open []string
		for _, t := range r.state.Tasks {
			if t.Status == deal.TaskOpen {
				open = append(open, t.ID)
			}
		}
		r.sameSet("tasks", want.Open, open)
		return
	}
	for _, id := range slices.Sorted(maps.Keys(want.Status)) {
		got := r.taskStatus(id)
		if expected := want.Status[id]; expected != got && (expected != "open" || got != "overdue") {
			r.fail("tasks", id+": "+expected, id+": "+got)
		}
	}
}

// taskStatus is the status of the newest task of that id; an open task that is
// past its time is overdue.
func (r *run) taskStatus(id string) string {
	status := "none"
	for _, t := range r.state.Tasks {
		if t.ID == id {
			if status = t.Status; status == deal.TaskOpen && t.Overdue {
				status = "overdue"
			}
		}
	}
	return status
}

func (r *run) checkBlocking(want []string) {
	blocked := deal.Blocked(r.p, r.state)
	var messages []string
	for _, b := range blocked {
		messages = append(messages, b.Message)
	}
	if len(want) == 0 {
		r.same("blocking", "[]", list(messages))
		return
	}
	for _, w := range want {
		named := func(b deal.Blocking) bool {
			return w == b.Task || w == b.Field || w == b.Document || strings.Contains(b.Message, w)
		}
		if !slices.ContainsFunc(blocked, named) {
			r.fail("blocking", show(w), list(messages))
		}
	}
}

// notified are the people who got a notice about the deal's ladder or a task's.
func notified(entries []deal.Entry) []string {
	var people []string
	for _, e := range entries {
		if about := e.Data["about"]; e.Type == "notified" && (about == "stalled" || about == "task_overdue") {
			people = append(people, fmt.Sprint(e.Data["to"]))
		}
	}
	return people
}
