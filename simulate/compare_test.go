package simulate

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"
)

func runs(won ...int) *Report {
	r := &Report{Name: "x", Label: "x", Days: 365, Runs: len(won), Seed: 1, From: time.Unix(0, 0)}
	for _, n := range won {
		r.PerRun = append(r.PerRun, RunFigures{Won: n})
	}
	return r
}

func TestIntervals(t *testing.T) {
	other := runs(14, 15, 17, 19)
	other.Seed = 2
	for name, c := range map[string]struct {
		a, b            *Report
		diff, low, high float64
		sure, paired    bool
	}{
		// The differences are 4, 3, 3 and 3: 3.25 ± 3.182 × 0.5 / 2.
		"the same clients": {runs(10, 12, 14, 16), runs(14, 15, 17, 19), 3.25, 2.45, 4.05, true, true},
		// Welch: variances 6.667 and 4.917, 5.87 degrees of freedom, taken as 5: 3.25 ± 2.571 × 1.702.
		"other clients": {runs(10, 12, 14, 16), other, 3.25, -1.12, 7.62, false, false},
		"no difference": {runs(1, 2, 3), runs(1, 2, 3), 0, 0, 0, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Compare(c.a, c.b)
			if err != nil {
				t.Fatal(err)
			}
			d := got.Figures[0]
			if d.Diff != c.diff || math.Abs(d.Low-c.low) > 0.011 || math.Abs(d.High-c.high) > 0.011 || d.Sure != c.sure || got.Paired != c.paired {
				t.Errorf("difference %+v, paired %v; want %+v", d, got.Paired, c)
			}
		})
	}
}

func TestCompareRefuses(t *testing.T) {
	if _, err := Compare(runs(1), runs(1, 2)); err == nil {
		t.Error("one run has a confidence interval")
	}
	b := runs(1, 2)
	b.Days = 30
	if _, err := Compare(runs(1, 2), b); err == nil {
		t.Error("a year is compared with a month")
	}
}

func TestStudent(t *testing.T) {
	// Quantiles as any table of the distribution gives them.
	for freedom, want := range map[float64]float64{1: 12.706, 5: 2.571, 10: 2.228, 11: 2.201, 19: 2.093, 30: 2.042, 120: 1.980} {
		if got := student(freedom); math.Abs(got-want) > 0.002 {
			t.Errorf("student(%v) = %v, want %v", freedom, got, want)
		}
	}
}

// A ladder that gives up at once loses clients who would have bought, and the
// comparison says so.
func TestHastyLadderWinsLess(t *testing.T) {
	settings := "length: {median: 8w}\nclient: {reply: 10%}\n"
	patient, s := build(t, smallProcess, settings)
	hasty, _ := build(t, strings.ReplaceAll(smallProcess, "{after: 10 business days, lose: silent}", "{after: 3 business days, lose: silent}"), settings)
	cfg := Config{Days: 365, Runs: 6, Seed: 1, LeadsPerWeek: 5}
	cfg.Label = "patient"
	a := simulated(t, patient, s, cfg)
	cfg.Label = "hasty"
	b := simulated(t, hasty, s, cfg)
	c, err := Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	won := c.Figures[0]
	if !won.Sure || won.Diff >= 0 || !strings.HasPrefix(c.Summary[0], "hasty wins less than patient: −") {
		t.Errorf("%+v: %s", won, c.Summary)
	}
	for _, f := range c.Figures {
		if f.Name == "missed" && (!f.Sure || f.Diff <= 0) {
			t.Errorf("the hasty ladder misses %+v", f)
		}
	}
	var text, page bytes.Buffer
	if err := c.Print(&text); err != nil {
		t.Fatal(err)
	}
	if err := c.HTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hasty", "patient", "95% interval", c.Summary[0]} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, &text)
		}
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
