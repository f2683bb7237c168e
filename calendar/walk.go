package calendar

// walk goes from one opening to the next. Days are numbered from 1 January 1970, moments are Unix seconds.
type walk struct {
	calendar *Calendar
	reading  reading
	start    int64  // openings that are over by then are passed over
	last     int64  // the day on which the walk ends
	day      int64  // the day of the current opening
	rest     []Span // what is left of that day

	from, to int64 // the current opening
}

// walkFrom starts a walk whose first opening is the one that holds at a moment, or else the next.
func (c *Calendar) walkFrom(start int64) walk {
	z := c.zones.at(start)
	day := floorDiv(start+z.offset, daySeconds)
	return walk{
		calendar: c,
		reading:  reading{zones: &c.zones, zone: z},
		start:    start,
		last:     day + horizonDays - 1,
		day:      day,
		rest:     c.spansOn(day),
	}
}

// spansOn are the opening hours of a day.
func (c *Calendar) spansOn(day int64) []Span {
	if spans, ok := c.special[day]; ok {
		return spans
	}
	return c.week[(day%7+7+4)%7] // 1 January 1970 was a Thursday
}

// next goes to the next opening. At the horizon it answers false, and the opening is an empty one at the end of the last day.
func (w *walk) next() bool {
	for {
		for len(w.rest) == 0 {
			w.day++
			if w.day > w.last {
				w.from = w.reading.moment(w.day * daySeconds)
				w.to = w.from
				return false
			}
			w.rest = w.calendar.spansOn(w.day)
		}
		span := w.rest[0]
		w.rest = w.rest[1:]
		w.to = w.reading.moment(w.day*daySeconds + int64(span.To)*60)
		if w.to <= w.start {
			continue
		}
		w.from = w.reading.moment(w.day*daySeconds + int64(span.From)*60)
		if w.from < w.to { // else the clocks skipped the whole span
			return true
		}
	}
}

// nextDay goes to the next day on which the company opens, and answers its hours; at the horizon it answers none.
func (w *walk) nextDay() []Span {
	for w.day < w.last {
		w.day++
		if spans := w.calendar.spansOn(w.day); len(spans) > 0 {
			return spans
		}
	}
	return nil
}
