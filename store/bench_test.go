package store

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// eachDurable runs a benchmark on every database, which waits for the disk.
func eachDurable(b *testing.B, bench func(*testing.B, *Store)) {
	for _, database := range databases {
		b.Run(database.name, func(b *testing.B) {
			s := database.open(b)
			if s.postgres {
				for _, statement := range []string{`ALTER SYSTEM SET fsync = on`, `SELECT pg_reload_conf()`} {
					_, err := s.writer.Exec(statement)
					ok(b, err)
				}
			}
			bench(b, s)
		})
	}
}

// A step of a deal as Advance commits it.
func BenchmarkStep(b *testing.B) {
	eachDurable(b, func(b *testing.B, s *Store) {
		const deals = 64
		for i := range deals {
			added(b, s, state(fmt.Sprint(i)))
		}
		var next atomic.Int64
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				n := next.Add(1)
				id := fmt.Sprint(n % deals)
				err := s.UpdateDeal(b.Context(), id, func(tx *DealTx) error {
					d := *tx.State
					d.Recycled++
					entries := []deal.Entry{{At: noon, Type: "task_done"}, {At: noon, Type: "progressed"}, {At: noon, Type: "stage_entered"}}
					if err := tx.Append(entries); err != nil {
						return err
					}
					return tx.Save(&d, SaveExtra{At: noon, NextWake: noon.Add(time.Duration(n) * time.Minute)})
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
	})
}

// A letter recorded as sent and the next one claimed.
func BenchmarkSentAndClaim(b *testing.B) {
	eachDurable(b, func(b *testing.B, s *Store) {
		added(b, s, state("a"))
		for i := range b.N {
			queued(b, s, fmt.Sprintf("k%08d", i))
		}
		b.ResetTimer()
		row, _, err := s.ClaimLetter(b.Context(), "acme", "me", noon)
		for row != nil && err == nil {
			row, _, err = s.SentAndClaim(b.Context(), row.ID, noon, "acme", "me", noon)
		}
		ok(b, err)
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
	})
}

// Lists with 100,000 deals and 2 million events.
func BenchmarkLists(b *testing.B) {
	eachDurable(b, func(b *testing.B, s *Store) {
		fill(b, s, 100_000, 20)
		stalled := true
		acme := []string{"acme"}
		var deep string
		for _, q := range []struct {
			name string
			run  func(int) error
		}{
			{"newest", func(int) error { return list(b, s, Filter{Limit: 50}, &deep) }},
			{"next page", func(int) error { return list(b, s, Filter{Limit: 50, Cursor: deep}, &deep) }},
			{"company", func(int) error { return list(b, s, Filter{Companies: acme, Limit: 50}, nil) }},
			{"open", func(int) error { return list(b, s, Filter{Companies: acme, Status: deal.Open, Limit: 50}, nil) }},
			{"stage by amount", func(int) error {
				return list(b, s, Filter{Companies: acme, Stage: "stage3", Sort: "-amount", Limit: 50}, nil)
			}},
			{"owner by wake", func(int) error {
				return list(b, s, Filter{Companies: acme, Owner: "rep7@acme.test", Sort: "next_wake", Limit: 50}, nil)
			}},
			{"stalled", func(int) error { return list(b, s, Filter{Companies: acme, Stalled: &stalled, Limit: 50}, nil) }},
			{"search rare", func(i int) error {
				return list(b, s, Filter{Companies: acme, Q: fmt.Sprintf("клиент %05d", i*97), Limit: 50}, nil)
			}},
			{"search common", func(int) error { return list(b, s, Filter{Companies: acme, Q: "КЛИЕНТ", Limit: 50}, nil) }},
			{"search short", func(int) error { return list(b, s, Filter{Companies: acme, Q: "ие", Limit: 50}, nil) }},
			{"get", func(i int) error { _, err := s.Deal(b.Context(), fmt.Sprintf("deal%06d", i*97)); return err }},
			{"timeline", func(i int) error {
				_, err := s.Events(b.Context(), fmt.Sprintf("deal%06d", i*97), "", 50)
				return err
			}},
		} {
			b.Run(q.name, func(b *testing.B) { latencies(b, q.run) })
		}
	})
}

func list(b *testing.B, s *Store, f Filter, next *string) error {
	page, err := s.Deals(b.Context(), f)
	if err == nil && len(page.Items) == 0 {
		return fmt.Errorf("filter %+v finds nothing", f)
	}
	if next != nil {
		*next = page.Next
	}
	return err
}

// latencies reports how long a hundred runs take each, warm.
func latencies(b *testing.B, run func(int) error) {
	var took []time.Duration
	for b.Loop() {
		for i := range 110 {
			begin := time.Now()
			ok(b, run(i))
			if i >= 10 {
				took = append(took, time.Since(begin))
			}
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

func fill(b *testing.B, s *Store, deals, events int) {
	b.Helper()
	for first := 0; first < deals; first += 1000 {
		ok(b, s.transact(b.Context(), func(c conn) error {
			for i := first; i < first+1000; i++ {
				if err := fillDeal(s, c, i, events); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	_, err := s.writer.Exec(`ANALYZE`)
	ok(b, err)
}

// story is a deal's way through as many stages as its number says, with a
// finished task in each and notes between.
func storyOf(i, events int, from time.Time) []deal.Entry {
	at, rep := from, fmt.Sprintf("rep%d@acme.test", i%20)
	var entries []deal.Entry
	add := func(kind string, data map[string]any) {
		entries = append(entries, deal.Entry{At: at, Type: kind, Actor: rep, Stage: "first", Data: data})
	}
	last := i % 8
	for stage := 0; ; stage++ {
		add("stage_entered", map[string]any{"to": fmt.Sprintf("stage%d", stage)})
		if stage == last {
			break
		}
		at = at.Add(time.Duration(i%7+1) * 5 * time.Hour)
		add("task_done", map[string]any{"task": "t", "kind": "call", "assignee": rep})
		add("stage_left", map[string]any{"to": fmt.Sprintf("stage%d", stage+1)})
	}
	switch {
	case i%3 == 0:
		add("stage_left", map[string]any{"to": "lost"})
		add("lost", map[string]any{"reason": "no_response"})
	case last == 7:
		add("won", nil)
	}
	for len(entries) < events {
		add("note", map[string]any{"text": "Позвонил клиенту, просил перезвонить в четверг."})
	}
	return entries
}

func fillDeal(s *Store, c conn, i, events int) error {
	d := state(fmt.Sprintf("deal%06d", i))
	d.OpenedAt = noon.Add(time.Duration(i) * time.Minute)
	d.StageEnteredAt = d.OpenedAt.Add(time.Hour)
	d.Stage = fmt.Sprintf("stage%d", i%8)
	d.Owner = fmt.Sprintf("rep%d@acme.test", i%20)
	d.Contact.Name = fmt.Sprintf("Клиент %05d", i)
	d.Subject = fmt.Sprintf("Заказ номер %d", i*7)
	d.Text = "Здравствуйте! Интересует кухня, угловая, три на два метра, фасады матовые."
	d.Fields = map[string]any{"need": "угловая кухня", "budget": float64(i)}
	if i%5 == 4 {
		d.Company = "other"
	}
	if i%3 == 0 {
		d.Status, d.ClosedAt, d.LostReason = deal.Lost, d.StageEnteredAt, "no_response"
	} else if i%8 == 7 {
		d.Status = deal.Won
	} else if i%20 == 1 {
		d.StalledSince = d.StageEnteredAt
	}
	if err := createDeal(c, d, Input{ID: d.ID, CreatedAt: noon}, MailboxKey{}, noon); err != nil {
		return err
	}
	tx, err := s.lockDeal(c, d.ID)
	if err != nil {
		return err
	}
	if err := tx.Append(storyOf(i, events, d.OpenedAt)); err != nil {
		return err
	}
	if err := tx.Apply(d.ID, Outcome{}); err != nil {
		return err
	}
	return tx.Save(d, SaveExtra{Amount: float64(i * 13 % 1000), Currency: "RUB", NextWake: d.OpenedAt.Add(time.Duration(i%500) * time.Hour), At: d.StageEnteredAt})
}

// The queries of reports with 100,000 deals and 2 million events.
func BenchmarkReports(b *testing.B) {
	eachDurable(b, func(b *testing.B, s *Store) {
		fill(b, s, 100_000, 20)
		all := Report{Company: "acme", Process: "sales"}
		month := Report{Company: "acme", Process: "sales", From: noon.AddDate(0, 1, 0), To: noon.AddDate(0, 2, 0)}
		owner := all
		owner.Owner = "rep7@acme.test"
		for _, of := range []struct {
			name string
			r    Report
		}{{"all", all}, {"month", month}, {"owner", owner}} {
			for _, q := range []struct {
				name string
				run  func() error
			}{
				{"passages", func() error { _, err := s.Passages(b.Context(), of.r); return err }},
				{"stays", func() error { _, err := s.Stays(b.Context(), of.r, 10); return err }},
				{"touches", func() error { _, _, err := s.Touches(b.Context(), of.r); return err }},
				{"first touches", func() error { _, err := s.FirstTouches(b.Context(), of.r, 4); return err }},
				{"decisions", func() error { _, err := s.Decisions(b.Context(), of.r); return err }},
				{"cycles", func() error { _, err := s.Cycles(b.Context(), of.r, 1); return err }},
				{"losses", func() error { _, err := s.Losses(b.Context(), of.r); return err }},
				{"standing", func() error { _, err := s.StageCounts(b.Context(), of.r); return err }},
				{"won from", func() error { _, _, err := s.WonFrom(b.Context(), of.r, 1000); return err }},
				{"work", func() error {
					_, err := s.Work(b.Context(), Report{Company: "acme", From: noon, To: noon.AddDate(0, 3, 0)}, []string{"rep1@acme.test", "rep2@acme.test", "rep3@acme.test", "rep4@acme.test", "rep5@acme.test"}, []string{"call", "meeting"})
					return err
				}},
			} {
				b.Run(of.name+" "+q.name, func(b *testing.B) {
					for b.Loop() {
						ok(b, q.run())
					}
					b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms")
				})
			}
		}
	})
}
