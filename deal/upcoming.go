package deal

import (
	"iter"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// Upcoming is one thing that will happen by itself unless something comes in
// between.
type Upcoming struct {
	At        time.Time `json:"at"`
	Kind      string    `json:"kind" enum:"letter,task_overdue,timeout,escalation,move,recycle,resume"`
	What      string    `json:"what" doc:"In words, in the company's language."`
	Ref       string    `json:"ref,omitempty" doc:"The letter, the task, the level or the stage."`
	Unless    string    `json:"unless" doc:"What would stop it, in words."`
	StoppedBy []string  `json:"stopped_by" enum:"reply,meeting,progress,finish,leave,when,resume,reopen" doc:"What would stop it."`
}

// What stops something that would happen by itself.
const (
	StopReply    = "reply"    // the client replies
	StopMeeting  = "meeting"  // a meeting is held
	StopProgress = "progress" // anything moves
	StopFinish   = "finish"   // the task is finished
	StopLeave    = "leave"    // the deal leaves the stage
	StopWhen     = "when"     // the condition that the process sets holds no longer
	StopResume   = "resume"   // the pause is ended by hand
	StopReopen   = "reopen"   // the deal is taken up again before
)

// How far Forecast looks into the future: so many things, and no further than
// so many wakes of which none brings anything new, as when a ladder repeats.
const (
	mostAhead  = 25
	quietAhead = 30
)

// Forecast runs the deal forward with no new events and lists what will happen
// by itself, in order of time. Assignments to come are settled with whoever is first.
func Forecast(p *definitions.Process, s *State, now time.Time) []Upcoming {
	var out []Upcoming
	for u := range Ahead(p, s, now) {
		if out = append(out, u); len(out) == mostAhead {
			break
		}
	}
	return out
}

// Ahead is Forecast thing by thing, for who needs but the first few.
func Ahead(p *definitions.Process, s *State, now time.Time) iter.Seq[Upcoming] {
	return func(yield func(Upcoming) bool) {
		next, due := (&machine{p: p, s: s, at: now}).wake()
		if !due.IsZero() {
			next = now // it only waits to be looked at
		}
		for quiet := 0; !next.IsZero() && quiet < quietAhead; quiet++ {
			r, err := alone(p, s, next)
			if err != nil {
				return
			}
			told := foretell(p, r, next)
			for _, u := range told {
				if !yield(u) {
					return
				}
			}
			if len(told) > 0 {
				quiet = -1
			}
			s, next = r.State, r.Wake
		}
	}
}

// alone steps a deal to which nothing happens but that time passes.
func alone(p *definitions.Process, s *State, at time.Time) (*Result, error) {
	r, err := Step(p, s, Event{Kind: KindTimer}, at)
	for err == nil && len(r.State.Assigning) > 0 {
		a := r.State.Assigning[0]
		who := Pick(p.Company.Role(a.Role), 0, nil, at)
		var more *Result
		more, err = Step(p, r.State, Event{Kind: KindAssigned, Assign: &a, Owner: who, Timed: true}, at)
		if err == nil {
			more.Timeline = append(r.Timeline, more.Timeline...)
			more.Letters = append(r.Letters, more.Letters...)
			r = more
		}
	}
	return r, err
}
