package calendar

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for _, test := range []struct {
		source, want string
		business     bool
		approx       time.Duration
	}{
		{"90s", "90s", false, 90 * time.Second},
		{"0m", "0m", false, 0},
		{"30m", "30m", false, 30 * time.Minute},
		{"4h", "4h", false, 4 * time.Hour},
		{"2d", "2d", false, 48 * time.Hour},
		{" 1w ", "1w", false, 168 * time.Hour},
		{"15 business minutes", "15 business minutes", true, 15 * time.Minute},
		{"1  business\thour", "1 business hour", true, time.Hour},
		{"2 business hour", "2 business hours", true, 2 * time.Hour},
		{"1 business days", "1 business day", true, 8 * time.Hour},
		{"0 business days", "0 business days", true, 0},
		{"3660d", "3660d", false, 3660 * 24 * time.Hour},
		{"3660 business days", "3660 business days", true, 3660 * 8 * time.Hour},
	} {
		d, err := ParseDuration(test.source)
		if err != nil {
			t.Errorf("%q: %v", test.source, err)
			continue
		}
		if d.String() != test.want || d.IsBusiness() != test.business || d.Approx(nil) != test.approx || d.IsZero() != (test.approx == 0) {
			t.Errorf("%q: %q, business %v, about %s, zero %v", test.source, d, d.IsBusiness(), d.Approx(nil), d.IsZero())
		}
	}
}

// A fault is an input and what its error must say.
type fault struct{ source, want string }

func checkFaults(t *testing.T, parse func(string) error, faults []fault) {
	t.Helper()
	for _, f := range faults {
		if err := parse(f.source); err == nil {
			t.Errorf("%q is taken, want an error with %q", f.source, f.want)
		} else if !strings.Contains(err.Error(), f.want) {
			t.Errorf("%q: %v, want an error with %q", f.source, err, f.want)
		}
	}
}

func TestParseDurationFaults(t *testing.T) {
	checkFaults(t, func(s string) error { _, err := ParseDuration(s); return err }, []fault{
		{"", "is missing"},
		{"   ", "is missing"},
		{"-5m", "negative"},
		{"5", "write a whole number and a unit"},
		{"soon", "write a whole number and a unit"},
		{"5 moons", "write a whole number and a unit"},
		{"business day", "write a whole number and a unit"},
		{"0", `did you mean "0m"?`},
		{"1h30m", `did you mean "90m"?`},
		{"1.5h", `did you mean "90m"?`},
		{"1m30s", `did you mean "90s"?`},
		{"5 days", `did you mean "5d"?`},
		{"30 min", `did you mean "30m"?`},
		{"2D", `did you mean "2d"?`},
		{"3 d", `did you mean "3d"?`},
		{"03d", `did you mean "3d"?`},
		{"+3h", `did you mean "3h"?`},
		{"3 working days", `did you mean "3 business days"?`},
		{"1 Business Day", `did you mean "1 business day"?`},
		{"3bd", `did you mean "3 business days"?`},
		{"15 business min", `did you mean "15 business minutes"?`},
		{"1ms", "write a whole number and a unit"},
		{"3661d", `the most is "3660d"`},
		{"523w", `the most is "522w"`},
		{"3661 business days", `the most is "3660 business days"`},
		{"99999999999999999999s", `the most is "316224000s"`},
		{"99999999999999999999 days", "write a whole number and a unit"},
		{"３d", "write a whole number and a unit"},
	})
}

func TestDurationInJSON(t *testing.T) {
	type step struct{ After, Due Duration }
	var got step
	if err := json.Unmarshal([]byte(`{"After": "1w", "Due": "2 business days"}`), &got); err != nil {
		t.Fatal(err)
	}
	if want := (step{MustParseDuration("1w"), MustParseDuration("2 business days")}); got != want {
		t.Errorf("read %v, want %v", got, want)
	}
	text, err := json.Marshal(got)
	if want := `{"After":"1w","Due":"2 business days"}`; err != nil || string(text) != want {
		t.Errorf("wrote %s (%v), want %s", text, err, want)
	}
	if err := json.Unmarshal([]byte(`{"After": "2 days"}`), &got); err == nil {
		t.Error("a faulty duration is taken")
	}
}

func TestParseHours(t *testing.T) {
	for source, want := range map[string][]Span{
		"09:00-18:00":                  {{540, 1080}},
		"09:00-13:00, 14:00-18:00":     {{540, 780}, {840, 1080}},
		"14:00-18:00,9:00-13:00":       {{540, 780}, {840, 1080}},
		"00:00-24:00":                  {{0, 1440}},
		" 09:00 - 13:00 , 13:00-14:30": {{540, 780}, {780, 870}},
	} {
		if got, err := ParseHours(source); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v (%v), want %v", source, got, err, want)
		}
	}
	checkFaults(t, func(s string) error { _, err := ParseHours(s); return err }, []fault{
		{"", "hours are missing"},
		{"closed", "write hours such as"},
		{"09:00", "write hours such as"},
		{"9-18", "write it as 09:00"},
		{"09:00-1800", "write it as 09:00"},
		{"09:0-18:00", "write it as 09:00"},
		{"009:00-18:00", "write it as 09:00"},
		{"+9:00-18:00", "write it as 09:00"},
		{"09:60-18:00", "there is no time of day"},
		{"09:00-24:01", "there is no time of day"},
		{"09:00-25:00", "there is no time of day"},
		{"18:00-09:00", "end before they start"},
		{"22:00-00:00", "midnight at the end of a day is 24:00"},
		{"09:00-09:00", "are empty"},
		{"24:00-24:00", "are empty"},
		{"09:00-13:00, 12:59-18:00", "09:00-13:00 and 12:59-18:00 overlap"},
		{"09:00-18:00, 10:00-11:00, 12:00-13:00", "overlap"},
		{"09:00-13:00,", "write hours such as"},
	})
}

func TestParseDays(t *testing.T) {
	const sun, mon, tue, wed, thu, fri, sat = time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday
	for source, want := range map[string][]time.Weekday{
		"sat":          {sat},
		"mon-fri":      {mon, tue, wed, thu, fri},
		"Mon, wed":     {mon, wed},
		"mon,thu-fri":  {mon, thu, fri},
		"fri-mon":      {fri, sat, sun, mon},
		"mon - sun":    {mon, tue, wed, thu, fri, sat, sun},
		"tue-tue, sun": {tue, sun},
	} {
		if got, err := ParseDays(source); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v (%v), want %v", source, got, err, want)
		}
	}
	checkFaults(t, func(s string) error { _, err := ParseDays(s); return err }, []fault{
		{"", "days are missing"},
		{"monday", `did you mean "mon"?`},
		{"mon-frid", `did you mean "fri"?`},
		{"weekdays", "write days such as"},
		{"mon-", "write days such as"},
		{"mon,,fri", "write days such as"},
		{"mon-fri, wed", "name wed twice"},
	})
}

func TestParseDates(t *testing.T) {
	for source, want := range map[string]string{
		"2026-02-23":               "2026-02-23",
		"2028-02-29":               "2028-02-29",
		"2026-12-30..2027-01-02":   "2026-12-30 2026-12-31 2027-01-01 2027-01-02",
		"2028-02-28 .. 2028-03-01": "2028-02-28 2028-02-29 2028-03-01",
		"2026-05-01..2026-05-01":   "2026-05-01",
	} {
		dates, err := ParseDateRange(source)
		var texts []string
		for _, d := range dates {
			texts = append(texts, d.String())
		}
		if got := strings.Join(texts, " "); err != nil || got != want {
			t.Errorf("%q: %s (%v), want %s", source, got, err, want)
		}
	}
	checkFaults(t, func(s string) error { _, err := ParseDateRange(s); return err }, []fault{
		{"", "write it as 2026-12-31"},
		{"23.02.2026", "write it as 2026-12-31"},
		{"2026-2-3", "write it as 2026-12-31"},
		{"2026-02-30", "there is no date"},
		{"2027-02-29", "there is no date"},
		{"2026-13-01", "there is no date"},
		{"2026-01-08..2026-01-01", "write 2026-01-01..2026-01-08"},
		{"2026-01-01..", "write it as 2026-12-31"},
		{"2026-01-01..2062-01-08", "look at its years"},
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"30m", "1 business day", "2 days", "1h30m", "-1s", "99999999999999999999w"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			if _, suggestion, found := strings.Cut(err.Error(), "did you mean "); found {
				unquoted := strings.Trim(suggestion, `"?`)
				if _, err := ParseDuration(unquoted); err != nil {
					t.Errorf("%q: the suggestion %q is refused: %v", s, unquoted, err)
				}
			}
			return
		}
		if again, err := ParseDuration(d.String()); err != nil || again != d {
			t.Errorf("%q reads as %q, and that as %q (%v)", s, d, again, err)
		}
		if d.Approx(nil) < 0 || d.Approx(nil) > longestDays*24*time.Hour {
			t.Errorf("%q is about %s long", s, d.Approx(nil))
		}
	})
}

func FuzzParseSpec(f *testing.F) {
	for _, s := range []string{"09:00-13:00, 14:00-18:00", "00:00-24:00", "mon-fri", "fri-mon, wed", "2026-01-01..2026-01-08", "2026-02-30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		spans, err := ParseHours(s)
		if (err == nil) != (len(spans) > 0) {
			t.Errorf("hours %q: %v, %v", s, spans, err)
		}
		end := 0
		for _, span := range spans {
			if span.From < end || span.To <= span.From || span.To > dayMinutes {
				t.Errorf("hours %q read as %v", s, spans)
			}
			end = span.To
		}
		if days, err := ParseDays(s); (err == nil) != (len(days) > 0) || len(days) > 7 {
			t.Errorf("days %q: %v, %v", s, days, err)
		}
		dates, err := ParseDateRange(s)
		if (err == nil) != (len(dates) > 0) || len(dates) > longestRange {
			t.Errorf("dates %q: %d of them, %v", s, len(dates), err)
		}
		for i := 1; i < len(dates); i++ {
			if dates[i].number() != dates[i-1].number()+1 {
				t.Errorf("dates %q: %s follows %s", s, dates[i], dates[i-1])
			}
		}
	})
}
