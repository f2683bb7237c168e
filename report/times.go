package report

import (
	"slices"
	"time"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/store"
)

// most is how many spans of time a report measures one by one. Of more, it
// takes every second, fourth, eighth, …, which leaves its percentiles where they
// are.
const most = 10_000

// oneIn is how many spans one stands for.
func oneIn(all int) int {
	each := 1
	for all > most*each {
		each *= 2
	}
	return each
}

// Time is how long visits to a stage, or other spans, took.
type Time struct {
	Median   *float64 `json:"median_hours"`
	P90      *float64 `json:"p90_hours"`
	Business bool     `json:"business" doc:"The hours are business hours, as the target's are."`
	Target   *string  `json:"target"`
	Within   *float64 `json:"within_target" doc:"The share of the visits that kept to the target."`
	Late     *float64 `json:"late_hours" doc:"Hours beyond the target, of all visits together."`
	Delay    *float64 `json:"share_of_delay" doc:"This stage's part in the time beyond the targets of all stages, on the wall clock: where time is lost."`
	OfTarget *float64 `json:"median_of_target" doc:"The median visit's time by its own target: 2 is twice as long. Business days differ in length, so hours alone do not tell."`
	P90Of    *float64 `json:"p90_of_target"`
	Measured int      `json:"measured" doc:"How many visits this is made of; of very many, a part is measured."`

	// delay is the time beyond the target on the wall clock: business hours of
	// one stage and plain hours of another do not add up.
	delay time.Duration
}

// timesOf measures stays against a stage's target; one stands for so many.
func timesOf(cal *calendar.Calendar, target *calendar.Duration, business bool, stays []store.Stay, each int) Time {
	v := Time{Measured: len(stays), Business: business}
	if target != nil {
		text := target.String()
		v.Target, v.Business = &text, target.IsBusiness()
	}
	if len(stays) == 0 {
		return v
	}
	kept, late := 0, 0.0
	hours := make([]float64, 0, len(stays))
	var parts []float64 // of the target
	for _, s := range stays {
		took := cal.Sub(s.To, s.From, v.Business)
		hours = append(hours, took.Hours())
		if target == nil {
			continue
		}
		due := cal.Add(s.From, *target)
		given := cal.Sub(due, s.From, v.Business)
		if s.To.After(due) {
			late += (took - given).Hours()
			v.delay += s.To.Sub(due)
		} else {
			kept++
		}
		if given > 0 {
			parts = append(parts, float64(took)/float64(given))
		}
	}
	slices.Sort(hours)
	v.Median, v.P90 = quantile(hours, 50), quantile(hours, 90)
	if target != nil {
		share, all := float64(kept)/float64(len(stays)), late*float64(each)
		v.Within, v.Late = &share, &all
	}
	if len(parts) > 0 {
		slices.Sort(parts)
		v.OfTarget, v.P90Of = quantile(parts, 50), quantile(parts, 90)
	}
	return v
}

// quantile is the nearest-rank percentile of sorted numbers.
func quantile(sorted []float64, percent int) *float64 {
	rank := (len(sorted)*percent + 99) / 100
	return &sorted[max(rank, 1)-1]
}

// ratio is a share, or null of nothing.
func ratio(part, whole float64) *float64 {
	if whole == 0 {
		return nil
	}
	share := part / whole
	return &share
}
