package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Spec is the calendar of a company as its file states it. The parsers of this package give the parts.
type Spec struct {
	// Hours are the opening hours of each weekday, indexed by [time.Weekday]; a day without spans is closed.
	// With no hours at all the company is open around the clock, its holidays excepted.
	Hours [7][]Span
	// Holidays are closed whatever their weekday.
	Holidays []Date
	// Working are dates with hours of their own, such as a working Saturday or a short day; they win over Holidays.
	Working map[Date][]Span
}

// Span is an opening time within a day, in minutes since midnight: From is open, To is closed again. To may be 1440, midnight.
type Span struct {
	From, To int
}

const dayMinutes = 24 * 60

// String is the span as a file writes it, such as "09:00-13:00".
func (s Span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.From/60, s.From%60, s.To/60, s.To%60)
}

const hoursForm = `write hours such as "09:00-18:00" or "09:00-13:00, 14:00-18:00"`

// ParseHours reads the opening hours of a day, such as "09:00-13:00, 14:00-18:00", and returns them in order.
// A span ends by 24:00 at the latest, and no two may overlap.
func ParseHours(s string) ([]Span, error) {
	if strings.TrimSpace(s) == "" {
		return nil, fmt.Errorf("hours are missing: %s; a closed day is left out", hoursForm)
	}
	var spans []Span
	for part := range strings.SplitSeq(s, ",") {
		span, err := parseSpan(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		spans = append(spans, span)
	}
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	for i := 1; i < len(spans); i++ {
		if spans[i].From < spans[i-1].To {
			return nil, fmt.Errorf("hours %q: %s and %s overlap: let one end before the other starts", s, spans[i-1], spans[i])
		}
	}
	return spans, nil
}

func parseSpan(s string) (Span, error) {
	from, to, found := strings.Cut(s, "-")
	if !found {
		return Span{}, fmt.Errorf("hours %q are not understood: %s", s, hoursForm)
	}
	var span Span
	var err error
	if span.From, err = parseTimeOfDay(strings.TrimSpace(from)); err != nil {
		return Span{}, err
	}
	if span.To, err = parseTimeOfDay(strings.TrimSpace(to)); err != nil {
		return Span{}, err
	}
	switch {
	case span.From == span.To:
		return Span{}, fmt.Errorf("hours %q are empty: they end when they start; a whole day is 00:00-24:00", s)
	case span.To == 0:
		return Span{}, fmt.Errorf("hours %q end before they start: midnight at the end of a day is 24:00", s)
	case span.From > span.To:
		return Span{}, fmt.Errorf("hours %q end before they start: for hours past midnight end this day at 24:00 and start the next at 00:00", s)
	}
	return span, nil
}

// parseTimeOfDay reads "9:00" or "09:00" as minutes since midnight.
func parseTimeOfDay(s string) (int, error) {
	h, m, found := strings.Cut(s, ":")
	hours, okHours := smallNumber(h)
	minutes, okMinutes := smallNumber(m)
	if !found || !okHours || !okMinutes || len(m) != 2 {
		return 0, fmt.Errorf("time of day %q is not understood: write it as 09:00", s)
	}
	if minutes > 59 || hours*60+minutes > dayMinutes {
		return 0, fmt.Errorf("there is no time of day %q: a day runs from 00:00 to 24:00", s)
	}
	return hours*60 + minutes, nil
}

// smallNumber reads one or two digits.
func smallNumber(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 8)
	return int(n), err == nil && len(s) <= 2
}

var dayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

const daysForm = `write days such as "mon-fri", "sat" or "mon, wed"`

// ParseDays reads weekdays: one ("sat"), a run ("mon-fri"; "fri-mon" runs over the weekend), or a list of such ("mon, wed-fri").
// A day named twice is refused.
func ParseDays(s string) ([]time.Weekday, error) {
	if strings.TrimSpace(s) == "" {
		return nil, fmt.Errorf("days are missing: %s", daysForm)
	}
	var days []time.Weekday
	for part := range strings.SplitSeq(s, ",") {
		from, to, isRun := strings.Cut(part, "-")
		first, err := parseDay(from)
		if err != nil {
			return nil, err
		}
		last := first
		if isRun {
			if last, err = parseDay(to); err != nil {
				return nil, err
			}
		}
		for d := first; ; d = (d + 1) % 7 {
			if slices.Contains(days, d) {
				return nil, fmt.Errorf("days %q name %s twice: once is enough", s, dayNames[d])
			}
			days = append(days, d)
			if d == last {
				break
			}
		}
	}
	return days, nil
}

func parseDay(s string) (time.Weekday, error) {
	name := strings.ToLower(strings.TrimSpace(s))
	for d, short := range dayNames {
		if name == short {
			return time.Weekday(d), nil
		}
	}
	for d, short := range dayNames {
		if len(name) > 3 && strings.HasPrefix(strings.ToLower(time.Weekday(d).String()), name) {
			return 0, fmt.Errorf("day %q is not understood: did you mean %q?", strings.TrimSpace(s), short)
		}
	}
	return 0, fmt.Errorf("day %q is not understood: %s", strings.TrimSpace(s), daysForm)
}
