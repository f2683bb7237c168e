package store

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

func TestInputIsAppliedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		added(t, s, state("b"))
		event := deal.Event{Kind: deal.KindSet, Actor: "rep@acme.test", Fields: map[string]any{"budget": 5.0}}
		for range 2 {
			ok(t, s.AddInput(t.Context(), Input{ID: "in", DealID: "a", Event: event}))
		}
		pending, err := s.Pending(t.Context(), "a")
		ok(t, err)
		if len(pending) != 1 || pending[0].Kind != deal.KindSet || !reflect.DeepEqual(pending[0].Event, event) || pending[0].Outcome != nil {
			t.Fatalf("pending %+v", pending)
		}
		outcome := Outcome{Refused: true, Problems: []deal.Problem{{Message: "no", Field: "budget"}}}
		ok(t, s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error { return tx.Apply("in", outcome) }))
		ok(t, s.AddInput(t.Context(), Input{ID: "in", DealID: "a", Event: event}))
		got, err := s.Input(t.Context(), "in")
		ok(t, err)
		if got.AppliedAt.IsZero() || !reflect.DeepEqual(got.Outcome, &outcome) {
			t.Errorf("applied %+v", got)
		}
		ok(t, s.UpdateDeal(t.Context(), "b", func(tx *DealTx) error {
			if _, err := tx.Input("in"); !errors.Is(err, ErrNotFound) {
				t.Errorf("another deal reads it: %v", err)
			}
			if err := tx.Apply("in", Outcome{}); !errors.Is(err, ErrNotFound) {
				t.Errorf("another deal applies it: %v", err)
			}
			return nil
		}))
	})
}

func TestSweepFindsWhatWasNotApplied(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		added(t, s, state("b"))
		for i, in := range []Input{{ID: "z", DealID: "a"}, {ID: "y", DealID: "b"}, {ID: "x", DealID: "a"}, {ID: "w", DealID: "a"}} {
			in.CreatedAt = noon.Add(time.Duration(i) * time.Minute)
			ok(t, s.AddInput(t.Context(), in))
		}
		ok(t, s.UpdateDeal(t.Context(), "b", func(tx *DealTx) error { return tx.Apply("y", Outcome{}) }))
		inputs, err := s.PendingInputs(t.Context(), noon.Add(3*time.Minute), 10)
		ok(t, err)
		var got []string
		for _, in := range inputs {
			got = append(got, in.ID)
		}
		if want := []string{"z", "x"}; !reflect.DeepEqual(got, want) {
			t.Errorf("pending %v, want %v", got, want)
		}
	})
}
