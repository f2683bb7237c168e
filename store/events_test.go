package store

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/dealwright/dealwright/deal"
)

// noted adds lines to a deal's timeline.
func noted(t testing.TB, s *Store, dealID string, texts ...string) {
	t.Helper()
	var entries []deal.Entry
	for _, text := range texts {
		entries = append(entries, deal.Entry{At: noon, Type: "note", Actor: "rep@acme.test", Stage: "first", Data: map[string]any{"text": text}})
	}
	ok(t, s.UpdateDeal(t.Context(), dealID, func(tx *DealTx) error { return tx.Append(entries) }))
}

func TestTimeline(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		noted(t, s, "a", "one", "two")
		noted(t, s, "a", "three\x00\xff", "four", "five")
		var texts []any
		cursor := ""
		for more := true; more; more = cursor != "" {
			page, err := s.Events(t.Context(), "a", cursor, 2)
			ok(t, err)
			if page.Total != 5 {
				t.Errorf("total %d", page.Total)
			}
			for _, e := range page.Items {
				texts = append(texts, e.Data["text"])
			}
			cursor = page.Next
		}
		if want := []any{"one", "two", "three\x00\uFFFD", "four", "five"}; !reflect.DeepEqual(texts, want) {
			t.Errorf("timeline %q, want %q", texts, want)
		}
		if _, err := s.Events(t.Context(), "a", "x", 2); !errors.As(err, new(*BadQuery)) {
			t.Errorf("bad cursor: %v", err)
		}
		if _, err := s.Events(t.Context(), "nobody", "", 2); !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown deal: %v", err)
		}
	})
}

func TestLongTimelineInOneStep(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		noted(t, s, "a", make([]string, 1200)...)
		page, err := s.Events(t.Context(), "a", "", 0)
		ok(t, err)
		if page.Total != 1200 || len(page.Items) != MaxLimit {
			t.Errorf("%d of %d events", len(page.Items), page.Total)
		}
	})
}

// A feed that is read while many write, some of whom give up, misses nobody.
func TestFeedMissesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		const writers, notes = 8, 20
		for w := range writers {
			added(t, s, state(fmt.Sprint(w)))
		}
		last, err := s.LastEvent(t.Context())
		ok(t, err)
		if last != 0 {
			t.Fatalf("last event %d of none", last)
		}
		var wg sync.WaitGroup
		defer wg.Wait()
		for w := range writers {
			wg.Go(func() {
				for n := range notes {
					err := s.UpdateDeal(t.Context(), fmt.Sprint(w), func(tx *DealTx) error {
						if err := tx.Append([]deal.Entry{{At: noon, Type: "note"}}); err != nil || n%5 != 4 {
							return err
						}
						return errors.New("given up")
					})
					if (err != nil) != (n%5 == 4) {
						t.Error(err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		seen := map[string]int{}
		for running := true; running; {
			select {
			case <-done:
				running = false // one more look
			default:
			}
			for {
				events, err := s.EventsAfter(t.Context(), last, 7)
				ok(t, err)
				if len(events) == 0 {
					break
				}
				for _, e := range events {
					if e.ID <= last || e.Seq != int64(seen[e.DealID]+1) {
						t.Fatalf("deal %s: event %d, seq %d after %d", e.DealID, e.ID, e.Seq, seen[e.DealID])
					}
					last = e.ID
					seen[e.DealID]++
				}
			}
		}
		if newest, err := s.LastEvent(t.Context()); newest != last || err != nil {
			t.Errorf("last event %d, %v; want %d", newest, err, last)
		}
		for w := range writers {
			if got := seen[fmt.Sprint(w)]; got != notes*4/5 {
				t.Errorf("deal %d: %d events in the feed, want %d", w, got, notes*4/5)
			}
		}
	})
}
