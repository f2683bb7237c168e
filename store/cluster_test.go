//go:build system

package store

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/dealwright/dealwright/deal"
)

// Several processes that start at once make the tables once, and share deals,
// rotations and leases.
func TestSeveralProcessesOnOnePostgres(t *testing.T) {
	dsn := newDatabase(t)
	const processes, rounds = 4, 25
	stores := make([]*Store, processes)
	var wg sync.WaitGroup
	for i := range stores {
		wg.Go(func() {
			var err error
			if stores[i], err = Open(t.Context(), dsn); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	for _, s := range stores {
		t.Cleanup(func() { _ = s.Close() })
	}
	added(t, stores[0], state("a"))
	added(t, stores[0], state("b"))
	var mu sync.Mutex
	turns := map[int]bool{}
	for p, s := range stores {
		wg.Go(func() {
			for range rounds {
				err := s.UpdateDeal(t.Context(), []string{"a", "b"}[p%2], func(tx *DealTx) error {
					next := *tx.State
					next.Recycled++
					turn, err := tx.Turn("acme", "rep")
					mu.Lock()
					turns[turn] = true
					mu.Unlock()
					return errors.Join(err, tx.Append([]deal.Entry{{At: noon, Type: "note"}}), tx.Save(&next, SaveExtra{}))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if len(turns) != processes*rounds || !turns[0] || !turns[processes*rounds-1] {
		t.Errorf("%d different turns of %d", len(turns), processes*rounds)
	}
	for _, id := range []string{"a", "b"} {
		row, err := stores[3].Deal(t.Context(), id)
		ok(t, err)
		if row.State.Recycled != processes/2*rounds {
			t.Errorf("deal %s: %d changes", id, row.State.Recycled)
		}
	}
	holders := 0
	for i, s := range stores {
		got, err := s.Lease(t.Context(), "digest", fmt.Sprint(i), 1e9*60)
		ok(t, err)
		if got {
			holders++
		}
	}
	if holders != 1 {
		t.Errorf("%d hold the lease", holders)
	}
}

// A server that goes away is named as the cause, and its return is noticed.
func TestPostgresGoesAwayAndComesBack(t *testing.T) {
	s := open(t, newDatabase(t))
	added(t, s, state("a"))
	write := func() error {
		return s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error { return tx.Append([]deal.Entry{{Type: "note"}}) })
	}
	server.end(t)
	for range 3 {
		if err := write(); !errors.Is(err, ErrUnavailable) {
			t.Errorf("writing: %v", err)
		}
		if _, err := s.Deals(t.Context(), Filter{}); !errors.Is(err, ErrUnavailable) {
			t.Errorf("reading: %v", err)
		}
		if err := s.Ping(t.Context()); !errors.Is(err, ErrUnavailable) {
			t.Errorf("ping: %v", err)
		}
	}
	server.begin(t)
	ok(t, write())
	page, err := s.Events(t.Context(), "a", "", 0)
	ok(t, err)
	if page.Total != 1 {
		t.Errorf("%d events, want the one that was answered with success", page.Total)
	}
}

// Processes that hang hold a row and stand in the queue for it. Those in the
// queue leave it before the first is ended, or each would hold it in turn.
func TestNobodyQueuesForLong(t *testing.T) {
	s := open(t, newDatabase(t))
	added(t, s, state("a"))
	added(t, s, state("b"))
	holds, err := s.writer.BeginTx(t.Context(), nil)
	ok(t, err)
	defer func() { _ = holds.Rollback() }()
	turn := `INSERT INTO rotations (company, role, turn) VALUES ('acme', 'rep', 1) ON CONFLICT (company, role) DO UPDATE SET turn = rotations.turn + 1`
	if _, err := holds.ExecContext(t.Context(), turn); err != nil {
		t.Fatal(err)
	}
	var all errgroup.Group
	for _, id := range []string{"a", "b"} {
		all.Go(func() error {
			err := s.UpdateDeal(t.Context(), id, func(tx *DealTx) error {
				_, err := tx.Turn("acme", "rep")
				return err
			})
			if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "another transaction holds the row") {
				return fmt.Errorf("deal %s: %w, want that it is unavailable for now", id, err)
			}
			return nil
		})
	}
	ok(t, all.Wait())
	if err := holds.Commit(); err != nil {
		t.Errorf("the one who held the row was ended before those who waited for it: %v", err)
	}
	ok(t, s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error {
		turns, err := tx.Turn("acme", "rep")
		if turns != 1 {
			t.Errorf("%d turns before this one", turns)
		}
		return err
	}))
}

// A process that hung finds out what has become of its transaction.
func TestHungTransaction(t *testing.T) {
	s := open(t, newDatabase(t))
	added(t, s, state("a"))
	err := s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error {
		if _, err := tx.c.exec(`SET LOCAL idle_in_transaction_session_timeout = 20`); err != nil {
			return err
		}
		for idle := 1; idle > 0; {
			ok(t, s.read(t.Context()).row(`SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'idle in transaction'`, nil, &idle))
		}
		_, err := tx.Turn("acme", "rep")
		return err
	})
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "this process hung") {
		t.Errorf("error %v", err)
	}
	ok(t, s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error {
		turns, err := tx.Turn("acme", "rep")
		if turns != 0 {
			t.Errorf("what was not committed counts: %d turns", turns)
		}
		return err
	}))
}

// A process that starts waits for a mailbox that another hangs with.
func TestStartBesideOneThatHangs(t *testing.T) {
	s := capturing(t, open(t, newDatabase(t)))
	hangs, err := s.writer.BeginTx(t.Context(), nil)
	ok(t, err)
	defer func() { _ = hangs.Rollback() }()
	if _, err := hangs.ExecContext(t.Context(), `UPDATE mailboxes SET last_uid = 7`); err != nil {
		t.Fatal(err)
	}
	capturing(t, s)
	row, err := s.Mailbox(t.Context(), sales)
	ok(t, err)
	if row.LastUID != 0 {
		t.Errorf("what hung was committed: UID %d", row.LastUID)
	}
}
