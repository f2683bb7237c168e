package reload

import "time"

// quiet is how long nothing may change before the files are taken: long enough
// for an editor that saves by several steps and for a checkout of many files.
const quiet = time.Second

// poll is how often the files are looked at when nothing announces a change.
const poll = 2 * time.Second

// settling decides when files that change have come to rest.
type settling struct {
	seen    string    // the last stamp
	changed bool      // since they were last taken
	since   time.Time // of the last change
}

// touch says that something has changed at a moment, or may have.
func (s *settling) touch(now time.Time) { s.changed, s.since = true, now }

// look compares the files' stamp with the one before. It answers whether they
// are to be taken now, and when to look again.
func (s *settling) look(now time.Time, stamp string) (take bool, again time.Duration) {
	if stamp != s.seen {
		s.seen = stamp
		s.touch(now)
	}
	if !s.changed {
		return false, poll
	}
	if left := quiet - now.Sub(s.since); left > 0 {
		return false, left
	}
	s.changed = false
	return true, poll
}
