package web

import (
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dealwright/dealwright/report"
)

type peopleView struct {
	figures
	Kinds    []string // that anybody has a quota of
	Measured []personView
	People   []personView
	Passed   string // how much of the period has passed, of the width of a bar; empty: all
	Sum      personView
	Norms    report.Norms
	Patch    string
}

type personView struct {
	report.Person
	Name  string
	Role  string
	Link  string // of the person's deals
	Stuck string // of those that are stalled
	Money string
	Cells []quotaCell // for Kinds
	Wait  string
}

// quotaCell is a person's work of one kind.
type quotaCell struct {
	*report.QuotaReport
	Kind  string
	Wide  string
	Share float64
	Met   bool
}

func (w *Web) people(q *request) error {
	v := peopleView{figures: q.over("week", "week", "30d", "90d", "quarter", "year")}
	if q.company != nil {
		if err := w.fillPeople(q, &v); err != nil {
			return err
		}
	}
	w.render(q, http.StatusOK, "people", q.viewer.T("nav.people"), v)
	return nil
}

func (w *Web) fillPeople(q *request, v *peopleView) error {
	now := q.now.In(q.viewer.zone)
	people, err := report.People(q.Context(), w.Store, q.company, v.Span, now, q.who.Own)
	if err != nil {
		return err
	}
	if open := q.company.Calendar.Between(v.Span.From, v.Span.To); now.Before(v.Span.To) && v.Span.To.Sub(now) > time.Nanosecond {
		v.Passed = percent(float64(q.company.Calendar.Between(v.Span.From, now)), float64(open))
	}
	for _, kind := range []string{"call", "email", "meeting", "document", "todo"} {
		for _, p := range people {
			if quotaOf(p, kind) != nil {
				v.Kinds = append(v.Kinds, kind)
				break
			}
		}
	}
	var worth []report.Money
	for _, p := range people {
		one := w.personOf(q, v, p)
		v.Sum.Open, v.Sum.Stalled, v.Sum.Tasks, v.Sum.Overdue = v.Sum.Open+p.Open, v.Sum.Stalled+p.Stalled, v.Sum.Tasks+p.Tasks, v.Sum.Overdue+p.Overdue
		worth = addMoney(worth, p.Worth)
		v.People = append(v.People, one)
		if len(p.Quotas) > 0 {
			v.Measured = append(v.Measured, one)
		}
	}
	v.Sum.Money = moneyOf(q.viewer, worth)
	if v.Alone || q.process == nil {
		return nil
	}
	if v.Norms, err = report.NormsOf(q.Context(), w.Store, q.company, q.process, now); err == nil && len(v.Norms.Items) > 0 {
		v.Patch = "# processes/" + q.process.Process + ".yaml\n" + v.Norms.Patch(q.process)
	}
	return err
}

func (w *Web) personOf(q *request, v *peopleView, p report.Person) personView {
	one := personView{Person: p, Money: moneyOf(q.viewer, p.Worth), Role: strings.Join(p.Roles, ", ")}
	one.Name = clip(readable(p.Name), 80)
	if one.Name == "" {
		one.Name = clip(readable(p.Email), 80)
	}
	if p.Email != "" {
		scope := url.Values{"company": {q.company.ID}, "owner": {p.Email}}
		one.Link = "/?" + scope.Encode()
		scope.Set("stalled", "1")
		one.Stuck = "/?" + scope.Encode()
	}
	for _, kind := range v.Kinds {
		cell := quotaCell{QuotaReport: quotaOf(p, kind), Kind: kind}
		if cell.QuotaReport != nil && cell.Quota > 0 {
			cell.Share = float64(cell.Done) / cell.Quota
			cell.Wide, cell.Met = percent(cell.Share, 1), cell.Share >= 1
		}
		one.Cells = append(one.Cells, cell)
	}
	if p.Touch.Median != nil {
		one.Wait = q.viewer.lasting(*p.Touch.Median, p.Touch.Business, q.company.Calendar.DayLength())
	}
	return one
}

// Rounded is the quota as a whole number, which tasks are.
func (c quotaCell) Rounded() float64 { return math.Ceil(c.Quota) }

// quotaOf is what a person does of a kind, in all their roles.
func quotaOf(p report.Person, kind string) *report.QuotaReport {
	var found *report.QuotaReport
	for i := range p.Quotas {
		of := &p.Quotas[i]
		switch {
		case of.Kind != kind:
		case found == nil:
			sum := *of
			found = &sum
		default: // what was done is the same in each role
			found.Quota += of.Quota
		}
	}
	return found
}

// addMoney adds amounts, each to that of its currency.
func addMoney(sum, more []report.Money) []report.Money {
next:
	for _, m := range more {
		for i := range sum {
			if sum[i].Currency == m.Currency {
				sum[i].Amount += m.Amount
				continue next
			}
		}
		sum = append(sum, m)
	}
	return sum
}

// moneyOf writes amounts of several currencies.
func moneyOf(v viewer, amounts []report.Money) string {
	var texts []string
	for _, m := range amounts {
		texts = append(texts, v.Short(m.Amount, m.Currency))
	}
	return strings.Join(texts, " + ")
}
