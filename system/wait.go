//go:build system

package system

import (
	"testing"
	"time"
)

// Eventually asks until the answer is nil, and ends the test with the last answer if that takes longer than within.
func Eventually(t testing.TB, within time.Duration, ask func() error) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatalf("not after %s: %v", within, err)
		}
	}
}
