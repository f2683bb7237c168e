package scenario_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/scenario"
)

// missed runs one scenario and returns the names of what it does not cover.
func missed(t *testing.T, steps string) []string {
	t.Helper()
	r := run(t, kitchen, steps)
	if !r.OK() {
		t.Fatal(printed(r))
	}
	var names []string
	for _, item := range scenario.Cover(r.Company, []*scenario.Report{r})[0].Missed() {
		names = append(names, item.Name)
	}
	return names
}

func TestCoverageCountsWhatIsReachedAndAsserted(t *testing.T) {
	tests := []struct{ name, steps, item string }{
		{"a stage", "  - {after: 1h, expect: {stage: qualification}}\n", "qualification"},
		{"a letter", "  - {after: 2 business days, expect: {sent: [reminder]}}\n", "reminder in qualification"},
		{"a way on a trigger", "  - {after: 1h, bounce: true, expect: {status: lost}}\n", "qualification → lost on bounce"},
		{
			"a way by hand", "  - {after: 1h, move: {to: presentation, force: true, reason: x}}\n  - {after: 1h, move: {to: won, force: true, reason: x}, expect: {status: won}}\n",
			"presentation → won",
		},
		{"a level that notifies", "  - {after: 5 business days, expect: {notified: [ivan@kuhni-dom.test, anna@kuhni-dom.test]}}\n", "level 1 of ladder"},
		{"a level by its number", "  - {after: 6 business days, expect: {level: 2}}\n", "level 2 of ladder"},
		{"a level that reassigns", "  - {after: 8 business days, expect: {owner: anna@kuhni-dom.test}}\n", "level 3 of ladder"},
		{"a level that loses", "  - {after: 20 business days, expect: {reason: no_response}}\n", "level 4 of ladder"},
		{"a task's level", "  - {after: 1h, expect: {notified: [anna@kuhni-dom.test]}}\n", "level 1 of task first-call"},
		{"a recycle", "  - {after: 1h, move: {to: lost, reason: no_response}}\n  - {after: 90d, expect: {visit: 2}}\n", "to qualification"},
		{"an end", "  - {after: 1h, move: {to: won, force: true, reason: x}}\n  - {after: 14d, expect: {closed: true}}\n", "aftercare → done after 14d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := missed(t, lead+tt.steps); slices.Contains(got, tt.item) {
				t.Errorf("%q is not covered; missed: %q", tt.item, got)
			}
			// The same story without its expectations covers nothing.
			silent := ""
			for _, line := range strings.SplitAfter(tt.steps, "\n") {
				if at := strings.Index(line, ", expect:"); at >= 0 {
					line = line[:at] + "}\n"
				}
				silent += line
			}
			if got := missed(t, lead+silent); !slices.Contains(got, tt.item) {
				t.Errorf("%q is covered though nothing expects it", tt.item)
			}
		})
	}
}

func TestCoverageSaysWhatIsLeft(t *testing.T) {
	r := run(t, kitchen, lead+"  - {after: 1h, expect: {owner: ivan@kuhni-dom.test}}\n")
	var out strings.Builder
	scenario.Cover(r.Company, []*scenario.Report{r})[0].Print(&out)
	for _, want := range []string{
		"sales: 0% covered, 0 of 16",
		"stage      qualification: reached, not asserted; expect {stage: qualification}",
		"transition presentation → lost on signal:gone: not reached; expect {status: lost}",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no line %q in:\n%s", want, &out)
		}
	}
}
