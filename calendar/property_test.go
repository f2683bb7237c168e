package calendar

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var testZones = []string{"UTC", "Europe/Moscow", "Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"}

// drawCalendar is any calendar that is open for an hour a week but for its holidays, so that no sum comes to the horizon.
func drawCalendar(t *rapid.T) *Calendar {
	loc, err := time.LoadLocation(rapid.SampledFrom(testZones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	var spec Spec
	for d := range spec.Hours {
		spec.Hours[d] = drawSpans(t, fmt.Sprint(time.Weekday(d)))
	}
	sure := rapid.IntRange(0, 6).Draw(t, "surely open")
	from := rapid.IntRange(0, dayMinutes-60).Draw(t, "surely from")
	spec.Hours[sure] = []Span{{from, rapid.IntRange(from+60, dayMinutes).Draw(t, "surely to")}}
	for i := range rapid.IntRange(0, 20).Draw(t, "holidays") {
		spec.Holidays = append(spec.Holidays, drawDate(t, fmt.Sprint("holiday ", i)))
	}
	spec.Working = map[Date][]Span{}
	for i := range rapid.IntRange(0, 5).Draw(t, "working days") {
		spec.Working[drawDate(t, fmt.Sprint("working day ", i))] = drawSpans(t, fmt.Sprint("working hours ", i))
	}
	return New(loc, spec)
}

func drawSpans(t *rapid.T, label string) []Span {
	var spans []Span
	from := 0
	for range rapid.IntRange(0, 3).Draw(t, label+" spans") {
		if from >= dayMinutes {
			break
		}
		s := Span{From: rapid.IntRange(from, dayMinutes-1).Draw(t, label+" from")}
		s.To = rapid.IntRange(s.From+1, dayMinutes).Draw(t, label+" to")
		spans = append(spans, s)
		from = s.To
	}
	return spans
}

func drawDate(t *rapid.T, label string) Date {
	day := rapid.IntRange(0, 800).Draw(t, label)
	return DateOf(time.Date(2026, 1, 1+day, 0, 0, 0, 0, time.UTC))
}

func drawMoment(t *rapid.T, label string) time.Time {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := start.Add(time.Duration(rapid.Int64Range(0, 2*365*daySeconds).Draw(t, label)) * time.Second)
	if rapid.Bool().Draw(t, label+" has a fraction") {
		at = at.Add(time.Duration(rapid.Int64Range(1, int64(time.Second)-1).Draw(t, label+" fraction")))
	}
	return at
}

func drawDuration(t *rapid.T, label string, most int64, of ...unit) Duration {
	return Duration{rapid.Int64Range(0, most).Draw(t, label), rapid.SampledFrom(of).Draw(t, label+" unit")}
}

func TestAddNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, at := drawCalendar(t), drawMoment(t, "at")
		d := drawDuration(t, "length", 100, second, minute, hour, day, week, businessMinute, businessHour, businessDay)
		if got := c.Add(at, d); got.Before(at) {
			t.Fatalf("%s + %s = %s", at, d, got)
		}
	})
}

// A later start never ends earlier. Days are exempt in an hour that the clocks repeat: there a time of day does not say which is later.
func TestAddIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, a, b := drawCalendar(t), drawMoment(t, "a"), drawMoment(t, "b")
		if rapid.Bool().Draw(t, "near") {
			b = a.Add(time.Duration(rapid.Int64Range(0, 2*daySeconds).Draw(t, "gap")) * time.Second)
		}
		if b.Before(a) {
			a, b = b, a
		}
		units := []unit{second, minute, hour, businessMinute, businessHour}
		if !repeated(c, a) && !repeated(c, b) && !repeated(c, c.NextOpen(a)) && !repeated(c, c.NextOpen(b)) {
			units = append(units, day, week, businessDay)
		}
		d := drawDuration(t, "length", 50, units...)
		if x, y := c.Add(a, d), c.Add(b, d); y.Before(x) {
			t.Fatalf("%s + %s = %s, but %s + %s = %s", a.In(c.Location()), d, x, b.In(c.Location()), d, y)
		}
		longer := Duration{d.n + 1, d.unit}
		if x, y := c.Add(a, d), c.Add(a, longer); y.Before(x) {
			t.Fatalf("%s + %s = %s, but with %s it is %s", a, d, x, longer, y)
		}
	})
}

// repeated tells whether the clocks show this local time twice.
func repeated(c *Calendar, at time.Time) bool {
	for _, change := range []time.Duration{-time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour} {
		other := at.Add(change).In(c.Location())
		if other.Format(time.DateTime) == at.In(c.Location()).Format(time.DateTime) {
			return true
		}
	}
	return false
}

func TestOpenTimeAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, at := drawCalendar(t), drawMoment(t, "at")
		unit := rapid.SampledFrom([]unit{minute, hour, businessMinute, businessHour}).Draw(t, "unit")
		// A business duration of no length moves to the next opening, so the second part must have one.
		a, b := rapid.Int64Range(0, 2000).Draw(t, "first part"), rapid.Int64Range(1, 2000).Draw(t, "second part")
		whole, parts := c.Add(at, Duration{a + b, unit}), c.Add(c.Add(at, Duration{a, unit}), Duration{b, unit})
		if !whole.Equal(parts) {
			t.Fatalf("%s + %d + %d: at once %s, in parts %s", at, a, b, whole, parts)
		}
	})
}

func TestBetweenUndoesAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, at := drawCalendar(t), drawMoment(t, "at")
		d := drawDuration(t, "length", 2000, businessMinute, businessHour)
		if got := c.Between(at, c.Add(at, d)); got != d.exact() {
			t.Fatalf("between %s and %s later the company is open for %s", at, d, got)
		}
	})
}

func TestShiftUndoesSub(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, now, due := drawCalendar(t), drawMoment(t, "now"), drawMoment(t, "due")
		business := rapid.Bool().Draw(t, "business")
		if due.Before(now) {
			now, due = due, now
		}
		left := c.Sub(due, now, business)
		got := c.Shift(now, left, business)
		// With nothing left, business time ends at the next opening, which may lie past the due moment.
		if c.Sub(got, now, business) != left || (left > 0 && got.After(due)) {
			t.Fatalf("%s before %s is %s", left, due, got)
		}
	})
}

// The same answer, counted minute by minute on the local clock.
func TestBetweenAgreesWithCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCalendar(t)
		from := drawMoment(t, "from").Truncate(time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "minutes")) * time.Minute)
		var want time.Duration
		for at := from; at.Before(to); at = at.Add(time.Minute) {
			if c.IsOpen(at) {
				want += time.Minute
			}
			if !repeated(c, at) {
				local := at.In(c.Location())
				if plain := openByTheBook(c, local); plain != c.IsOpen(at) {
					t.Fatalf("open at %s: %v, by the book %v", local, c.IsOpen(at), plain)
				}
			}
		}
		if got := c.Between(from, to); got != want {
			t.Fatalf("between %s and %s: %s, counted %s", from, to, got, want)
		}
	})
}

// openByTheBook looks a local time up in the hours of its date.
func openByTheBook(c *Calendar, local time.Time) bool {
	minuteOfDay := local.Hour()*60 + local.Minute()
	for _, s := range c.spansOn(DateOf(local).number()) {
		if s.From <= minuteOfDay && minuteOfDay < s.To {
			return true
		}
	}
	return false
}

func TestAddDoesNotAllocate(t *testing.T) {
	c := office(t, "Europe/Berlin")
	at := moment(t, c, "2026-03-20 16:45")
	for _, length := range []string{"15m", "7d", "4 business hours", "10 business days"} {
		d := MustParseDuration(length)
		if n := testing.AllocsPerRun(100, func() { c.Add(at, d) }); n != 0 {
			t.Errorf("adding %s allocates %v times", length, n)
		}
	}
}
