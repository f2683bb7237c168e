package deal

import (
	"cmp"
	"slices"
	"time"
)

// Timer is something that is due some day. Once computed its moment is kept,
// whatever becomes of the calendar.
type Timer struct {
	Kind     string    `json:"kind"`
	Ref      string    `json:"ref,omitempty"` // a step, a task, a level's or a move's index
	Level    int       `json:"level,omitempty"`
	Count    int       `json:"count,omitempty"` // of repeats
	At       time.Time `json:"at"`
	Business bool      `json:"business,omitempty"` // what remains of it counts in open hours
}

// Kinds of timers, and with them the order of what is due at the same instant.
const (
	timerResume    = "resume"
	timerOverdue   = "overdue"
	timerLetter    = "letter"
	timerTimeout   = "timeout"
	timerLevel     = "level"
	timerTaskLevel = "task_level"
	timerNext      = "next"
	timerRecycle   = "recycle"
)

func rank(kind string) int {
	switch kind {
	case timerResume:
		return 0
	case timerOverdue:
		return 1
	case timerLetter:
		return 2
	case timerTimeout:
		return 3
	case timerLevel, timerTaskLevel:
		return 4
	case timerNext:
		return 5
	default:
		return 6
	}
}

// pausable timers stand still while a deal is paused.
func (t Timer) pausable() bool {
	return t.Kind != timerResume && t.Kind != timerOverdue
}

func compareTimers(a, b Timer) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(rank(a.Kind), rank(b.Kind)))
}

// schedule starts a timer. Within a pause it is set as far after the pause's
// beginning as it is to run after its end.
func (m *machine) schedule(t Timer) {
	if m.s.Paused() && t.pausable() {
		cal := m.p.Company.Calendar
		t.At = cal.Shift(m.s.PausedAt, cal.Sub(t.At, m.at, t.Business), t.Business)
	}
	m.s.Timers = append(m.s.Timers, t)
	m.ownTimers = true
}

// timers are the deal's timers to be changed in place.
func (m *machine) timers() []Timer {
	if !m.ownTimers {
		m.s.Timers, m.ownTimers = slices.Clone(m.s.Timers), true
	}
	return m.s.Timers
}

// armed reports whether a timer of the kind is running.
func (m *machine) armed(kind string) bool {
	return slices.ContainsFunc(m.s.Timers, func(t Timer) bool { return t.Kind == kind })
}

// cancel removes the timers that match.
func (m *machine) cancel(match func(Timer) bool) {
	if slices.ContainsFunc(m.s.Timers, match) {
		m.s.Timers = slices.DeleteFunc(m.timers(), match)
	}
}

func (m *machine) cancelKind(kinds ...string) {
	m.cancel(func(t Timer) bool { return slices.Contains(kinds, t.Kind) })
}

// nextDue returns the index of the timer to fire now, or -1.
func (m *machine) nextDue() int {
	best := -1
	for i, t := range m.s.Timers {
		if t.At.After(m.at) || m.holds(t) {
			continue
		}
		if best < 0 || compareTimers(t, m.s.Timers[best]) < 0 {
			best = i
		}
	}
	return best
}

// holds reports whether a due timer has to wait: for the end of a pause, or
// for the mailboxes to be read past its moment when it would reach people or
// lose the deal.
func (m *machine) holds(t Timer) bool {
	if m.s.Paused() && t.pausable() {
		return true
	}
	return m.unread(t.At) && m.reaches(t)
}

// unread reports whether a client's answer from before the moment may still
// lie in a mailbox.
func (m *machine) unread(moment time.Time) bool {
	return !m.e.ReadThrough.IsZero() && moment.After(m.e.ReadThrough)
}

// reaches reports whether the timer, when fired, writes to somebody or loses
// the deal.
func (m *machine) reaches(t Timer) bool {
	switch t.Kind {
	case timerLetter:
		// A letter due at the very moment of the event that caused it answers
		// that event; there is nothing to wait for.
		return !m.answering || !t.At.Equal(m.at)
	case timerLevel, timerTaskLevel:
		return true
	case timerNext:
		mv := m.move(t.Ref)
		return mv != nil && mv.To == toLost
	}
	return false
}

// wake returns the earliest moment at which something can happen, and since
// when something due is being held back until the mailboxes are read.
func (m *machine) wake() (at, held time.Time) {
	for _, t := range m.s.Timers {
		if m.s.Paused() && t.pausable() {
			continue
		}
		earliest := &at
		if !t.At.After(m.at) {
			earliest = &held
		}
		if earliest.IsZero() || t.At.Before(*earliest) {
			*earliest = t.At
		}
	}
	return at, held
}
