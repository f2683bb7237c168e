package server

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/report"
	"github.com/dealwright/dealwright/store"
)

func (s *Server) reportRoutes() {
	operation := func(id, summary, description string) huma.Operation {
		return read(id, "/companies/{company}/"+id, "reports", summary, description)
	}
	huma.Register(s.api, operation("funnel", "How deals go through the stages",
		"Of the visits to each stage that began in the period, by default ever: what came of them, how long they took against the target, and where time is lost. What stands there now does not depend on the period."), s.funnel)
	huma.Register(s.api, operation("quotas", "What each person has done against the quota",
		"In the period, by default the running week. The quota is the week's, scaled to the period; the proposal is the person's own best quarter of the last four."), s.quotas)
	huma.Register(s.api, operation("first-touch", "How long clients wait for a person",
		"Of the deals opened in the period, by default the last 90 days: from the opening to the first finished call, mail or meeting. An acknowledgement that goes out by itself is none."), s.firstTouch)
	huma.Register(s.api, operation("lost-reasons", "Why and where deals are lost",
		"Of the deals lost in the period, by default the last 90 days, that have not come back."), s.lostReasons)
	huma.Register(s.api, operation("forecast", "What the open deals are worth",
		"Their amounts times the probability of their stages, and times how often the company's own deals were won from there, once 30 of them were decided."), s.forecast)
	huma.Register(s.api, operation("velocity", "What the sale brings in a day",
		"Open deals × win rate × average amount ÷ average cycle, of the deals decided in the period, by default the last 90 days."), s.velocity)
	huma.Register(s.api, operation("cycle", "How long a deal takes to be won",
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
	span    report.Span
	facts   *report.Facts
}

func (s subject) view() ReportHead {
	return ReportHead{s.company.ID, s.process.Process, s.span.From, s.span.To}
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
	otherwise := report.Last(days, now)
	if days == 0 {
		otherwise = report.Ever(now)
	}
	over, err := p.read(zone, otherwise)
	if err != nil {
		return subject{}, err
	}
	owner, ok := holderOf(ctx).owner(lowered(in.Owner))
	if !ok {
		return subject{}, forbidden.fault("owner", "a rep sees reports of their own deals")
	}
	of := store.Report{Company: c.ID, Process: process.Process, Version: in.Version, Source: in.Source, Owner: owner}
	return subject{c, process, over, report.About(s.Store, over.Of(of))}, nil
}

// read reads the period in the company's zone; what is not given is as
// otherwise has it.
func (p Period) read(zone *time.Location, otherwise report.Span) (report.Span, error) {
	var err error
	if p.From != "" {
		if otherwise.From, err = momentOf("from", p.From, zone, 0); err != nil {
			return otherwise, err
		}
	}
	if p.To != "" {
		if otherwise.To, err = momentOf("to", p.To, zone, 1); err != nil {
			return otherwise, err
		}
	}
	if !otherwise.From.Before(otherwise.To) {
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
