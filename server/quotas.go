package server

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

type quotasInput struct {
	CompanyInput
	Period
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
}

func (s *Server) quotas(ctx context.Context, in *quotasInput) (*output[quotasView], error) {
	c, err := s.liveCompany(in.Company)
	if err != nil {
		return nil, err
	}
	zone := c.Calendar.Location()
	span, err := in.read(zone, weekOf(s.Now().In(zone)))
	if err != nil {
		return nil, err
	}
	done := map[doneKey]int{}
	err = s.histories(ctx, c.ID, "", span.from, func(events []store.EventRow) {
		for _, e := range events {
			if waived, _ := e.Data["waived"].(bool); e.Type != "task_done" || waived || !span.holds(e.At) {
				continue
			}
			person, _ := e.Data["assignee"].(string)
			kind, _ := e.Data["kind"].(string)
			done[doneKey{person, kind}]++
		}
	})
	if err != nil {
		return nil, s.fault(ctx, "read timelines", err)
	}
	reports := quotaReports(c, span, done)
	return &output[quotasView]{quotasView{
		Company: c.ID, From: span.from, To: span.to, List: List[quotaReport]{Items: reports, Total: len(reports)},
	}}, nil
}

type doneKey struct{ person, kind string }

// weekOf is the week from Monday's midnight that a moment is in.
func weekOf(t time.Time) span {
	monday := time.Date(t.Year(), t.Month(), t.Day()-(int(t.Weekday())+6)%7, 0, 0, 0, 0, t.Location())
	return span{monday, monday.AddDate(0, 0, 7)}
}

// quotaReports lists every person that has a quota, in the order of the team,
// and what they have done against it.
func quotaReports(c *definitions.Company, span span, done map[doneKey]int) []quotaReport {
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
					Person: m.Email, Name: m.Name, Role: role.ID, Kind: kind, Done: done[doneKey{m.Email, kind}],
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
