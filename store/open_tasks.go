package store

import (
	"context"
	"slices"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// openTask is a row of open_tasks.
type openTask struct {
	assignee string
	due      int64
	overdue  bool
}

// openTasks are what is still to be done for a deal that is not over.
func openTasks(s *deal.State) []openTask {
	if s.Closed() {
		return nil
	}
	var open []openTask
	for i := range s.Tasks {
		if t := &s.Tasks[i]; t.Status == deal.TaskOpen {
			open = append(open, openTask{t.Assignee, micros(t.DueAt), t.Overdue})
		}
	}
	return open
}

// writeTasks makes the open tasks of a deal these, unless they are already.
func writeTasks(c conn, n int64, company string, were, are []openTask) error {
	if slices.Equal(were, are) {
		return nil
	}
	if len(were) > 0 {
		if _, err := c.exec(`DELETE FROM open_tasks WHERE deal_n = ?`, n); err != nil {
			return err
		}
	}
	for _, t := range are {
		if _, err := c.exec(`INSERT INTO open_tasks (deal_n, company, assignee, due_at, overdue) VALUES (?, ?, ?, ?, ?)`,
			n, company, t.assignee, t.due, t.overdue); err != nil {
			return err
		}
	}
	return nil
}

// TaskLoad is how many open tasks a person has.
type TaskLoad struct {
	Person        string
	Open, Overdue int
}

// TaskLoads counts the company's open tasks by person.
func (s *Store) TaskLoads(ctx context.Context, company string) ([]TaskLoad, error) {
	loads, err := collect(s.read(ctx), func(row scanner) (TaskLoad, error) {
		var l TaskLoad
		return l, row.Scan(&l.Person, &l.Open, &l.Overdue)
	}, `SELECT assignee, COUNT(*), COUNT(CASE WHEN overdue THEN 1 END) FROM open_tasks WHERE company = ? GROUP BY assignee ORDER BY assignee`, company)
	return loads, wrap("count open tasks", err)
}

// DealLoad is what a person has open, in one currency.
type DealLoad struct {
	Owner, Currency string
	Deals, Stalled  int
	Amount          float64
}

// DealLoads counts the company's open deals by owner.
func (s *Store) DealLoads(ctx context.Context, company string) ([]DealLoad, error) {
	loads, err := collect(s.read(ctx), func(row scanner) (DealLoad, error) {
		var l DealLoad
		return l, row.Scan(&l.Owner, &l.Currency, &l.Deals, &l.Stalled, &l.Amount)
	}, `SELECT owner, currency, COUNT(*), COUNT(NULLIF(stalled_since, 0)), SUM(amount) FROM deals
		WHERE company = ? AND status = 'open' GROUP BY owner, currency ORDER BY owner, currency`, company)
	return loads, wrap("count open deals by owner", err)
}

// Touch is from when to when a client of somebody's deal waited for a person.
type Touch struct {
	Owner    string
	From, To time.Time
}

// TouchesByOwner reads them of the deals opened in the period, of many every
// one in so many.
func (s *Store) TouchesByOwner(ctx context.Context, r Report, oneIn int) ([]Touch, error) {
	where := r.opened()
	where.add("d.touched_at <> 0")
	where.drawn("d.n", oneIn)
	touches, err := collect(s.read(ctx), func(row scanner) (Touch, error) {
		var t Touch
		return t, row.Scan(&t.Owner, moment{&t.From}, moment{&t.To})
	}, `SELECT d.owner, d.opened_at, d.touched_at FROM deals d`+where.String(), where.args...)
	return touches, wrap("read first touches", err)
}

// Sources lists where the deals of a process came from, so many at most.
func (s *Store) Sources(ctx context.Context, company, process string, most int) ([]string, error) {
	// There are few, of very many deals: the index is asked for one after the other.
	const next = `(SELECT MIN(source) FROM deals WHERE company = ? AND process = ?`
	sources, err := collect(s.read(ctx), scanText, `WITH RECURSIVE s (source) AS (SELECT `+next+`) UNION ALL
		SELECT `+next+` AND source > s.source) FROM s WHERE s.source IS NOT NULL)
		SELECT source FROM s WHERE source <> '' LIMIT ?`, company, process, company, process, most)
	return sources, wrap("list sources", err)
}
