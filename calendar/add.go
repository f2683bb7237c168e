package calendar

import "time"

// Add is the moment at which a duration that starts at t is over, by the rules in the package's description. A business duration
// of no length is over at the next opening. No sum on business time reaches further than a hundred years.
func (c *Calendar) Add(t time.Time, d Duration) time.Time {
	switch d.unit {
	case day, week:
		return c.addDays(t, d.n*units[d.unit].seconds)
	case businessDay:
		return c.addBusinessDays(t, d.n)
	default:
		return c.Shift(t, d.exact(), d.IsBusiness())
	}
}

// Shift is t moved on by an exact length: of opening time where business is set, else of the wall clock. It takes back what
// [Calendar.Sub] measured, so what remained of a held timer can run on later. A negative length counts as none.
func (c *Calendar) Shift(t time.Time, length time.Duration, business bool) time.Time {
	length = max(length, 0)
	if business {
		return c.addOpenTime(t, length)
	}
	end := t.Add(length)
	return c.time(end.Unix(), int64(end.Nanosecond()))
}

// addDays keeps the time of day; seconds is a whole number of days.
func (c *Calendar) addDays(t time.Time, seconds int64) time.Time {
	if seconds == 0 {
		return c.time(t.Unix(), int64(t.Nanosecond()))
	}
	z := c.zones.at(t.Unix())
	r := reading{zones: &c.zones, zone: z}
	return c.onLocalClock(&r, t.Unix()+z.offset+seconds, int64(t.Nanosecond()))
}

func (c *Calendar) addBusinessDays(t time.Time, n int64) time.Time {
	w := c.walkFrom(t.Unix())
	w.next()
	start, nanosecond := t.Unix(), int64(t.Nanosecond())
	if start < w.from {
		start, nanosecond = w.from, 0
	}
	if n == 0 {
		return c.time(start, nanosecond)
	}
	timeOfDay := start + c.zones.at(start).offset - w.day*daySeconds
	var spans []Span
	for ; n > 0; n-- {
		if spans = w.nextDay(); spans == nil {
			return c.time(w.reading.moment((w.last+1)*daySeconds), 0)
		}
	}
	clipped, exact := clip(timeOfDay, spans)
	if !exact {
		nanosecond = 0
	}
	return c.onLocalClock(&w.reading, w.day*daySeconds+clipped, nanosecond)
}

// clip moves a time of day, in seconds, into the hours of a day, and tells whether it was in them already.
func clip(timeOfDay int64, spans []Span) (clipped int64, exact bool) {
	for _, s := range spans {
		from, to := int64(s.From)*60, int64(s.To)*60
		if timeOfDay < from {
			return from, false
		}
		if timeOfDay < to {
			return timeOfDay, true
		}
		clipped = to
	}
	return clipped, false
}

// onLocalClock is the moment of a local time; where the clocks skip it, the fraction of its second is skipped as well.
func (c *Calendar) onLocalClock(r *reading, local, nanosecond int64) time.Time {
	moment := r.moment(local)
	if moment+r.zone.offset != local {
		nanosecond = 0
	}
	return c.time(moment, nanosecond)
}

func (c *Calendar) addOpenTime(t time.Time, length time.Duration) time.Time {
	w := c.walkFrom(t.Unix())
	w.next()
	// Openings start and end at whole seconds, so the fraction is set aside and put back at the end.
	at := w.from
	if t.Unix() >= w.from {
		at = t.Unix()
		length += time.Duration(t.Nanosecond())
	}
	left, fraction := int64(length/time.Second), int64(length%time.Second)
	for {
		room := w.to - at
		if left < room || (left == room && fraction == 0) {
			return c.time(at+left, fraction)
		}
		left -= room
		if !w.next() {
			return c.time(w.from, 0)
		}
		at = w.from
	}
}
