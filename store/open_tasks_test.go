package store

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/dealwright/dealwright/deal"
)

// tasked saves a deal with these tasks.
func tasked(t *testing.T, s *Store, id string, change func(*deal.State)) {
	t.Helper()
	ok(t, s.UpdateDeal(t.Context(), id, func(tx *DealTx) error {
		next := *tx.State
		next.Tasks = slices.Clone(next.Tasks)
		change(&next)
		return tx.Save(&next, SaveExtra{At: noon})
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
