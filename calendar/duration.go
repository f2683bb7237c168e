package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time as a process file writes it: on the wall clock ("30m", "4h", "2d") or on the company's
// calendar ("15 business minutes", "3 business days"). It is comparable, and its text and JSON form is its source form.
// The zero Duration is "0s".
type Duration struct {
	n    int64
	unit unit
}

type unit uint8

const (
	second unit = iota
	minute
	hour
	day
	week
	businessMinute
	businessHour
	businessDay
)

const (
	daySeconds = 24 * 60 * 60

	// longestDays holds every duration to ten years, leap days included.
	longestDays = 3660

	// usualDay stands for the length of a business day where no calendar is known.
	usualDay = 8 * time.Hour
)

// units gives each unit its suffix, or its words, and its length; a business day has the length of the day that it is taken from.
var units = [...]struct {
	suffix  string
	seconds int64
}{
	second:         {"s", 1},
	minute:         {"m", 60},
	hour:           {"h", 3600},
	day:            {"d", daySeconds},
	week:           {"w", 7 * daySeconds},
	businessMinute: {" business minute", 60},
	businessHour:   {" business hour", 3600},
	businessDay:    {" business day", daySeconds},
}

// String is the duration as a process file writes it.
func (d Duration) String() string {
	s := strconv.FormatInt(d.n, 10) + units[d.unit].suffix
	if d.IsBusiness() && d.n != 1 {
		s += "s"
	}
	return s
}

// IsBusiness tells whether the duration passes on the company's calendar rather than on the wall clock.
func (d Duration) IsBusiness() bool { return d.unit >= businessMinute }

// IsZero tells whether the duration has no length, in whatever unit.
func (d Duration) IsZero() bool { return d.n == 0 }

// Approx is about how long the duration is, so that durations of different units can be put in order. A day counts as 24 hours
// and a business day as the usual day of the calendar, or as eight hours where c is nil.
func (d Duration) Approx(c *Calendar) time.Duration {
	if d.unit != businessDay {
		return d.exact()
	}
	length := usualDay
	if c != nil {
		length = c.DayLength()
	}
	return time.Duration(d.n) * length
}

// exact is the length by the table of units.
func (d Duration) exact() time.Duration {
	return time.Duration(d.n*units[d.unit].seconds) * time.Second
}

// MarshalText gives the source form, for JSON and YAML as well.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the source form, as [ParseDuration] does.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// MustParseDuration is [ParseDuration] for durations that are written in the program; it panics on a fault.
func MustParseDuration(s string) Duration {
	d, err := ParseDuration(s)
	if err != nil {
		panic("calendar: " + err.Error())
	}
	return d
}

// ParseDuration reads a duration: a whole number with one of s, m, h, d, w right behind it, or followed by "business minutes",
// "business hours" or "business days" (or the singular). More than ten years is refused. The error says what was expected and,
// where the meaning can be guessed, what to write.
func ParseDuration(s string) (Duration, error) {
	text := strings.TrimSpace(s)
	if text == "" {
		return Duration{}, fmt.Errorf("a duration is missing: %s", durationForms)
	}
	if text[0] == '-' {
		return Duration{}, fmt.Errorf("duration %q is negative: write it without the minus sign", s)
	}
	digits := text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
	u, known := parseUnit(text[len(digits):])
	if digits == "" || !known || (len(digits) > 1 && digits[0] == '0') {
		return Duration{}, faultOf(s, text)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if longest := longestDays * daySeconds / units[u].seconds; err != nil || n > longest {
		return Duration{}, fmt.Errorf("duration %q is longer than ten years: the most is %q", s, Duration{longest, u})
	}
	return Duration{n, u}, nil
}

// parseUnit reads what stands behind the number.
func parseUnit(rest string) (unit, bool) {
	if strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "\t") {
		rest = " " + strings.TrimSuffix(strings.Join(strings.Fields(rest), " "), "s")
	}
	for u := range units {
		if units[u].suffix == rest {
			return unit(u), true
		}
	}
	return 0, false
}
