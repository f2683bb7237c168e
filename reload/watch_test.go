package reload

import (
	"context"
	"os"
	"syscall"
	"testing"
	"time"
)

// watched is a world whose folder is watched; what is taken comes by the channel.
func watched(t *testing.T) (w *world, taken <-chan []Change, now chan<- os.Signal) {
	w = newWorld(t)
	changes := make(chan []Change, 10)
	w.r.Taken = func(_ context.Context, c []Change) error { changes <- c; return nil }
	ctx, cancel := context.WithCancel(t.Context())
	signals := make(chan os.Signal)
	ended := make(chan struct{})
	go func() { defer close(ended); w.r.Watch(ctx, signals) }()
	t.Cleanup(func() { cancel(); <-ended })
	return w, changes, signals
}

// within waits for what is taken next and answers how long it took.
func within(t *testing.T, limit time.Duration, taken <-chan []Change) ([]Change, time.Duration) {
	t.Helper()
	began := time.Now()
	select {
	case c := <-taken:
		return c, time.Since(began)
	case <-time.After(limit):
		t.Fatalf("nothing was taken within %s", limit)
		return nil, 0
	}
}

func TestWatchTakesASaveOnceItIsQuiet(t *testing.T) {
	w, taken, _ := watched(t)
	w.write("acme/company.yaml", company("acme", "name: Acme\n"))
	changes, took := within(t, 20*time.Second, taken)
	if len(changes) != 1 || changes[0].After.Name != "Acme" || took < quiet/2 {
		t.Errorf("took %v after %s", changes, took)
	}
	// A folder that is new is watched like the others.
	w.write("beta/company.yaml", company("beta", "")).write("beta/processes/sales.yaml", process)
	if changes, _ := within(t, 20*time.Second, taken); len(changes) != 1 || changes[0].After.ID != "beta" {
		t.Errorf("took %v", changes)
	}
}

func TestWatchTakesAtOnceWhatItIsToldTo(t *testing.T) {
	w, taken, now := watched(t)
	w.write("acme/company.yaml", company("acme", "name: Acme\n"))
	now <- syscall.SIGHUP
	if _, took := within(t, 20*time.Second, taken); took > quiet {
		t.Errorf("took %s", took)
	}
}
