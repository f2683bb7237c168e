package store

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// tasked saves a deal with these tasks.
func tasked(t *testing.T, s *Store, id string, change func(*deal.State)) {
	t.Helper()
	ok(t, s.UpdateDeal(t.Context(), id, func(tx *DealTx) error {
		next := *tx.State
		next.Tasks = slices.Clone(next.Tasks)
		change(&next)
		return tx.Save(&next, SaveExtra{At: noon, Amount: 250})
	}))
}

func loads(t *testing.T, s *Store) []TaskLoad {
	t.Helper()
	all, err := s.TaskLoads(t.Context(), "acme")
	ok(t, err)
	return all
}

func TestOpenTasksAreCounted(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		added(t, s, state("b"))
		tasked(t, s, "a", func(d *deal.State) {
			d.Tasks = []deal.Task{
				{ID: "call", Status: deal.TaskOpen, Assignee: "ann", Overdue: true, DueAt: noon},
				{ID: "offer", Status: deal.TaskOpen, Assignee: "bob"},
				{ID: "met", Status: deal.TaskDone, Assignee: "ann"},
			}
		})
		tasked(t, s, "b", func(d *deal.State) { d.Tasks = []deal.Task{{ID: "call", Status: deal.TaskOpen, Assignee: "ann"}} })
		want := []TaskLoad{{"ann", 2, 1}, {"bob", 1, 0}}
		if got := loads(t, s); !reflect.DeepEqual(got, want) {
			t.Errorf("%v, want %v", got, want)
		}

		// A database from before has them made of the deals.
		ok(t, s.transact(t.Context(), func(c conn) error {
			if _, err := c.exec(`DELETE FROM open_tasks`); err != nil {
				return err
			}
			return writeAllTasks(c)
		}))
		if got := loads(t, s); !reflect.DeepEqual(got, want) {
			t.Errorf("made anew %v, want %v", got, want)
		}

		tasked(t, s, "a", func(d *deal.State) { d.Tasks[0].Status = deal.TaskDone })
		tasked(t, s, "b", func(d *deal.State) { d.Tasks[0].Overdue, d.Tasks[0].Assignee = true, "bob" })
		if got, want := loads(t, s), []TaskLoad{{"bob", 2, 1}}; !reflect.DeepEqual(got, want) {
			t.Errorf("after a change %v, want %v", got, want)
		}
		tasked(t, s, "b", func(d *deal.State) { d.ClosedAt = noon })
		if got, want := loads(t, s), []TaskLoad{{"bob", 1, 0}}; !reflect.DeepEqual(got, want) {
			t.Errorf("after the end of a deal %v, want %v", got, want)
		}
	})
}

// Who waits for a person is known without reading deals: who is stalled, has a
// task overdue, or an address that is bad, and is still open.
func TestDealsThatWait(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		overdue := []deal.Task{{ID: "call", Status: deal.TaskOpen, Overdue: true}}
		for id, change := range map[string]func(*deal.State){
			"moving":  func(d *deal.State) { d.Tasks = []deal.Task{{ID: "call", Status: deal.TaskOpen}} },
			"stalled": func(d *deal.State) { d.StalledSince = noon },
			"overdue": func(d *deal.State) { d.Tasks = overdue },
			"late":    func(d *deal.State) { d.Tasks = []deal.Task{{ID: "call", Status: deal.TaskDone, Overdue: true}} },
			"address": func(d *deal.State) { d.BadAddress = "nobody@client.test" },
			"lost":    func(d *deal.State) { d.Status, d.StalledSince, d.Tasks = deal.Lost, noon, overdue },
		} {
			added(t, s, state(id))
			tasked(t, s, id, change)
		}
		waiting := Filter{Companies: []string{"acme"}, Waiting: true, Sort: "-amount"}
		check := func() {
			t.Helper()
			page, err := s.Deals(t.Context(), waiting)
			ok(t, err)
			var ids []string
			for _, row := range page.Items {
				ids = append(ids, row.State.ID)
			}
			slices.Sort(ids)
			if want := []string{"address", "overdue", "stalled"}; !slices.Equal(ids, want) || page.Total != len(want) {
				t.Errorf("%v of %d wait, want %v", ids, page.Total, want)
			}
			deals, amount, err := s.Worth(t.Context(), waiting)
			if ok(t, err); deals != 3 || amount != 750 {
				t.Errorf("%d deals of %v wait", deals, amount)
			}
		}
		check()
		ok(t, s.transact(t.Context(), func(c conn) error {
			if _, err := c.exec(`UPDATE deals SET waits = FALSE`); err != nil {
				return err
			}
			return writeAllWaits(c)
		}))
		check()
		tasked(t, s, "moving", func(d *deal.State) { d.Tasks[0].Overdue = true })
		tasked(t, s, "overdue", func(d *deal.State) { d.Tasks = []deal.Task{{ID: "call", Status: deal.TaskDone, Overdue: true}} })
		tasked(t, s, "stalled", func(d *deal.State) { d.StalledSince = time.Time{} })
		page, err := s.Deals(t.Context(), waiting)
		ok(t, err)
		if page.Total != 2 {
			t.Errorf("%d deals wait after the change", page.Total)
		}
	})
}

func TestSources(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		for i, source := range []string{"site", "", "mail:sales", "site", "api", "mail:sales"} {
			d := state(fmt.Sprint(i))
			d.Source = source
			added(t, s, d)
		}
		for name, c := range map[string]struct {
			process string
			most    int
			want    []string
		}{
			"all":             {"sales", 100, []string{"api", "mail:sales", "site"}},
			"too many":        {"sales", 2, []string{"api", "mail:sales"}},
			"another process": {"returns", 100, nil},
		} {
			got, err := s.Sources(t.Context(), "acme", c.process, c.most)
			ok(t, err)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	})
}
