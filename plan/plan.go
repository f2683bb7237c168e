// Package plan says what an edit of a company's files would do to its open
// deals. It runs the deals' own function on copies of their states: nothing is
// written, and nobody hears of it.
package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/scenario"
)

// When an open deal takes up an edit.
const (
	Already = "already"    // it goes by this version
	AtOnce  = "at_once"    // as soon as the edit is live
	Next    = "next_stage" // as it enters its next stage
	Never   = "never"      // it stays with its version to its end
)

// Deal is what becomes of one open deal.
type Deal struct {
	ID      string `json:"id"`
	Process string `json:"process"`
	Stage   string `json:"stage"`
	Owner   string `json:"owner,omitempty"`
	Version string `json:"version"` // that it goes by now
	Takes   string `json:"takes"`
	// To is the stage that it would be in, where that is another.
	To string `json:"to,omitempty"`
	// By is when it would enter its next stage by itself; nil: somebody must act.
	By *time.Time `json:"by,omitempty"`
	// Effects are what else would happen at once, in words.
	Effects []string `json:"effects"`
}

// Of says what becomes of a deal if the company were live. Earlier is the
// version that the deal goes by, bound to that company; nil: it can no longer
// be run.
func Of(edit *definitions.Company, s *deal.State, earlier *definitions.Process, now time.Time) (Deal, error) {
	d := Deal{ID: s.ID, Process: s.Process, Stage: s.Stage, Owner: s.Owner, Version: s.Version, Effects: []string{}}
	live := edit.Process(s.Process)
	t := &trial{p: earlier, s: s, at: now}
	switch {
	case live == nil:
		d.Takes = Never
		d.Effects = append(d.Effects, "its process is no longer among the files")
	case live.Hash == s.Version:
		d.Takes, t.p = Already, live
	case live.Upgrade == "now" || earlier == nil:
		d.Takes, t.p = AtOnce, live
		if err := t.take(deal.Event{Kind: deal.KindUpgrade, Actor: "system"}); err != nil {
			return d, fmt.Errorf("deal %s: take up the edit: %w", s.ID, err)
		}
	case live.Upgrade == "never":
		d.Takes = Never
	default:
		d.Takes = Next
		d.By = nextStage(earlier, s, now)
	}
	if t.p != nil {
		if err := t.replace(edit); err != nil {
			return d, fmt.Errorf("deal %s: replace who has left: %w", s.ID, err)
		}
	}
	if t.s.Stage != s.Stage {
		d.To = t.s.Stage
	}
	d.Effects = append(d.Effects, t.effects(s)...)
	return d, nil
}

// nextStage is when the deal would enter another stage if nobody did anything.
func nextStage(p *definitions.Process, s *deal.State, now time.Time) *time.Time {
	for _, u := range deal.Forecast(p, s, now) {
		if u.Kind == "move" && p.Stage(u.Ref) != nil {
			return &u.At
		}
	}
	return nil
}

// trial is a deal tried on a copy of its state.
type trial struct {
	p        *definitions.Process
	s        *deal.State
	at       time.Time
	timeline []deal.Entry
	letters  []deal.Letter
}

// take steps, and settles with whoever is first whose turn it is: only the
// server knows the turns.
func (t *trial) take(e deal.Event) error {
	for {
		r, err := deal.Step(t.p, t.s, e, t.at)
		if err != nil {
			return err
		}
		t.s = r.State
		t.timeline = append(t.timeline, r.Timeline...)
		t.letters = append(t.letters, r.Letters...)
		if len(t.s.Assigning) == 0 {
			return nil
		}
		ask := t.s.Assigning[0]
		who := deal.Pick(t.p.Company.Role(ask.Role), 0, nil, t.at)
		e = deal.Event{Kind: deal.KindAssigned, Actor: "system", Assign: &ask, Owner: who}
	}
}

// replace hands over what belongs to people who are no longer of the team.
func (t *trial) replace(edit *definitions.Company) error {
	gone := func(email string) bool {
		member, _ := edit.Member(email)
		return email != "" && member == nil
	}
	if !gone(t.s.Owner) && !slices.ContainsFunc(t.s.Tasks, func(task deal.Task) bool { return task.Status == deal.TaskOpen && gone(task.Assignee) }) {
		return nil
	}
	return t.take(deal.Event{Kind: deal.KindMember, Actor: "system"})
}

// effects words what would happen, each thing once.
func (t *trial) effects(before *deal.State) []string {
	var all []string
	add := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	for _, e := range t.timeline {
		switch e.Type {
		case "process_changed":
			if was, renamed := e.Data["stage_was"]; renamed {
				add("stage %v is now called %s", was, t.s.Stage)
			}
			if gone, is := e.Data["stage_gone"]; is {
				add("stage %v is gone: the deal begins again", gone)
			}
		case "assigned":
			if task, of := e.Data["task"]; of {
				add("task %v goes to somebody of %v", task, e.Data["role"])
			} else {
				add("the deal goes to somebody of %v", e.Data["role"])
			}
		case "stage_entered", "stage_left", "notified":
			// Where it ends up is said, and who would hear of it is no matter here.
		default:
			add("%s", scenario.Describe(e))
		}
	}
	for _, l := range t.letters {
		add("letter %s goes out", l.Letter)
	}
	for _, task := range t.s.Tasks {
		if task.Status == deal.TaskCancelled && slices.ContainsFunc(before.Tasks, func(b deal.Task) bool {
			return b.ID == task.ID && b.OpenedAt.Equal(task.OpenedAt) && b.Status == deal.TaskOpen
		}) {
			add("task %s is dropped", task.ID)
		}
	}
	return all
}
