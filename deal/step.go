package deal

import (
	"fmt"
	"slices"
	"time"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/definitions"
)

// machine is one Step under way.
type machine struct {
	p  *definitions.Process
	s  *State
	e  Event
	at time.Time
	r  *Result

	// answering: the event is in, so what it causes at this moment need not wait
	// for the mailboxes to be read.
	answering bool

	facts *definitions.Facts // of the state as it is now; nil when it must be made anew

	ownTasks, ownTimers bool // the state's tasks and timers are no longer shared with the state given to Step
}

// Step advances a deal by one event that happened at a moment: first by
// everything that was due until then, then by the event. It answers a *Refusal
// when the process does not allow the change, any other error when the event
// makes no sense; in both cases the state is untouched.
func Step(p *definitions.Process, s *State, e Event, at time.Time) (*Result, error) {
	m := &machine{p: p, s: s.clone(), e: e, at: at, r: &Result{}}
	if e.Kind != KindOpen && e.Kind != KindAssigned {
		m.runDue()
		if len(m.s.Assigning) > 0 && e.Kind != KindTimer {
			return nil, ErrAssignFirst
		}
	}
	if err := m.apply(); err != nil {
		return nil, err
	}
	m.answering = e.Kind != KindTimer && !e.Timed
	m.settle(at)
	m.runDue()
	if len(m.s.Assigning) == 0 {
		m.s.Entered = nil
	}
	m.r.State = m.s
	m.r.Wake, m.r.HeldSince = m.wake()
	return m.r, nil
}

// ErrAssignFirst says that what was due before the event asks for somebody of
// a role: feed a timer event and settle the assignment, then feed the event.
var ErrAssignFirst = fmt.Errorf("deal: something due before the event waits for an assignment")

// runDue fires everything due, in order, until an assignment must be settled.
func (m *machine) runDue() {
	for len(m.s.Assigning) == 0 {
		i := m.nextDue()
		if i < 0 {
			return
		}
		t := m.s.Timers[i]
		m.s.Timers = slices.Delete(m.timers(), i, i+1)
		m.fire(t)
		m.settle(t.At)
	}
}

func (m *machine) fire(t Timer) {
	switch t.Kind {
	case timerResume:
		m.resume("system")
	case timerOverdue:
		m.overdue(t)
	case timerLetter:
		m.sequenceLetter(t)
	case timerTimeout:
		m.timeout(t)
	case timerLevel:
		m.climb(t)
	case timerTaskLevel:
		m.climbTask(t)
	case timerRecycle:
		m.recycle()
	case timerNext:
		// settle looks at every move, this one's `after` included.
	}
}

func (m *machine) apply() error {
	switch m.e.Kind {
	case KindTimer:
		return nil
	case KindOpen:
		return m.open()
	case KindAssigned:
		return m.assigned()
	}
	if m.s.MergedTo != "" {
		return conflict("this deal was merged into %s; make the change there", m.s.MergedTo)
	}
	switch m.e.Kind {
	case KindReply:
		m.reply()
	case KindAutoReply, KindOutbound, KindEvidence:
		m.mailOnly()
	case KindBounce, KindLetterFailed:
		m.bounce()
	case KindUnsubscribe:
		m.unsubscribe()
	case KindSet:
		return m.set()
	case KindComplete:
		return m.complete()
	case KindAddTask:
		return m.addTask()
	case KindChangeTask:
		return m.changeTask()
	case KindDocument:
		return m.document()
	case KindNote:
		m.note("note", map[string]any{"text": m.e.Text})
	case KindMove:
		return m.moveByHand()
	case KindSignal:
		return m.signal()
	case KindPause:
		return m.pause()
	case KindResume:
		if !m.s.Paused() {
			return conflict("the deal is not paused")
		}
		m.resume(m.e.Actor)
	case KindReopen:
		return m.reopenByHand()
	case KindMerge:
		return m.merge()
	case KindUpgrade:
		return m.upgrade()
	case KindMember:
		m.memberLeft()
	default:
		return fmt.Errorf("deal: unknown kind of event %q", m.e.Kind)
	}
	return nil
}

// settle lets what the state now allows happen by itself: tasks whose `when`
// has come true, and moves. A move waits for all else that is due at the same
// instant.
func (m *machine) settle(instant time.Time) {
	for range len(m.p.Stages) + 1 {
		m.openTasks()
		if m.duringInstant(instant) || !m.moveBySelf() {
			return
		}
		instant = m.at
	}
}

// duringInstant reports whether something is due at the instant that comes
// before the moves.
func (m *machine) duringInstant(instant time.Time) bool {
	i := m.nextDue()
	return i >= 0 && m.s.Timers[i].At.Equal(instant) && rank(m.s.Timers[i].Kind) < rank(timerNext)
}

// note writes a line of the timeline.
func (m *machine) note(kind string, data map[string]any) {
	m.noteBy(m.e.Actor, kind, data)
}

func (m *machine) noteBy(actor, kind string, data map[string]any) {
	if actor == "" {
		actor = "system"
	}
	m.r.Timeline = append(m.r.Timeline, Entry{At: m.at, Type: kind, Actor: actor, Stage: m.s.Stage, Data: data})
}

func (m *machine) stage() *definitions.Stage { return m.p.Stage(m.s.Stage) }

// add counts a duration of the process language from a moment on the
// company's calendar.
func (m *machine) add(from time.Time, d calendar.Duration) time.Time {
	return m.p.Company.Calendar.Add(from, d)
}

// happened notes a trigger of `next.on`.
func (m *machine) happened(trigger string) {
	if !slices.Contains(m.s.Happened, trigger) {
		m.s.Happened = append(m.s.Happened, trigger)
	}
}

// progress is what clears `stalled` and the ladder.
func (m *machine) progress() {
	if m.s.Status == Lost || m.s.Closed() {
		return
	}
	m.s.LastProgress = m.at
	m.cancelKind(timerLevel)
	m.s.Level, m.s.LevelAt = 0, time.Time{}
	if m.s.Stalled() {
		m.s.StalledSince = time.Time{}
		m.s.Happened = slices.DeleteFunc(slices.Clone(m.s.Happened), func(t string) bool { return t == "timeout" })
		m.note("progressed", nil)
	}
	m.armTimeout()
}

// facts is what expressions may know now.
func (m *machine) know() *definitions.Facts {
	if m.facts == nil {
		m.facts = m.s.Facts(m.p)
	}
	return m.facts
}

// changed forgets the facts after the state they were made of has changed.
func (m *machine) changed() { m.facts = nil }

// Facts is what expressions and letters may know of the deal.
func (s *State) Facts(p *definitions.Process) *definitions.Facts {
	f := &definitions.Facts{
		Fields: s.Fields, Returning: s.Returning, Visit: s.Visit, Source: s.Source,
		Owner: s.Owner, Contact: s.Contact, Stage: s.Stage, Amount: s.Amount(p),
	}
	if p.Qualification != nil {
		// A criterion that cannot be evaluated counts as not met.
		f.Score, _, _ = p.Score(f)
	}
	return f
}

// LetterData is what letters and documents are written from.
func (s *State) LetterData(p *definitions.Process) definitions.LetterData {
	return definitions.LetterData{Facts: s.Facts(p), Subject: s.Subject, Text: s.Text, OpenedAt: s.OpenedAt}
}

// Amount is the value of the process's amount field, 0 while it is not filled.
func (s *State) Amount(p *definitions.Process) float64 {
	v, _ := s.Fields[p.Amount].(float64)
	return v
}

// holds evaluates a condition; none given holds. An expression that fails at
// run time (a division by zero) does not hold.
func (m *machine) holdsTrue(e *definitions.Expr) bool {
	if e == nil {
		return true
	}
	ok, err := e.Bool(m.know())
	return err == nil && ok
}
