package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const durationForms = `write a whole number and a unit, such as 30m, 4h, 2d, 1w, "15 business minutes", "4 business hours" or "3 business days"`

// otherNames are units as people write them when they have not read the manual.
var otherNames = map[string]unit{
	"s": second, "sec": second, "second": second,
	"m": minute, "min": minute, "minute": minute,
	"h": hour, "hr": hour, "hour": hour,
	"d": day, "day": day, "w": week, "week": week,
	"bm": businessMinute, "businessm": businessMinute, "businessmin": businessMinute, "businessminute": businessMinute, "workingminute": businessMinute,
	"bh": businessHour, "businessh": businessHour, "businesshour": businessHour, "workinghour": businessHour,
	"bd": businessDay, "businessd": businessDay, "businessday": businessDay, "workingday": businessDay, "workday": businessDay,
}

// faultOf explains why a text is not a duration, with a suggestion where its meaning can be guessed.
func faultOf(source, text string) error {
	if guess, ok := guessDuration(text); ok {
		return fmt.Errorf("duration %q is not understood: did you mean %q?", source, guess)
	}
	return fmt.Errorf("duration %q is not understood: %s", source, durationForms)
}

// guessDuration reads a duration that is written another way: "2 days", "1h30m", "1.5h", "3 working days", "2D".
func guessDuration(text string) (Duration, bool) {
	if long, err := time.ParseDuration(text); err == nil {
		return fromExact(long)
	}
	rest := strings.TrimLeft(text, "0123456789")
	n, err := strconv.ParseInt(text[:len(text)-len(rest)], 10, 64)
	if err != nil {
		return Duration{}, false
	}
	name := strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(rest))
	u, known := otherNames[name]
	if !known {
		u, known = otherNames[strings.TrimSuffix(name, "s")]
	}
	return Duration{n, u}, known && n <= longestDays*daySeconds/units[u].seconds
}

// fromExact is an exact length in the largest unit that holds it whole.
func fromExact(length time.Duration) (Duration, bool) {
	if length < 0 || length > longestDays*daySeconds*time.Second || length%time.Second != 0 {
		return Duration{}, false
	}
	seconds := int64(length / time.Second)
	if seconds == 0 {
		return Duration{0, minute}, true
	}
	for _, u := range []unit{hour, minute} {
		if seconds%units[u].seconds == 0 {
			return Duration{seconds / units[u].seconds, u}, true
		}
	}
	return Duration{seconds, second}, true
}
