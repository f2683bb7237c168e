package scenario

import (
	"bufio"
	"fmt"
	"io"
)

// momentForm is how reports write a moment, in the company's zone.
const momentForm = "2006-01-02 15:04"

// Print writes the outcome for a person: one line when all was as expected,
// else what was not and the timeline up to that moment. verbose writes the
// timeline in either case.
func (r *Report) Print(w io.Writer, verbose bool) error {
	out := bufio.NewWriter(w)
	mark := "ok   "
	if !r.OK() {
		mark = "FAIL "
	}
	fmt.Fprintf(out, "%s%s (%s)\n", mark, r.Scenario.Name, r.Scenario.Path)
	for i, f := range r.Failures {
		if i == 0 {
			fmt.Fprintf(out, "\n%s:%d: step %d, %s\n", f.Path, f.Line, f.Step, r.when(f.Step-1))
		}
		fmt.Fprintf(out, "  %s (line %d)\n    expected: %s\n    got:      %s\n", f.What, f.Line, f.Expected, f.Got)
	}
	if verbose || !r.OK() {
		fmt.Fprintln(out, "\n  What happened until then:")
		r.printTimeline(out)
		fmt.Fprintln(out)
	}
	return out.Flush()
}

// when says when a step was, as the file has it.
func (r *Report) when(i int) string {
	step := &r.Scenario.Steps[i]
	at := step.Moment.Format(momentForm)
	if step.After != nil {
		return fmt.Sprintf("%s, %s after step %d", at, step.After, i)
	}
	return at
}

// printTimeline writes what happened, with a line where each step begins.
func (r *Report) printTimeline(w io.Writer) {
	for i, done := range r.ran {
		for _, e := range r.Timeline[done.from:done.to] {
			fmt.Fprintf(w, "    %s  %-16s %s\n", e.At.In(r.Company.Calendar.Location()).Format(momentForm), e.Stage, Describe(e))
		}
		fmt.Fprintf(w, "    %s  —— step %d, line %d\n", done.step.Moment.Format(momentForm), i+1, done.step.Line)
	}
}

// Print writes what is not covered yet, each with what to expect in order to
// cover it.
func (c *Coverage) Print(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, c)
	for _, item := range c.Missed() {
		state := "not reached"
		if item.Reached {
			state = "reached, not asserted"
		}
		fmt.Fprintf(out, "  %-10s %s: %s; expect {%s}\n", item.Kind, item.Name, state, item.Assert)
	}
	return out.Flush()
}
