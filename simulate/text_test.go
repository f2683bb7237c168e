package simulate

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func TestReportForPeople(t *testing.T) {
	for name, want := range map[string][]string{
		"classic":    {"обращений", "Этап", "Квалификация", "Мария Зайцева", "Специалист по обращениям", "Перестали отвечать", "Эскалации сделок по уровням: 1 — "},
		"classic-en": {"leads", "Enquiry handler", "Stage", "Qualification", "Escalations of deals by level: 1 — "},
	} {
		r := simulated(t, shipped(t, name), nil, Config{Days: 200, Runs: 2, Seed: 1})
		var text, page bytes.Buffer
		if err := r.Print(&text); err != nil {
			t.Fatal(err)
		}
		if err := r.HTML(&page); err != nil {
			t.Fatal(err)
		}
		for _, part := range append(want, r.Summary...) {
			if !strings.Contains(text.String(), part) {
				t.Errorf("%s: the text lacks %q:\n%s", name, part, &text)
			}
		}
		for _, part := range append(r.Summary, r.People[0].RoleName) {
			if !strings.Contains(page.String(), part) {
				t.Errorf("%s: the page lacks %q", name, part)
			}
		}
		if found := regexp.MustCompile(`(?i)(https?:)?//[a-z]`).FindString(page.String()); found != "" {
			t.Errorf("%s: the page needs something from elsewhere: %s", name, found)
		}
	}
}

func TestPageKeepsNamesAsNames(t *testing.T) {
	p, s := small(t, "")
	spec := p.Spec
	spec.Name = `<script>alert(1)</script>`
	named := *p
	named.Spec = spec
	r := simulated(t, &named, s, Config{Days: 30, Runs: 1, Seed: 1})
	var page bytes.Buffer
	if err := r.HTML(&page); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "<script>") {
		t.Error("a name acts as markup")
	}
}

func TestNumbersForPeople(t *testing.T) {
	for want, got := range map[string]string{
		"0": number(0, 0), "999": number(999, 0), "1\u00a0000": number(999.6, 0), "1\u00a0234\u00a0567": number(1234567, 0),
		"−12.5": number(-12.5, 1), "1\u00a0000.5": number(1000.5, 1), "+3.0": signed(3), "−3.0": signed(-3), "0.0": signed(-0.04),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSpread(t *testing.T) {
	for name, c := range map[string]struct {
		values []float64
		want   Spread
	}{
		"nothing":        {nil, Spread{}},
		"one":            {[]float64{7}, Spread{7, 7, 7}},
		"eleven":         {[]float64{10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, Spread{1, 5, 9}},
		"between values": {[]float64{0, 10}, Spread{1, 5, 9}},
	} {
		if got := spreadOf(c.values); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
