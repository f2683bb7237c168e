package report

import (
	"time"

	"github.com/dealwright/dealwright/store"
)

// Span is a period: from From up to, not including, To. Its moments are in the
// company's zone.
type Span struct{ From, To time.Time }

// Of is the report over the period. The store counts in microseconds: a
// nanosecond more is the next one.
func (s Span) Of(r store.Report) store.Report {
	r.From, r.To = ceiling(s.From), ceiling(s.To)
	return r
}

func ceiling(t time.Time) time.Time {
	return t.Add(time.Microsecond - time.Nanosecond).Truncate(time.Microsecond)
}

// Days is how many calendar days the period has; a day that a clock change
// makes shorter is one, too.
func (s Span) Days() float64 {
	at := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	}
	return at(s.To).Sub(at(s.From)).Hours() / 24
}

// Weeks is the same in weeks.
func (s Span) Weeks() float64 { return s.Days() / 7 }

// Last is the period from the midnight that many days ago until now, itself
// included.
func Last(days int, now time.Time) Span { return Span{midnight(now, -days), just(now)} }

// Ever is the period of all there was until now.
func Ever(now time.Time) Span {
	return Span{time.Date(2000, 1, 1, 0, 0, 0, 0, now.Location()), just(now)}
}

// WeekOf is the week from Monday's midnight that a moment is in.
func WeekOf(t time.Time) Span {
	monday := midnight(t, -(int(t.Weekday())+6)%7)
	return Span{monday, monday.AddDate(0, 0, 7)}
}

// ThisQuarter is the period from the first day of the quarter until now.
func ThisQuarter(now time.Time) Span { return Span{quarterOf(now), just(now)} }

// ThisYear is the period from the first of January until now.
func ThisYear(now time.Time) Span {
	return Span{time.Date(now.Year(), 1, 1, 0, 0, 0, 0, now.Location()), just(now)}
}

// quartersBefore are the last whole quarters before a moment, the latest first.
func quartersBefore(t time.Time, n int) []Span {
	begin := quarterOf(t)
	quarters := make([]Span, n)
	for i := range quarters {
		quarters[i] = Span{begin.AddDate(0, -3, 0), begin}
		begin = quarters[i].From
	}
	return quarters
}

func quarterOf(t time.Time) time.Time {
	return time.Date(t.Year(), (t.Month()-1)/3*3+1, 1, 0, 0, 0, 0, t.Location())
}

func midnight(t time.Time, days int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, t.Location())
}

// just is the first moment after t.
func just(t time.Time) time.Time { return t.Add(time.Nanosecond) }
