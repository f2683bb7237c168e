package calendar

import (
	"testing"
	"time"
)

// office is open on weekdays with a lunch break and shortly on Saturdays, with the holidays of a Russian year.
func office(t testing.TB, location string) *Calendar {
	t.Helper()
	var spec Spec
	for days, hours := range map[string]string{"mon-fri": "09:00-13:00, 14:00-18:00", "sat": "10:00-15:00"} {
		spans := must(t)(ParseHours(hours))
		weekdays, err := ParseDays(days)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range weekdays {
			spec.Hours[d] = spans
		}
	}
	for _, dates := range []string{"2026-01-01..2026-01-08", "2026-02-23", "2026-03-09", "2026-05-01", "2026-06-12", "2026-11-04", "2026-12-27"} {
		all, err := ParseDateRange(dates)
		if err != nil {
			t.Fatal(err)
		}
		spec.Holidays = append(spec.Holidays, all...)
	}
	spec.Working = map[Date][]Span{
		{2026, 12, 26}: must(t)(ParseHours("09:00-16:00")), // a long Saturday
		{2026, 12, 27}: must(t)(ParseHours("09:00-16:00")), // a Sunday and a holiday
		{2026, 12, 30}: must(t)(ParseHours("09:00-12:00")), // a short Wednesday
	}
	return New(zoneNamed(t, location), spec)
}

func aroundTheClock(t testing.TB, location string) *Calendar {
	return New(zoneNamed(t, location), Spec{})
}

func must(t testing.TB) func([]Span, error) []Span {
	return func(spans []Span, err error) []Span {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return spans
	}
}

func zoneNamed(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// moment reads "2026-03-20 16:45", seconds optional, on the local clock; with an offset such as +02:00 behind it, exactly.
func moment(t testing.TB, c *Calendar, s string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02 15:04Z07:00"} {
		if m, err := time.ParseInLocation(layout, s, c.Location()); err == nil {
			return m
		}
	}
	t.Fatalf("%q is not a moment", s)
	return time.Time{}
}

func TestAdd(t *testing.T) {
	moscow, berlin, newYork := office(t, "Europe/Moscow"), office(t, "Europe/Berlin"), office(t, "America/New_York")
	always := aroundTheClock(t, "Europe/Berlin")
	// 13 March 2026 is a Friday.
	for _, test := range []struct {
		name     string
		calendar *Calendar
		from     string
		add      string
		want     string
	}{
		{"wall minutes ignore hours", moscow, "2026-03-13 17:50", "30m", "2026-03-13 18:20"},
		{"wall day over a weekend", moscow, "2026-03-13 17:50", "2d", "2026-03-15 17:50"},
		{"nothing", moscow, "2026-03-14 23:00", "0m", "2026-03-14 23:00"},
		{"no days", moscow, "2026-03-14 23:00", "0d", "2026-03-14 23:00"},

		{"minutes within a span", moscow, "2026-03-13 10:00", "15 business minutes", "2026-03-13 10:15"},
		{"minutes up to the break end at the break", moscow, "2026-03-13 12:45", "15 business minutes", "2026-03-13 13:00"},
		{"a fraction past the break runs on after it", moscow, "2026-03-13 12:45:00.5", "15 business minutes", "2026-03-13 14:00:00.5"},
		{"minutes over the break", moscow, "2026-03-13 12:50", "15 business minutes", "2026-03-13 14:05"},
		{"minutes from within the break", moscow, "2026-03-13 13:20", "15 business minutes", "2026-03-13 14:15"},
		{"minutes over the night", moscow, "2026-03-12 17:50", "15 business minutes", "2026-03-13 09:05"},
		{"minutes from closing time", moscow, "2026-03-12 18:00", "15 business minutes", "2026-03-13 09:15"},
		{"minutes from the night", moscow, "2026-03-12 23:00", "15 business minutes", "2026-03-13 09:15"},
		{"minutes from before opening", moscow, "2026-03-13 03:00", "15 business minutes", "2026-03-13 09:15"},
		{"hours over a weekend", moscow, "2026-03-14 14:00", "4 business hours", "2026-03-16 12:00"},
		{"hours from Sunday", moscow, "2026-03-15 14:00", "4 business hours", "2026-03-16 13:00"},
		{"hours of a whole week", moscow, "2026-03-16 09:00", "45 business hours", "2026-03-21 15:00"},
		{"hours over the new year", moscow, "2025-12-31 17:00", "2 business hours", "2026-01-09 10:00"},
		{"hours over a short day", moscow, "2026-12-30 11:00", "2 business hours", "2026-12-31 10:00"},
		{"hours on a working Saturday", moscow, "2026-12-25 17:00", "7 business hours", "2026-12-26 15:00"},
		{"no business time from a closed hour", moscow, "2026-03-14 23:00", "0 business minutes", "2026-03-16 09:00"},
		{"no business days from an open hour", moscow, "2026-03-13 12:00", "0 business days", "2026-03-13 12:00"},
		{"no business days from a closed hour", moscow, "2026-03-14 23:00", "0 business days", "2026-03-16 09:00"},

		{"a day ends at the same time", moscow, "2026-03-12 16:30", "1 business day", "2026-03-13 16:30"},
		{"a day keeps its seconds", moscow, "2026-03-12 16:30:17", "1 business day", "2026-03-13 16:30:17"},
		{"a day is clipped to closing", moscow, "2026-03-13 16:30", "1 business day", "2026-03-14 15:00"},
		{"a day is clipped to opening", moscow, "2026-03-13 09:05", "1 business day", "2026-03-14 10:00"},
		{"a day is clipped to the end of a break", moscow, "2026-03-14 13:30", "1 business day", "2026-03-16 14:00"},
		{"a day to the start of a break ends after it", moscow, "2026-03-14 13:00", "1 business day", "2026-03-16 14:00"},
		{"a fraction past closing is dropped", moscow, "2026-03-13 15:00:00.5", "1 business day", "2026-03-14 15:00"},
		{"days over Sunday", moscow, "2026-03-13 12:00", "2 business days", "2026-03-16 12:00"},
		{"a day from the evening counts from the morning", moscow, "2026-03-12 20:00", "1 business day", "2026-03-14 10:00"},
		{"a day from closing time counts from the morning", moscow, "2026-03-11 18:00", "1 business day", "2026-03-13 09:00"},
		{"a day from the break counts from its end", moscow, "2026-03-12 13:20", "1 business day", "2026-03-13 14:00"},
		{"a day from Sunday counts from Monday", moscow, "2026-03-15 11:00", "1 business day", "2026-03-17 09:00"},
		{"a day over a holiday", moscow, "2026-03-07 11:00", "1 business day", "2026-03-10 11:00"},
		{"a day from a holiday", moscow, "2026-03-09 11:00", "1 business day", "2026-03-11 09:00"},
		{"a day over the new year", moscow, "2025-12-31 11:00", "1 business day", "2026-01-09 11:00"},
		{"a day to a working Saturday", moscow, "2026-12-25 15:30", "1 business day", "2026-12-26 15:30"},
		{"a working day wins over a holiday", moscow, "2026-12-26 15:30", "1 business day", "2026-12-27 15:30"},
		{"a day to a short day", moscow, "2026-12-29 17:00", "1 business day", "2026-12-30 12:00"},
		{"a day from the end of a short day", moscow, "2026-12-30 12:30", "1 business day", "2027-01-01 09:00"},
		{"days of a year without Sundays", moscow, "2027-02-01 12:00", "6 business days", "2027-02-08 12:00"},

		{"leap day by calendar days", moscow, "2028-02-28 12:00", "1d", "2028-02-29 12:00"},
		{"over the leap day by business days", moscow, "2028-02-28 12:00", "2 business days", "2028-03-01 12:00"},
		{"no leap day", moscow, "2027-02-28 12:00", "1d", "2027-03-01 12:00"},

		// Berlin skips 02:00-03:00 on 29 March 2026 and repeats it on 25 October.
		{"day over the gap", berlin, "2026-03-28 12:00", "1d", "2026-03-29 12:00"},
		{"day into the gap", berlin, "2026-03-28 02:30", "1d", "2026-03-29 03:00"},
		{"day into the gap drops seconds", berlin, "2026-03-28 02:30:59", "1d", "2026-03-29 03:00"},
		{"week over the gap", berlin, "2026-03-26 02:30", "1w", "2026-04-02 02:30"},
		{"24 hours over the gap", berlin, "2026-03-28 12:00", "24h", "2026-03-29 13:00"},
		{"day into the overlap", berlin, "2026-10-24 02:30", "1d", "2026-10-25 02:30+02:00"},
		{"day from the first of the overlap", berlin, "2026-10-25 02:30+02:00", "1d", "2026-10-26 02:30"},
		{"day from the second of the overlap", berlin, "2026-10-25 02:30+01:00", "1d", "2026-10-26 02:30"},
		{"24 hours over the overlap", berlin, "2026-10-24 12:00", "24h", "2026-10-25 11:00"},
		{"business day over the gap", berlin, "2026-03-28 11:00", "1 business day", "2026-03-30 11:00"},
		{"business hours over the gap", berlin, "2026-03-28 14:00", "2 business hours", "2026-03-30 10:00"},
		{"business day over the overlap", berlin, "2026-10-24 11:00", "1 business day", "2026-10-26 11:00"},
		{"open hours in the gap", always, "2026-03-29 01:30", "1 business hour", "2026-03-29 03:30"},
		{"open hours in the overlap", always, "2026-10-25 01:30", "2 business hours", "2026-10-25 02:30+01:00"},
		{"open around the clock, days are days", always, "2026-03-28 02:30", "1 business day", "2026-03-29 03:00"},

		{"New York, day over the gap", newYork, "2026-03-07 12:00", "1d", "2026-03-08 12:00"},
		{"New York, 24 hours over the gap", newYork, "2026-03-07 12:00", "24h", "2026-03-08 13:00"},
		{"New York, day over the overlap", newYork, "2026-10-31 12:00", "1d", "2026-11-01 12:00"},
		{"New York, business hours over the overlap", newYork, "2026-10-31 14:00", "2 business hours", "2026-11-02 10:00"},
		{"Moscow has no gap", moscow, "2026-03-28 12:00", "24h", "2026-03-29 12:00"},

		{"past the table of zones", berlin, "2140-03-25 02:30", "2d", "2140-03-27 03:00"},
		{"the last day of a leap year", berlin, "2040-12-31 12:00", "1 business day", "2041-01-01 12:00"},
		{"the last day of a leap year past the table", berlin, "2128-12-31 12:00", "2d", "2129-01-02 12:00"},
		{"before the table of zones", berlin, "1950-06-01 12:00", "1d", "1950-06-02 12:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			from, want := moment(t, test.calendar, test.from), moment(t, test.calendar, test.want)
			got := test.calendar.Add(from.UTC(), MustParseDuration(test.add))
			if !got.Equal(want) {
				t.Errorf("%s + %s = %s, want %s", from, test.add, got, want)
			}
			if got.Location() != test.calendar.Location() {
				t.Errorf("the answer is in %s, want the zone of the calendar", got.Location())
			}
		})
	}
}
