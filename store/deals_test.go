package store

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

func TestDealComesBackAsItWasSaved(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		want := added(t, s, state("a"))
		want.Fields = map[string]any{"budget": 1500.5, "need": "кухня\x00", "urgent": true}
		want.StalledSince = noon.Add(time.Hour)
		want.Timers = []deal.Timer{}
		err := s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error {
			return tx.Save(want, SaveExtra{Amount: 1500.5, Currency: "RUB", NextWake: noon.Add(time.Minute), At: noon.Add(time.Hour)})
		})
		ok(t, err)
		got, err := s.Deal(t.Context(), "a")
		ok(t, err)
		want.Timers = nil // an empty list and none are the same
		if !reflect.DeepEqual(got.State, want) {
			t.Errorf("state\n%+v\nwant\n%+v", got.State, want)
		}
		got.State = nil
		if want := (DealRow{Amount: 1500.5, Currency: "RUB", NextWake: noon.Add(time.Minute), UpdatedAt: noon.Add(time.Hour), Revision: 2}); *got != want {
			t.Errorf("row %+v, want %+v", *got, want)
		}
	})
}

func TestDealUnknown(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		if _, err := s.Deal(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
			t.Errorf("read: %v", err)
		}
		if err := s.UpdateDeal(t.Context(), "nobody", func(*DealTx) error { return nil }); !errors.Is(err, ErrNotFound) {
			t.Errorf("update: %v", err)
		}
		if err := s.AddInput(t.Context(), Input{ID: "x", DealID: "nobody"}); !errors.Is(err, ErrNotFound) {
			t.Errorf("input: %v", err)
		}
	})
}

func TestFailedUpdateLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		ok(t, s.AddInput(t.Context(), Input{ID: "in", DealID: "a"}))
		crash := &deal.Refusal{Problems: []deal.Problem{{Message: "no"}}}
		err := s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error {
			changed := *tx.State
			changed.Stage = "second"
			_, turnErr := tx.Turn("acme", "rep")
			ok(t, errors.Join(turnErr,
				tx.Append([]deal.Entry{{Type: "note"}}),
				tx.Enqueue([]OutboxRow{{Key: "k", Account: "acme", Kind: KindLetter, MessageID: "m@acme.test"}}, noon),
				tx.Apply("in", Outcome{}),
				tx.Save(&changed, SaveExtra{})))
			return crash
		})
		if _, kept := errors.AsType[*deal.Refusal](err); !kept {
			t.Fatalf("the function's own error is lost: %v", err)
		}
		row, err := s.Deal(t.Context(), "a")
		ok(t, err)
		events, err := s.Events(t.Context(), "a", "", 0)
		ok(t, err)
		letters, err := s.DealOutbox(t.Context(), "a")
		ok(t, err)
		pending, err := s.Pending(t.Context(), "a")
		ok(t, err)
		if row.State.Stage != "first" || row.Revision != 1 || events.Total+len(events.Items)+len(letters) != 0 || len(pending) != 1 {
			t.Errorf("left behind: stage %s, revision %d, %d events, %d letters, %d pending inputs",
				row.State.Stage, row.Revision, len(events.Items), len(letters), len(pending))
		}
		ok(t, s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error {
			turn, err := tx.Turn("acme", "rep")
			if turn != 0 {
				t.Errorf("turn %d, want 0", turn)
			}
			return err
		}))
	})
}

func TestHundredAtOnceOnOneDeal(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		const many = 100
		var wg sync.WaitGroup
		for range many {
			wg.Go(func() {
				err := s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error {
					next := *tx.State
					next.Recycled++ // lost if two read the same state
					return errors.Join(tx.Append([]deal.Entry{{At: noon, Type: "note"}, {At: noon, Type: "progressed"}}), tx.Save(&next, SaveExtra{}))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		row, err := s.Deal(t.Context(), "a")
		ok(t, err)
		if row.State.Recycled != many || row.Revision != many+1 {
			t.Errorf("count %d, revision %d", row.State.Recycled, row.Revision)
		}
		events, err := s.Events(t.Context(), "a", "", 0)
		ok(t, err)
		if len(events.Items) != 2*many || events.Total != 2*many {
			t.Fatalf("%d of %d events", len(events.Items), events.Total)
		}
		for i, e := range events.Items {
			if e.Seq != int64(i+1) {
				t.Fatalf("event %d has seq %d", i, e.Seq)
			}
		}
	})
}

func TestCreateDealTwice(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ok(t, s.CreateDeal(t.Context(), state("a"), Input{ID: "in"}))
		again := state("a")
		again.Subject = "Another"
		ok(t, s.CreateDeal(t.Context(), again, Input{ID: "in"}))
		row, err := s.Deal(t.Context(), "a")
		ok(t, err)
		pending, err := s.Pending(t.Context(), "a")
		ok(t, err)
		if row.State.Subject != "Enquiry" || len(pending) != 1 {
			t.Errorf("subject %q, %d inputs", row.State.Subject, len(pending))
		}
	})
}

func TestRotationAndLoad(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		for _, id := range []string{"a", "b", "c"} {
			added(t, s, state(id))
		}
		lost := state("d")
		lost.Status = deal.Lost
		added(t, s, lost)
		other := state("e")
		other.Company = "other"
		added(t, s, other)
		ok(t, s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error {
			next := *tx.State
			next.Owner = "second@acme.test"
			ok(t, tx.Save(&next, SaveExtra{}))
			load, err := tx.Load("acme")
			if want := map[string]int{"rep@acme.test": 2, "second@acme.test": 1}; !reflect.DeepEqual(load, want) {
				t.Errorf("load %v, want %v", load, want)
			}
			return err
		}))
		var turns []int
		for _, role := range []string{"rep", "rep", "manager", "rep"} {
			ok(t, s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error {
				turn, err := tx.Turn("acme", role)
				turns = append(turns, turn)
				return err
			}))
		}
		if want := []int{0, 1, 0, 2}; !reflect.DeepEqual(turns, want) {
			t.Errorf("turns %v, want %v", turns, want)
		}
	})
}
