package server

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

func (s *Server) reportRoutes() {
	huma.Register(s.api, read("funnel", "/companies/{company}/funnel", "reports", "How deals go through the stages",
		"Of the visits to each stage that began in the period: what came of them. What stands there now does not depend on the period."), s.funnel)
	huma.Register(s.api, read("quotas", "/companies/{company}/quotas", "reports", "What each person has done against the quota",
		"In the period, by default the running week. The quota is the week's, scaled to the period."), s.quotas)
}

// Period is from when to when a report looks.
type Period struct {
	From string `query:"from" maxLength:"40" doc:"A day such as 2026-03-02, or a moment in RFC 3339."`
	To   string `query:"to" maxLength:"40" doc:"A day, itself included, or a moment, which is not."`
}

// span is a period with its moments read: from from up to, not including, to.
type span struct{ from, to time.Time }

func (s span) holds(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

// read reads the period in the company's zone; what is not given is as
// otherwise has it.
func (p Period) read(zone *time.Location, otherwise span) (span, error) {
	var err error
	if p.From != "" {
		if otherwise.from, err = momentOf("from", p.From, zone, 0); err != nil {
			return otherwise, err
		}
	}
	if p.To != "" {
		if otherwise.to, err = momentOf("to", p.To, zone, 1); err != nil {
			return otherwise, err
		}
	}
	if !otherwise.from.Before(otherwise.to) {
		return otherwise, invalid.fault("to", "the period ends before it begins")
	}
	return otherwise, nil
}

// momentOf reads a moment, or the midnight some days after a day's.
func momentOf(field, text string, zone *time.Location, days int) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		var day time.Time
		if day, err = time.ParseInLocation(time.DateOnly, text, zone); err == nil {
			t = day.AddDate(0, 0, days)
		}
	}
	if err != nil || plausible(field, t) != nil {
		return t, invalid.fault(field, "write a day as 2026-03-02 or a moment as 2026-03-02T10:00:00+03:00")
	}
	return t.In(zone), nil
}

// histories walks through the deals of a company, or of one process of it,
// that anything has happened to since a moment, each with its whole timeline.
func (s *Server) histories(ctx context.Context, company, process string, since time.Time, look func([]store.EventRow)) error {
	f := store.Filter{Companies: []string{company}, Process: process, Sort: "-updated_at"}
	for {
		page, err := s.Store.Deals(ctx, f)
		if err != nil {
			return err
		}
		for _, row := range page.Items {
			if row.UpdatedAt.Before(since) {
				return nil // nor has anything happened to those that follow
			}
			events, err := s.timeline(ctx, row.State.ID)
			if err != nil {
				return err
			}
			look(events)
		}
		if page.Next == "" {
			return nil
		}
		f.Cursor = page.Next
	}
}

func (s *Server) timeline(ctx context.Context, id string) ([]store.EventRow, error) {
	var all []store.EventRow
	cursor := ""
	for {
		page, err := s.Store.Events(ctx, id, cursor, store.MaxLimit)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}

// timeView is how long visits to a stage took.
type timeView struct {
	Median   *float64 `json:"median_hours"`
	P90      *float64 `json:"p90_hours"`
	Business bool     `json:"business" doc:"The hours are business hours, as the target's are."`
	Target   *string  `json:"target"`
	Within   *float64 `json:"within_target" doc:"The share of the visits that kept to the target."`
}

// stay is one finished visit to a stage.
type stay struct{ from, to time.Time }

// timesOf measures stays against a stage's target.
func timesOf(cal *calendar.Calendar, target *calendar.Duration, stays []stay) timeView {
	v := timeView{}
	if target != nil {
		text := target.String()
		v.Target, v.Business = &text, target.IsBusiness()
	}
	if len(stays) == 0 {
		return v
	}
	kept := 0
	hours := make([]float64, 0, len(stays))
	for _, s := range stays {
		hours = append(hours, cal.Sub(s.to, s.from, v.Business).Hours())
		if target != nil && !s.to.After(cal.Add(s.from, *target)) {
			kept++
		}
	}
	slices.Sort(hours)
	v.Median, v.P90 = quantile(hours, 50), quantile(hours, 90)
	if target != nil {
		share := float64(kept) / float64(len(stays))
		v.Within = &share
	}
	return v
}

// quantile is the nearest-rank percentile of sorted numbers.
func quantile(sorted []float64, percent int) *float64 {
	rank := (len(sorted)*percent + 99) / 100
	return &sorted[max(rank, 1)-1]
}

// reported is the process that a report is about.
func reported(c *definitions.Company, id string) (*definitions.Process, error) {
	if id == "" && len(c.Processes) == 1 {
		return c.Processes[0], nil
	}
	if id == "" {
		return nil, invalid.fault("process", "the company has several processes: name one")
	}
	if p := c.Process(id); p != nil {
		return p, nil
	}
	return nil, notFound.problem("the company has no such process")
}
