package calendar

import "time"

// Calendar is when a company is open. It is immutable. Every moment it returns is in its own zone.
type Calendar struct {
	zones     zones
	week      [7][]Span
	special   map[int64][]Span // by day number; empty on a holiday
	dayLength time.Duration
}

// horizonDays ends every search a hundred years on. Only a calendar that is hardly ever open gets so far: business time that would
// end later ends there.
const horizonDays = 36525

// New builds a calendar from a checked spec: the spans of each day are in order and do not overlap, as [ParseHours] returns them.
// Without hours the company is open around the clock, its holidays excepted. A nil location means UTC.
func New(loc *time.Location, spec Spec) *Calendar {
	if loc == nil {
		loc = time.UTC
	}
	c := &Calendar{
		zones:   newZones(loc),
		week:    spec.Hours,
		special: make(map[int64][]Span, len(spec.Holidays)+len(spec.Working)),
	}
	if spec.hasNoHours() {
		for d := range c.week {
			c.week[d] = []Span{{0, dayMinutes}}
		}
	}
	for _, date := range spec.Holidays {
		c.special[date.number()] = nil
	}
	for date, spans := range spec.Working {
		c.special[date.number()] = spans
	}
	c.dayLength = usualLength(c.week)
	return c
}

func (s Spec) hasNoHours() bool {
	for _, spans := range s.Hours {
		if len(spans) > 0 {
			return false
		}
	}
	return true
}

// usualLength is the opening time that most open weekdays have; of two that are as common, the longer.
func usualLength(week [7][]Span) time.Duration {
	days := map[int]int{}
	usual := 0
	for _, spans := range week {
		open := 0
		for _, s := range spans {
			open += s.To - s.From
		}
		if open == 0 {
			continue
		}
		days[open]++
		if days[open] > days[usual] || (days[open] == days[usual] && open > usual) {
			usual = open
		}
	}
	return time.Duration(usual) * time.Minute
}

// Location is the zone of the calendar.
func (c *Calendar) Location() *time.Location { return c.zones.loc }

// DayLength is how long the company is open on its usual day, breaks excluded.
func (c *Calendar) DayLength() time.Duration { return c.dayLength }

// IsOpen tells whether the company is open at t. It is open at the moment of opening and closed at the moment of closing.
func (c *Calendar) IsOpen(t time.Time) bool {
	w := c.walkFrom(t.Unix())
	return w.next() && w.from <= t.Unix()
}

// NextOpen is the first moment from t on at which the company is open: t itself when it is open then.
func (c *Calendar) NextOpen(t time.Time) time.Time {
	w := c.walkFrom(t.Unix())
	w.next()
	if w.from <= t.Unix() {
		return c.time(t.Unix(), int64(t.Nanosecond()))
	}
	return c.time(w.from, 0)
}

// Between is how long the company is open between two moments; it is negative where b is before a. Like every search it looks no
// further than a hundred years.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	// Opening and closing happen at whole seconds, so the fractions count just where the second they belong to is open.
	var open time.Duration
	w := c.walkFrom(a.Unix())
	for w.next() && w.from <= b.Unix() {
		if w.from <= a.Unix() {
			open -= time.Duration(a.Nanosecond())
		}
		if b.Unix() < w.to {
			open += time.Duration(b.Nanosecond())
		}
		open += time.Duration(min(w.to, b.Unix())-max(w.from, a.Unix())) * time.Second
	}
	return open
}

// Sub is the time from b to a: the time the company was open where business is set, else what the wall clock shows.
func (c *Calendar) Sub(a, b time.Time, business bool) time.Duration {
	if business {
		return c.Between(b, a)
	}
	return a.Sub(b)
}

// time is a moment in the zone of the calendar.
func (c *Calendar) time(unix, nanosecond int64) time.Time {
	return time.Unix(unix, nanosecond).In(c.zones.loc)
}
