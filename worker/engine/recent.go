package engine

import (
	"sync"
	"time"
)

// recent remembers which messages were said a moment ago. The server's messages are constants, so it stays small.
type recent struct {
	now  func() time.Time
	mu   sync.Mutex
	said map[string]*utterance
}

type utterance struct {
	at     time.Time
	unsaid int
}

func newRecent(now func() time.Time) *recent {
	return &recent{now: now, said: make(map[string]*utterance)}
}

// allow reports whether a message may be said, and how often it was held back since it was said last.
func (r *recent) allow(message string) (unsaid int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, known := r.said[message]
	if known && r.now().Sub(last.at) < repeatAfter {
		last.unsaid++
		return 0, false
	}
	if known {
		unsaid = last.unsaid
	}
	r.said[message] = &utterance{at: r.now()}
	return unsaid, true
}
