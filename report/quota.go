package report

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// QuotaReport is what a person has done of a kind of task.
type QuotaReport struct {
	Person   string  `json:"person" doc:"An address."`
	Name     string  `json:"name"`
	Role     string  `json:"role"`
	RoleName string  `json:"role_name" doc:"What people call the role; its id unless the company says."`
	Kind     string  `json:"kind" doc:"call, email, meeting, document or todo"`
	Done     int     `json:"done" doc:"Tasks finished in the period; waived ones do not count."`
	Quota    float64 `json:"quota" doc:"For the period."`

	Best     *Quarter `json:"best_quarter" doc:"The person's best of the last four whole ones; null without any."`
	Proposal *int     `json:"proposal" doc:"A quota for the week, from the best quarter."`
}

// Quarter is what a person did in a quarter of the year.
type Quarter struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Done    int       `json:"done"`
	PerWeek float64   `json:"per_week"`
}

// Quotas tells what each person of the company, or the one alone, has done in
// the period against the quota: the week's, scaled to the period.
func Quotas(ctx context.Context, s *store.Store, c *definitions.Company, over Span, now time.Time, alone string) ([]QuotaReport, error) {
	reports := quotasOf(c, over)
	if alone != "" {
		reports = slices.DeleteFunc(reports, func(r QuotaReport) bool { return !strings.EqualFold(r.Person, alone) })
	}
	people, kinds := quotaed(c)
	done := func(over Span, take func(*QuotaReport, int)) error {
		work, err := s.Work(ctx, over.Of(store.Report{Company: c.ID}), people, kinds)
		for _, w := range work {
			for i := range reports {
				if r := &reports[i]; r.Person == w.Person && r.Kind == w.Kind {
					take(r, w.Done)
				}
			}
		}
		return err
	}
	if err := done(over, func(r *QuotaReport, n int) { r.Done = n }); err != nil {
		return nil, err
	}
	for _, quarter := range quartersBefore(now, 4) {
		if err := done(quarter, func(r *QuotaReport, n int) { r.propose(quarter, n) }); err != nil {
			return nil, err
		}
	}
	return reports, nil
}

// propose takes a quarter that is better than those before.
func (r *QuotaReport) propose(quarter Span, done int) {
	if r.Best != nil && r.Best.Done >= done {
		return
	}
	r.Best = &Quarter{quarter.From, quarter.To, done, math.Round(float64(done)/quarter.Weeks()*100) / 100}
	proposal := int(math.Ceil(float64(done) / quarter.Weeks()))
	r.Proposal = &proposal
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

// quotasOf lists every person that has a quota, in the order of the team.
func quotasOf(c *definitions.Company, over Span) []QuotaReport {
	reports := []QuotaReport{}
	for _, role := range c.Roles {
		kinds := map[string]int{}
		for _, p := range c.Processes {
			for kind, n := range p.Quotas[role.ID] {
				kinds[kind] += n
			}
		}
		for _, m := range role.Members {
			for _, kind := range slices.Sorted(maps.Keys(kinds)) {
				reports = append(reports, QuotaReport{
					Person: m.Email, Name: m.Name, Role: role.ID, RoleName: role.Title(), Kind: kind,
					Quota: math.Round(float64(kinds[kind])*over.Weeks()*100) / 100,
				})
			}
		}
	}
	return reports
}
