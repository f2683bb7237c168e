package server

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

type quotasInput struct {
	CompanyInput
	Period
	WholePaging
}

type quotasView struct {
	Company string    `json:"company"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	List[quotaReport]
}

// quotaReport is what a person has done of a kind of task.
type quotaReport struct {
	Person string  `json:"person" doc:"An address."`
	Name   string  `json:"name"`
	Role   string  `json:"role"`
	Kind   string  `json:"kind" doc:"call, email, meeting, document or todo"`
	Done   int     `json:"done" doc:"Tasks finished in the period; waived ones do not count."`
	Quota  float64 `json:"quota" doc:"For the period."`

	Best     *quarterView `json:"best_quarter" doc:"The person's best of the last four whole ones; null without any."`
	Proposal *int         `json:"proposal" doc:"A quota for the week, from the best quarter."`
}

// quarterView is what a person did in a quarter of the year.
type quarterView struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Done    int       `json:"done"`
	PerWeek float64   `json:"per_week"`
}

func (s *Server) quotas(ctx context.Context, in *quotasInput) (*output[quotasView], error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	zone := c.Calendar.Location()
	span, err := in.read(zone, weekOf(s.Now().In(zone)))
	if err != nil {
		return nil, err
	}
	people, kinds := quotaed(c)
	reports := quotaReports(c, span)
	if h := holderOf(ctx); h.Role == RoleRep {
		reports = slices.DeleteFunc(reports, func(r quotaReport) bool { return !strings.EqualFold(r.Person, h.Name) })
	}
	if err := s.done(ctx, c, people, kinds, span, func(r *quotaReport, done int) { r.Done = done }, reports); err != nil {
		return nil, err
	}
	for _, quarter := range quartersBefore(s.Now().In(zone), 4) {
		if err := s.done(ctx, c, people, kinds, quarter, func(r *quotaReport, done int) { r.propose(quarter, done) }, reports); err != nil {
			return nil, err
		}
	}
	page, err := wholeOf(reports, in.WholePaging)
	return &output[quotasView]{quotasView{Company: c.ID, From: span.from, To: span.to, List: page}}, err
}

// done gives each report what its person has done of its kind.
func (s *Server) done(ctx context.Context, c *definitions.Company, people, kinds []string, over span, take func(*quotaReport, int), reports []quotaReport) error {
	work, err := s.Store.Work(ctx, c.ID, people, kinds, ceiling(over.from), ceiling(over.to))
	if err != nil {
		return s.fault(ctx, "count finished tasks", err)
	}
	done := map[doneKey]int{}
	for _, w := range work {
		done[doneKey{w.Person, w.Kind}] = w.Done
	}
	for i := range reports {
		if n := done[doneKey{reports[i].Person, reports[i].Kind}]; n > 0 {
			take(&reports[i], n)
		}
	}
	return nil
}

// propose takes a quarter that is better than those before.
func (r *quotaReport) propose(quarter span, done int) {
	if r.Best != nil && r.Best.Done >= done {
		return
	}
	weeks := days(quarter) / 7
	r.Best = &quarterView{quarter.from, quarter.to, done, math.Round(float64(done)/weeks*100) / 100}
	proposal := int(math.Ceil(float64(done) / weeks))
	r.Proposal = &proposal
}

// quartersBefore are the last whole quarters before a moment, the latest first.
func quartersBefore(t time.Time, n int) []span {
	begin := time.Date(t.Year(), (t.Month()-1)/3*3+1, 1, 0, 0, 0, 0, t.Location())
	quarters := make([]span, n)
	for i := range quarters {
		quarters[i] = span{begin.AddDate(0, -3, 0), begin}
		begin = quarters[i].from
	}
	return quarters
}

// quotaed are the people and the kinds of tasks that quotas are about.
func quotaed(c *definitions.Company) (people, kinds []string) {
	for _, role := range c.Roles {
		for _, p := range c.Processes {
			for kind := range p.Quotas[role.ID] {
				if !slices.Contains(kinds, kind) {
					kinds = append(kinds, kind)
				}
			}
		}
		for _, m := range role.Members {
			people = append(people, m.Email)
		}
	}
	return people, kinds
}

type doneKey struct{ person, kind string }

// weekOf is the week from Monday's midnight that a moment is in.
func weekOf(t time.Time) span {
	monday := time.Date(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7, 0, 0, 0, 0, t.Location())
	return span{monday, monday.AddDate(0, 0, 7)}
}

// quotaReports lists every person that has a quota, in the order of the team.
func quotaReports(c *definitions.Company, span span) []quotaReport {
	weeks := days(span) / 7
	reports := []quotaReport{}
	for _, role := range c.Roles {
		kinds := map[string]int{}
		for _, p := range c.Processes {
			for kind, n := range p.Quotas[role.ID] {
				kinds[kind] += n
			}
		}
		for _, m := range role.Members {
			for _, kind := range slices.Sorted(maps.Keys(kinds)) {
				reports = append(reports, quotaReport{
					Person: m.Email, Name: m.Name, Role: role.ID, Kind: kind,
					Quota: math.Round(float64(kinds[kind])*weeks*100) / 100,
				})
			}
		}
	}
	return reports
}

// days is how many calendar days a period has; a day that a clock change makes
// shorter is one, too.
func days(s span) float64 {
	at := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	}
	return at(s.to).Sub(at(s.from)).Hours() / 24
}
