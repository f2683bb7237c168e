package calendar

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Date is a day of the civil calendar, without a zone. It is comparable, and its text form is "2026-12-31".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// longestRange is the most days that one range of dates may name; it keeps a slip in the year from closing a company for good.
const longestRange = 366

// DateOf is the date on which t falls in the zone of t.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String is the date as a file writes it, such as "2026-12-31".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// MarshalText gives the form of [Date.String].
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a date as [ParseDate] does.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// number counts the days since 1 January 1970.
func (d Date) number() int64 {
	return floorDiv(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix(), daySeconds)
}

// Before tells whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.number() < other.number() }

// ParseDate reads a date such as "2026-12-31". A date that does not exist is refused.
func ParseDate(s string) (Date, error) {
	text := strings.TrimSpace(s)
	t, err := time.Parse(time.DateOnly, text)
	if err == nil {
		return DateOf(t), nil
	}
	var fault *time.ParseError
	if errors.As(err, &fault) && strings.Contains(fault.Message, "out of range") {
		return Date{}, fmt.Errorf("there is no date %q: look at its month and day", text)
	}
	return Date{}, fmt.Errorf("date %q is not understood: write it as 2026-12-31", text)
}

// ParseDateRange reads a date ("2026-02-23") or a range with both its ends ("2026-01-01..2026-01-08") and returns every date of it.
// A range names a year at most.
func ParseDateRange(s string) ([]Date, error) {
	first, last, isRange := strings.Cut(s, "..")
	from, err := ParseDate(first)
	if err != nil {
		return nil, err
	}
	if !isRange {
		return []Date{from}, nil
	}
	to, err := ParseDate(last)
	if err != nil {
		return nil, err
	}
	count := to.number() - from.number() + 1
	switch {
	case count < 1:
		return nil, fmt.Errorf("dates %q end before they start: write %s..%s", s, to, from)
	case count > longestRange:
		return nil, fmt.Errorf("dates %q name %d days: one range names a year at most, look at its years", s, count)
	}
	dates := make([]Date, count)
	for i := range dates {
		dates[i] = DateOf(time.Date(from.Year, from.Month, from.Day+i, 0, 0, 0, 0, time.UTC))
	}
	return dates, nil
}
