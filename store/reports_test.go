package store

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// tellDeal makes a deal whose timeline is given as type, data, hour, ….
func tellDeal(t *testing.T, s *Store, id, owner, status string, lines ...any) {
	t.Helper()
	d := state(id)
	d.Owner, d.Status = owner, status
	added(t, s, d)
	var entries []deal.Entry
	for i := 0; i < len(lines); i += 3 {
		data, _ := lines[i+1].(map[string]any)
		entries = append(entries, deal.Entry{Type: lines[i].(string), Stage: "first", Data: data, At: noon.Add(time.Duration(lines[i+2].(int)) * time.Hour)})
	}
	ok(t, s.UpdateDeal(t.Context(), id, func(tx *DealTx) error {
		next := *tx.State
		next.LostReason = map[string]string{deal.Lost: "no_answer"}[status]
		if err := tx.Append(entries[:len(entries)/2]); err != nil {
			return err
		}
		if err := tx.Append(entries[len(entries)/2:]); err != nil {
			return err
		}
		return tx.Save(&next, SaveExtra{Amount: 100, At: noon})
	}))
}

func to(stage string) map[string]any { return map[string]any{"to": stage} }

func call(person string) map[string]any { return map[string]any{"kind": "call", "assignee": person} }

// sales are three deals: a is won after 5 hours, b is lost after 9, c came back
// and stands in the second stage.
func salesOf(t *testing.T, s *Store) {
	t.Helper()
	tellDeal(t, s, "a", "ann", deal.Won, "stage_entered", to("first"), 0, "task_done", call("ann"), 2, "stage_left", to("second"), 3, "stage_skipped", nil, 3,
		"stage_entered", to("third"), 3, "won", nil, 5, "stage_left", to("done"), 6, "closed", nil, 6)
	tellDeal(t, s, "b", "bob", deal.Lost, "stage_entered", to("first"), 1, "mail_sent", nil, 2, "mail_sent", map[string]any{"by": "mail_client"}, 4,
		"task_done", map[string]any{"kind": "call", "waived": true}, 5, "stage_left", to("lost"), 9, "lost", nil, 9)
	tellDeal(t, s, "c", "ann", deal.Open, "stage_entered", to("first"), 0, "stage_left", to("lost"), 2, "lost", nil, 2, "reopened", nil, 4,
		"stage_entered", to("first"), 4, "task_done", map[string]any{"kind": "todo", "assignee": "ann"}, 5, "stage_left", to("second"), 5, "stage_entered", to("second"), 5)
}

func hour(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }

func TestReportsOfThreeDeals(t *testing.T) {
	all := Report{Company: "acme", Process: "sales"}
	ann, late := all, all
	ann.Owner = "ann"
	late.From, late.To = hour(1), hour(5)
	done := Report{Company: "acme", From: noon, To: hour(9)}
	each(t, func(t *testing.T, s *Store) {
		salesOf(t, s)
		for name, c := range map[string]struct {
			got  func() (any, error)
			want any
		}{
			"passages": {func() (any, error) { return s.Passages(t.Context(), all) }, []Passage{
				{"first", WentLost, 2}, {"first", WentSkipped, 1}, {"first", "second", 1}, {"first", "third", 1}, {"second", "", 1}, {"third", WentWon, 1},
			}},
			"passages of ann":       {func() (any, error) { r := ann; r.To = hour(1); return s.Passages(t.Context(), r) }, []Passage{{"first", WentLost, 1}, {"first", "third", 1}}},
			"passages of a time":    {func() (any, error) { return s.Passages(t.Context(), late) }, []Passage{{"first", WentLost, 1}, {"first", WentSkipped, 1}, {"first", "second", 1}, {"third", WentWon, 1}}},
			"passages of nothing":   {func() (any, error) { return s.Passages(t.Context(), Report{Company: "other"}) }, []Passage(nil)},
			"stays of bob":          {func() (any, error) { r := all; r.Owner = "bob"; return s.Stays(t.Context(), r, 1) }, []Stay{{"first", hour(1), hour(9)}}},
			"one stay in a hundred": {func() (any, error) { return s.Stays(t.Context(), all, 100) }, []Stay(nil)},
			"touched":               {func() (any, error) { o, n, err := s.Touches(t.Context(), all); return [2]int{o, n}, err }, [2]int{3, 2}},
			"touch of bob":          {func() (any, error) { r := all; r.Owner = "bob"; return s.FirstTouches(t.Context(), r, 1) }, []Stay{{"", noon, hour(4)}}},
			"decisions":             {func() (any, error) { return s.Decisions(t.Context(), all) }, []Decision{{deal.Lost, 1, 100, 9 * time.Hour}, {deal.Won, 1, 100, 5 * time.Hour}}},
			"decisions in time":     {func() (any, error) { r := all; r.From = hour(6); return s.Decisions(t.Context(), r) }, []Decision{{deal.Lost, 1, 100, 9 * time.Hour}}},
			"decided":               {func() (any, error) { won, lost, err := s.Decided(t.Context(), all); return [2]int{won, lost}, err }, [2]int{1, 1}},
			"decided in time": {func() (any, error) {
				r := all
				r.From = hour(6)
				won, lost, err := s.Decided(t.Context(), r)
				return [2]int{won, lost}, err
			}, [2]int{0, 1}},
			"cycles":            {func() (any, error) { return s.Cycles(t.Context(), all, 1) }, []Stay{{"", noon, hour(5)}}},
			"losses":            {func() (any, error) { return s.Losses(t.Context(), all) }, []Loss{{"no_answer", "first", 1, 100}}},
			"won from":          {func() (any, error) { w, _, err := s.WonFrom(t.Context(), all, 10); return w, err }, []Won{{"first", 2, 1}, {"third", 1, 1}}},
			"won from the last": {func() (any, error) { w, n, err := s.WonFrom(t.Context(), all, 1); return []any{w, n}, err }, []any{[]Won{{"first", 1, 0}}, 1}},
			"work": {func() (any, error) {
				return s.Work(t.Context(), done, []string{"ann", "bob"}, []string{"call", "todo"})
			}, []Work{{"ann", "call", 1, hour(2)}, {"ann", "todo", 1, hour(5)}}},
			"work before": {func() (any, error) {
				r := done
				r.To = hour(2)
				return s.Work(t.Context(), r, []string{"ann"}, []string{"call"})
			}, []Work{}},
			"work of nobody": {func() (any, error) { return s.Work(t.Context(), done, nil, []string{"call"}) }, []Work(nil)},
			"work of another process": {func() (any, error) {
				r := done
				r.Process = "returns"
				return s.Work(t.Context(), r, []string{"ann"}, []string{"call"})
			}, []Work{}},
			"work of this process": {func() (any, error) {
				r := done
				r.Process = "sales"
				return s.Work(t.Context(), r, []string{"ann"}, []string{"call"})
			}, []Work{{"ann", "call", 1, hour(2)}}},
			"touches by owner": {func() (any, error) { return s.TouchesByOwner(t.Context(), all, 1) }, []Touch{{"ann", noon, hour(2)}, {"bob", noon, hour(4)}}},
			"touches of none":  {func() (any, error) { return s.TouchesByOwner(t.Context(), all, 100) }, []Touch(nil)},
			"loads":            {func() (any, error) { return s.DealLoads(t.Context(), "acme") }, []DealLoad{{"ann", "", 1, 0, 100}}},
			"loads of nobody":  {func() (any, error) { return s.DealLoads(t.Context(), "other") }, []DealLoad(nil)},
		} {
			got, err := c.got()
			ok(t, err)
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s: %+v, want %+v", name, got, c.want)
			}
		}
	})
}

// A database from before has its reports made of the timelines.
func TestReportsOfTimelinesFromBefore(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		salesOf(t, s)
		all := Report{Company: "acme", Process: "sales"}
		sums := func() []any {
			var sums []any
			for _, ask := range []func() (any, error){
				func() (any, error) { return s.Passages(t.Context(), all) },
				func() (any, error) { return s.FirstTouches(t.Context(), all, 1) },
				func() (any, error) { return s.Decisions(t.Context(), all) },
				func() (any, error) {
					return s.Work(t.Context(), Report{Company: "acme", From: noon, To: hour(9)}, []string{"ann"}, []string{"call", "todo"})
				},
			} {
				sum, err := ask()
				ok(t, err)
				sums = append(sums, sum)
			}
			return sums
		}
		want := sums()
		ok(t, s.transact(t.Context(), func(c conn) error {
			for _, statement := range []string{`DELETE FROM visits`, `DELETE FROM work`, `UPDATE deals SET touched_at = 0, decided_at = 0`} {
				if _, err := c.exec(statement); err != nil {
					return err
				}
			}
			return tellAll(c)
		}))
		if got := sums(); !reflect.DeepEqual(got, want) {
			t.Errorf("made anew %+v, want %+v", got, want)
		}
	})
}

// Of many visits, a part is as good as all, also where every deal writes the
// same ones, and however the database finds it.
func TestSampleOfStays(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		const deals = 200
		for i := range deals {
			tellDeal(t, s, fmt.Sprint(i), "ann", deal.Open, "stage_entered", to("first"), i, "stage_left", to("second"), i+2, "stage_entered", to("second"), i+2,
				"stage_left", to("third"), i+3, "stage_entered", to("third"), i+3, "stage_left", to("fourth"), i+4, "stage_entered", to("fourth"), i+4)
		}
		var whole []Stay
		for _, oneIn := range []int{4, 8, 16} {
			all := Report{Company: "acme", Process: "sales"}
			stays, err := s.Stays(t.Context(), all, oneIn)
			ok(t, err)
			count := map[string]int{}
			for _, stay := range stays {
				count[stay.Stage]++
				if whole != nil && !slices.Contains(whole, stay) {
					t.Errorf("one in %d: %+v is not among those that more were taken of", oneIn, stay)
				}
			}
			for _, stage := range []string{"first", "second", "third"} {
				if got, fair := count[stage], deals/oneIn; got < fair*2/3 || got > fair*3/2 {
					t.Errorf("one in %d: %d of %d visits to %s", oneIn, got, deals, stage)
				}
			}
			all.Owner = "ann"
			same, err := s.Stays(t.Context(), all, oneIn)
			ok(t, err)
			for _, list := range [][]Stay{stays, same} {
				slices.SortFunc(list, func(a, b Stay) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Stage, b.Stage)) })
			}
			if !slices.Equal(stays, same) {
				t.Errorf("one in %d of a deal's owner: %+v, want %+v", oneIn, same, stays)
			}
			whole = stays
		}
	})
}

// What was written with all its texts is counted as before.
func TestReportsOfVersion7(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		salesOf(t, s)
		all := Report{Company: "acme", Process: "sales"}
		want, err := s.Passages(t.Context(), all)
		ok(t, err)
		stays, err := s.Stays(t.Context(), all, 1)
		ok(t, err)
		work := func() []Work {
			all, err := s.Work(t.Context(), Report{Company: "acme"}, []string{"ann", "bob"}, []string{"call", "todo"})
			ok(t, err)
			return all
		}
		done := work()
		tx, err := s.writer.BeginTx(t.Context(), nil)
		ok(t, err)
		defer func() { _ = tx.Rollback() }()
		for _, back := range []string{
			`CREATE TABLE v AS SELECT v.n, v.deal_n, p.company, p.process, p.stage, v.entered_at, v.left_at, p.went FROM visits v JOIN passages p ON p.n = v.passage`,
			`CREATE TABLE w AS SELECT w.n, w.deal_n, d.company, d.person, d.kind, w.at FROM work w JOIN duties d ON d.n = w.duty`,
			`DROP TABLE visits`, `DROP TABLE passages`, `DROP TABLE work`, `DROP TABLE duties`,
			`CREATE TABLE visits AS SELECT * FROM v`, `CREATE TABLE work AS SELECT * FROM w`, `DROP TABLE v`, `DROP TABLE w`,
		} {
			if _, err := tx.ExecContext(t.Context(), back); err != nil {
				t.Fatalf("%v: %s", err, back)
			}
		}
		ok(t, s.number(t.Context(), tx))
		ok(t, tx.Commit())
		if got, err := s.Passages(t.Context(), all); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("passages %+v, %v; want %+v", got, err, want)
		}
		if got, err := s.Stays(t.Context(), all, 1); err != nil || !reflect.DeepEqual(got, stays) {
			t.Errorf("stays %+v, %v; want %+v", got, err, stays)
		}
		if got := work(); len(got) == 0 || !reflect.DeepEqual(got, done) {
			t.Errorf("work %+v, want %+v", got, done)
		}
	})
}
