package calendar

import (
	"testing"
	"time"
)

func TestOpen(t *testing.T) {
	c := office(t, "Europe/Moscow")
	always := aroundTheClock(t, "Europe/Berlin")
	for _, test := range []struct {
		name     string
		calendar *Calendar
		at       string
		next     string // the next opening; the same as at where the company is open
	}{
		{"in the morning", c, "2026-03-13 10:00", "2026-03-13 10:00"},
		{"at opening", c, "2026-03-13 09:00", "2026-03-13 09:00"},
		{"just before opening", c, "2026-03-13 08:59:59", "2026-03-13 09:00"},
		{"just before closing", c, "2026-03-13 17:59:59", "2026-03-13 17:59:59"},
		{"at closing", c, "2026-03-13 18:00", "2026-03-14 10:00"},
		{"in the break", c, "2026-03-13 13:00", "2026-03-13 14:00"},
		{"on a Sunday", c, "2026-03-15 12:00", "2026-03-16 09:00"},
		{"on a holiday", c, "2026-03-09 12:00", "2026-03-10 09:00"},
		{"in the new year", c, "2026-01-01 00:00", "2026-01-09 09:00"},
		{"on a working Sunday", c, "2026-12-27 09:30", "2026-12-27 09:30"},
		{"after a short day", c, "2026-12-30 12:00", "2026-12-31 09:00"},
		{"around the clock", always, "2026-03-15 03:00", "2026-03-15 03:00"},
		{"around the clock at midnight", always, "2026-03-15 00:00", "2026-03-15 00:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			at, next := moment(t, test.calendar, test.at), moment(t, test.calendar, test.next)
			if got := test.calendar.IsOpen(at); got != at.Equal(next) {
				t.Errorf("open at %s: %v", at, got)
			}
			if got := test.calendar.NextOpen(at); !got.Equal(next) {
				t.Errorf("next opening from %s is %s, want %s", at, got, next)
			}
		})
	}
}

func TestBetween(t *testing.T) {
	c, always := office(t, "Europe/Berlin"), aroundTheClock(t, "Europe/Berlin")
	for _, test := range []struct {
		name     string
		calendar *Calendar
		from, to string
		want     time.Duration
	}{
		{"within a span", c, "2026-03-13 10:00", "2026-03-13 10:30:15", 30*time.Minute + 15*time.Second},
		{"over the break", c, "2026-03-13 12:00", "2026-03-13 15:00", 2 * time.Hour},
		{"a whole week", c, "2026-03-16 00:00", "2026-03-23 00:00", 45 * time.Hour},
		{"over Sunday", c, "2026-03-14 14:00", "2026-03-16 10:00", 2 * time.Hour},
		{"over a Sunday that skips an hour", always, "2026-03-29 00:00", "2026-03-30 00:00", 23 * time.Hour},
		{"over a Sunday that repeats an hour", always, "2026-10-25 00:00", "2026-10-26 00:00", 25 * time.Hour},
		{"in closed hours", c, "2026-03-15 00:00", "2026-03-15 23:00", 0},
		{"at one moment", c, "2026-03-13 10:00", "2026-03-13 10:00", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			from, to := moment(t, test.calendar, test.from), moment(t, test.calendar, test.to)
			if got := test.calendar.Between(from, to); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if got := test.calendar.Sub(from, to, true); got != -test.want {
				t.Errorf("backwards %s, want %s", got, -test.want)
			}
			if got := test.calendar.Sub(to, from, false); got != to.Sub(from) {
				t.Errorf("on the wall clock %s, want %s", got, to.Sub(from))
			}
		})
	}
}

func TestDayLength(t *testing.T) {
	if got := office(t, "UTC").DayLength(); got != 8*time.Hour {
		t.Errorf("the usual day of the office is %s long, want 8h", got)
	}
	if got := aroundTheClock(t, "UTC").DayLength(); got != 24*time.Hour {
		t.Errorf("around the clock a day is %s long, want 24h", got)
	}
	d := MustParseDuration("2 business days")
	if got := d.Approx(aroundTheClock(t, "UTC")); got != 48*time.Hour {
		t.Errorf("two days around the clock are about %s, want 48h", got)
	}
}

// Hours at night lie on the changes of the clock, on a day that begins twice (St John's until 2011) and on one that never was
// (Apia in 2011).
func TestHoursAtNight(t *testing.T) {
	var spec Spec
	for d := range spec.Hours {
		spec.Hours[d] = []Span{{0, 150}, {1380, 1440}} // 00:00-02:30 and 23:00-24:00
	}
	for _, test := range []struct {
		name, zone, from, to string
		want                 time.Duration
	}{
		{"half a span is skipped", "Europe/Berlin", "2026-03-29 00:00", "2026-03-29 12:00", 2 * time.Hour},
		{"a repeated end counts once", "Europe/Berlin", "2026-10-25 00:00", "2026-10-25 12:00", 2*time.Hour + 30*time.Minute},
		{"midnight comes twice", "America/St_Johns", "2010-11-06 12:00", "2010-11-07 12:00", 4*time.Hour + 30*time.Minute},
		{"midnight is skipped", "America/Havana", "2026-03-07 12:00", "2026-03-08 12:00", 2*time.Hour + 30*time.Minute},
		{"a day is skipped", "Pacific/Apia", "2011-12-29 12:00", "2011-12-31 12:00", 3*time.Hour + 30*time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := New(zoneNamed(t, test.zone), spec)
			from, to := moment(t, c, test.from), moment(t, c, test.to)
			if got := c.Between(from, to); got != test.want {
				t.Errorf("open for %s, want %s", got, test.want)
			}
		})
	}
}

func TestHardlyEverOpen(t *testing.T) {
	var spec Spec
	spec.Hours[time.Monday] = []Span{{540, 541}}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for year := range 120 {
		for day := range 366 {
			spec.Holidays = append(spec.Holidays, DateOf(start.AddDate(year, 0, day)))
		}
	}
	c := New(time.UTC, spec)
	horizon := time.Date(2126, 1, 2, 0, 0, 0, 0, time.UTC)
	if c.IsOpen(start) {
		t.Error("open on a holiday")
	}
	if got := c.NextOpen(start); !got.Equal(horizon) {
		t.Errorf("next opening %s, want the horizon %s", got, horizon)
	}
	for _, length := range []string{"1 business minute", "1 business day"} {
		if got := c.Add(start, MustParseDuration(length)); got.Before(horizon) || got.After(horizon.AddDate(101, 0, 0)) {
			t.Errorf("%s later is %s, want the horizon", length, got)
		}
	}
	if got := c.Between(start, horizon); got != 0 {
		t.Errorf("open for %s", got)
	}
}
