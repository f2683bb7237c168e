package store

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// each runs a test on every database that this build has.
func each(t *testing.T, test func(*testing.T, *Store)) {
	t.Helper()
	for _, database := range databases {
		t.Run(database.name, func(t *testing.T) { test(t, database.open(t)) })
	}
}

type database struct {
	name string
	open func(testing.TB) *Store // an empty one
}

var databases = []database{{"sqlite", func(t testing.TB) *Store { return open(t, t.TempDir()) }}}

func open(t testing.TB, dsn string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// ok fails the test at once when err is not nil.
func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func state(id string) *deal.State {
	return &deal.State{
		ID: id, Company: "acme", Process: "sales", Version: "v1", Stage: "first", Status: deal.Open, Owner: "rep@acme.test",
		Contact: definitions.Contact{Name: "Client", Email: id + "@client.test"}, Subject: "Enquiry", Visit: 1, OpenedAt: noon, StageEnteredAt: noon,
	}
}

// added makes a deal and leaves no input behind.
func added(t testing.TB, s *Store, state *deal.State) *deal.State {
	t.Helper()
	ok(t, s.CreateDeal(context.Background(), state, Input{ID: "open-" + state.ID, Event: deal.Event{Kind: deal.KindOpen}}))
	ok(t, s.UpdateDeal(context.Background(), state.ID, func(tx *DealTx) error { return tx.Apply("open-"+state.ID, Outcome{}) }))
	return state
}

func TestOpenTwice(t *testing.T) {
	folder := t.TempDir()
	first := open(t, folder)
	added(t, first, state("a"))
	second := open(t, "file:"+folder)
	row, err := second.Deal(t.Context(), "a")
	ok(t, err)
	if row.State.Subject != "Enquiry" {
		t.Errorf("subject %q", row.State.Subject)
	}
}

// A file of the migrations that none of them runs would be missed by nobody.
func TestEveryMigrationIsRun(t *testing.T) {
	files, err := os.ReadDir("migrations")
	ok(t, err)
	migrations := (&Store{}).migrations()
	if len(files) != len(migrations) {
		t.Fatalf("%d files and %d migrations", len(files), len(migrations))
	}
	for i, file := range files {
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(file.Name(), want) || migrations[i].Version != int64(i+1) {
			t.Errorf("%s is migration %d", file.Name(), migrations[i].Version)
		}
	}
}
