package definitions

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// Hostile files are answered with a message, in little memory.
func TestLoadHoldsItsMemory(t *testing.T) {
	tests := map[string]string{
		"a hundred megabytes":  strings.Repeat("a: b # filler\n", 100<<20/14),
		"nothing but dashes":   strings.Repeat("-\n", 1<<19),
		"stages without end":   "process: sales\nstages:\n" + strings.Repeat("- {}\n", 140_000),
		"brackets":             strings.Repeat("[", 1<<20),
		"braces":               strings.Repeat("{a: ", 1<<18),
		"commas":               "[" + strings.Repeat("a,", 1<<19),
		"questions":            strings.Repeat("? ", 1<<19),
		"colons":               strings.Repeat("a: ", 1<<18),
		"one long line":        "name: " + strings.Repeat("x", 1<<20-10),
		"comments":             strings.Repeat("#\n", 140_000) + "a: b",
		"anchors":              strings.Repeat("- &a a\n", 140_000),
		"a billion laughs":     laughs(),
		"faults on one line":   "process: sales\nstages: [" + strings.Repeat("{},", 60_000) + "{password: x}]\n",
		"an alias in itself":   "process: sales\nstages: &s\n  - id: talk\n    tasks: *s\n",
		"deep ladders of keys": strings.Repeat("a:\n ", 1000),
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			fsys := folder(map[string]string{"processes/sales.yaml": content})
			peak := peakMemory(t, func() {
				company, found := LoadFS(fsys, "acme")
				if company != nil || !found.HasErrors() {
					t.Error("it was taken for a company")
				}
				for _, d := range found[:1] {
					t.Log(d.Message[:min(len(d.Message), 200)])
				}
			})
			t.Logf("%d MiB", peak>>20)
			if peak > 200<<20 {
				t.Errorf("it took %d MiB, want less than 200", peak>>20)
			}
		})
	}
}

// laughs is a file in which each level of lists repeats the one before it.
func laughs() string {
	var b strings.Builder
	b.WriteString("process: sales\nfields:\n  f0: &f0 {type: choice, options: &o [" + strings.Repeat("a, ", 400) + "a]}\n")
	for range 100 {
		b.WriteString("  f" + strings.Repeat("x", b.Len()%50) + ": *f0\n")
	}
	b.WriteString("stages: &x [&y {tasks: [*y, *y, *y], next: *x}]\n")
	return b.String()
}

// peakMemory runs f and returns the most memory that was in use meanwhile,
// over what was in use before.
func peakMemory(t *testing.T, f func()) uint64 {
	t.Helper()
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		most := uint64(0)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse-min(now.HeapInuse, before.HeapInuse))
			select {
			case <-done:
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	f()
	close(done)
	return <-peak
}
