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
	report := func(id, summary, description string) huma.Operation {
		return read(id, "/companies/{company}/"+id, "reports", summary, description)
	}
	huma.Register(s.api, report("funnel", "How deals go through the stages",
		"Of the visits to each stage that began in the period, by default ever: what came of them, how long they took against the target, and where time is lost. What stands there now does not depend on the period."), s.funnel)
	huma.Register(s.api, report("quotas", "What each person has done against the quota",
		"In the period, by default the running week. The quota is the week's, scaled to the period; the proposal is the person's own best quarter of the last four."), s.quotas)
	huma.Register(s.api, report("first-touch", "How long clients wait for a person",
		"Of the deals opened in the period, by default the last 90 days: from the opening to the first finished call, mail or meeting. An acknowledgement that goes out by itself is none."), s.firstTouch)
	huma.Register(s.api, report("lost-reasons", "Why and where deals are lost",
		"Of the deals lost in the period, by default the last 90 days, that have not come back."), s.lostReasons)
	huma.Register(s.api, report("forecast", "What the open deals are worth",
		"Their amounts times the probability of their stages, and times how often the company's own deals were won from there, once 30 of them were decided."), s.forecast)
	huma.Register(s.api, report("velocity", "What the sale brings in a day",
		"Open deals × win rate × average amount ÷ average cycle, of the deals decided in the period, by default the last 90 days."), s.velocity)
	huma.Register(s.api, report("cycle", "How long a deal takes to be won",
		"Of the deals won in the period, by default the last 90 days, against those won before."), s.cycle)
}

// Period is from when to when a report looks.
type Period struct {
	From string `query:"from" maxLength:"40" doc:"A day such as 2026-03-02, or a moment in RFC 3339."`
	To   string `query:"to" maxLength:"40" doc:"A day, itself included, or a moment, which is not."`
}

// Scope is which deals a report looks at.
type Scope struct {
	CompanyInput
	Process string `query:"process" maxLength:"200" doc:"May be left out where the company has but one."`
	Version string `query:"version" maxLength:"200" doc:"Only deals that go by this version of the process."`
	Source  string `query:"source" maxLength:"200" doc:"Only deals that came from there."`
	Owner   string `query:"owner" maxLength:"320" doc:"Only deals of this person, an address."`
}

type reportInput struct {
	Scope
	Period
}

// listReportInput is what a report that is a list takes.
type listReportInput struct {
	Scope
	Period
	WholePaging
}

// ReportHead opens every report; exported, as huma looks at no embedded struct
// that is not.
type ReportHead struct {
	Company string    `json:"company"`
	Process string    `json:"process"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
}

// subject is what a report is made of.
type subject struct {
	company *definitions.Company
	process *definitions.Process
	span    span
	query   store.Report
}

func (s subject) view() ReportHead {
	return ReportHead{s.company.ID, s.process.Process, s.span.from, s.span.to}
}

// report reads what a report is asked for; the period otherwise is the last so
// many days, 0 for all there ever were.
func (s *Server) report(ctx context.Context, in Scope, p Period, days int) (subject, error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return subject{}, err
	}
	process, err := reported(c, in.Process)
	if err != nil {
		return subject{}, err
	}
	zone := c.Calendar.Location()
	now := s.Now().In(zone)
	otherwise := span{time.Date(now.Year(), now.Month(), now.Day()-days, 0, 0, 0, 0, zone), now.Add(time.Nanosecond)}
	if days == 0 {
		otherwise.from = time.Date(2000, 1, 1, 0, 0, 0, 0, zone)
	}
	over, err := p.read(zone, otherwise)
	if err != nil {
		return subject{}, err
	}
	owner, ok := holderOf(ctx).owner(lowered(in.Owner))
	if !ok {
		return subject{}, forbidden.fault("owner", "a rep sees reports of their own deals")
	}
	return subject{c, process, over, store.Report{
		Company: c.ID, Process: process.Process, Version: in.Version, Source: in.Source, Owner: owner,
		// The store counts in microseconds: a nanosecond more is the next one.
		From: ceiling(over.from), To: ceiling(over.to),
	}}, nil
}

func ceiling(t time.Time) time.Time {
	return t.Add(time.Microsecond - time.Nanosecond).Truncate(time.Microsecond)
}

// span is a period with its moments read: from from up to, not including, to.
type span struct{ from, to time.Time }

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

// most is how many spans of time a report measures one by one. Of more, it
// takes every so-manieth, which leaves its percentiles where they are.
const most = 20_000

// oneIn is how many spans one stands for.
func oneIn(all int) int { return (all-1)/most + 1 }

// timeView is how long visits to a stage, or other spans, took.
type timeView struct {
	Median   *float64 `json:"median_hours"`
	P90      *float64 `json:"p90_hours"`
	Business bool     `json:"business" doc:"The hours are business hours, as the target's are."`
	Target   *string  `json:"target"`
	Within   *float64 `json:"within_target" doc:"The share of the visits that kept to the target."`
	Late     *float64 `json:"late_hours" doc:"Hours beyond the target, of all visits together."`
	Delay    *float64 `json:"share_of_delay" doc:"This stage's part in the late hours of all stages: where time is lost."`
	Measured int      `json:"measured" doc:"How many visits this is made of; of very many, a part is measured."`
}

// timesOf measures stays against a stage's target; one stands for so many.
func timesOf(cal *calendar.Calendar, target *calendar.Duration, business bool, stays []store.Stay, each int) timeView {
	v := timeView{Measured: len(stays), Business: business}
	if target != nil {
		text := target.String()
		v.Target, v.Business = &text, target.IsBusiness()
	}
	if len(stays) == 0 {
		return v
	}
	kept, late := 0, 0.0
	hours := make([]float64, 0, len(stays))
	for _, s := range stays {
		hours = append(hours, cal.Sub(s.To, s.From, v.Business).Hours())
		if target == nil {
			continue
		}
		if due := cal.Add(s.From, *target); s.To.After(due) {
			late += cal.Sub(s.To, due, v.Business).Hours()
		} else {
			kept++
		}
	}
	slices.Sort(hours)
	v.Median, v.P90 = quantile(hours, 50), quantile(hours, 90)
	if target != nil {
		share, all := float64(kept)/float64(len(stays)), late*float64(each)
		v.Within, v.Late = &share, &all
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

type firstTouchView struct {
	ReportHead
	Opened  int      `json:"opened" doc:"Deals opened in the period."`
	Touched int      `json:"touched" doc:"Of these: a person has been in touch with the client."`
	Time    timeView `json:"time"`
}

func (s *Server) firstTouch(ctx context.Context, in *reportInput) (*output[firstTouchView], error) {
	r, err := s.report(ctx, in.Scope, in.Period, 90)
	if err != nil {
		return nil, err
	}
	v := firstTouchView{ReportHead: r.view()}
	if v.Opened, v.Touched, err = s.Store.Touches(ctx, r.query); err != nil {
		return nil, s.fault(ctx, "count first touches", err)
	}
	each := oneIn(v.Touched)
	waits, err := s.Store.FirstTouches(ctx, r.query, each)
	if err != nil {
		return nil, s.fault(ctx, "read first touches", err)
	}
	v.Time = timesOf(r.company.Calendar, nil, true, waits, each)
	return &output[firstTouchView]{v}, nil
}
