package scenario

import (
	"errors"
	"fmt"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// Report is what came of a scenario.
type Report struct {
	Scenario *Scenario
	Company  *definitions.Company
	Process  *definitions.Process
	// Failures of the first step that had any; the steps after it were not run.
	Failures []Failure
	// Timeline of the deal, as far as it was run.
	Timeline []deal.Entry
	// Letters that were sent, as the client reads them.
	Letters []Letter
	// State of the deal at the end.
	State *deal.State

	ran []ran // the steps that were run
}

// OK reports whether everything was as expected.
func (r *Report) OK() bool { return len(r.Failures) == 0 }

// Letter is a letter as the client reads it.
type Letter struct {
	At       time.Time
	ID       string // of the letter
	Stage    string
	Step     string // of the stage's sequence
	Subject  string
	Markdown string
}

// Failure is one thing that was not as expected.
type Failure struct {
	Path     string
	Line     int
	Step     int // from 1
	At       time.Time
	What     string // the key of expect, or what went wrong
	Expected string
	Got      string
}

// ran is what one step brought about.
type ran struct {
	step     *Step
	from, to int // the step's part of the timeline
	letters  int // letters before the step
}

// run is a scenario under way.
type run struct {
	company  *definitions.Company
	p        *definitions.Process
	report   *Report
	state    *deal.State
	at       time.Time
	wake     time.Time
	turns    map[string]int // assignments of each role so far
	messages int

	step    int
	letters int // before the step
	seen    int // entries of the timeline before the step
	refused error
}

// mostWakes bounds how often a deal may act by itself within one step.
const mostWakes = 100_000

// Run tells the story to a new deal and compares what becomes of it with what
// is expected. Rotations begin anew with each scenario.
func Run(c *definitions.Company, s *Scenario) *Report {
	p := c.Process(s.Process)
	report := &Report{Scenario: s, Company: c, Process: p}
	r := &run{
		company: c, p: p, report: report, turns: map[string]int{},
		state: &deal.State{ID: "scenario", Company: c.ID, Process: p.Process},
	}
	for i := range s.Steps {
		r.tell(i, &s.Steps[i])
		if !report.OK() {
			break
		}
	}
	report.State = r.state
	return report
}

// tell plays one step and checks it.
func (r *run) tell(i int, step *Step) {
	r.step, r.letters, r.seen, r.refused = i, len(r.report.Letters), len(r.report.Timeline), nil
	r.until(step.Moment)
	r.at = step.Moment
	for _, e := range step.events {
		r.happen(e)
	}
	r.report.ran = append(r.report.ran, ran{step, r.seen, len(r.report.Timeline), r.letters})
	switch wanted := step.Expect != nil && step.Expect.Refused != nil && !step.Expect.Refused.Not; {
	case r.refused != nil && !wanted:
		r.fail("refused", "the change is allowed", r.refused.Error())
	case step.Expect != nil:
		r.check(step.Expect)
	}
}

// until lets time pass: the deal acts by itself at each of its wakes up to a
// moment, the moment included.
func (r *run) until(moment time.Time) {
	for range mostWakes {
		if r.wake.IsZero() || r.wake.After(moment) {
			return
		}
		r.at = r.wake
		if err := r.take(deal.Event{Kind: deal.KindTimer, Actor: "system"}); err != nil {
			r.fail("time", "the deal goes on", err.Error())
			return
		}
	}
	r.fail("time", "the deal comes to rest", fmt.Sprintf("it acted by itself %d times: look for a circle", mostWakes))
}

// happen plays one event of the step.
func (r *run) happen(e event) {
	if e.key == "reply" && r.state.Status == deal.Lost && r.company.Capture.ReplyToLost == "new_deal" {
		// The answer opens a deal of its own, and this one never hears of it.
		return
	}
	made := e.make(r)
	if made.Actor == "" {
		made.Actor = r.state.Owner
	}
	err := r.take(made)
	var refusal *deal.Refusal
	switch {
	case errors.As(err, &refusal):
		r.refused = err
	case err != nil:
		r.fail(e.key, "the step is possible", err.Error())
	}
}

// take advances the deal by an event and settles what it asks for.
func (r *run) take(e deal.Event) error {
	timed := e.Kind == deal.KindTimer
	for {
		result, err := deal.Step(r.p, r.state, e, r.at)
		if err != nil {
			return err
		}
		r.commit(result)
		if len(r.state.Assigning) == 0 {
			return nil
		}
		ask := r.state.Assigning[0]
		e = deal.Event{Kind: deal.KindAssigned, Actor: "system", Assign: &ask, Owner: r.pick(ask.Role), Timed: timed}
	}
}

// pick settles whose turn it is; nobody has any other deals.
func (r *run) pick(role string) string {
	load := map[string]int{}
	if r.state.Owner != "" {
		load[r.state.Owner] = 1
	}
	turn := r.turns[role]
	r.turns[role]++
	return deal.Pick(r.company.Role(role), turn, load, r.at.In(r.company.Calendar.Location()))
}

func (r *run) commit(result *deal.Result) {
	r.state, r.wake = result.State, result.Wake
	r.report.Timeline = append(r.report.Timeline, result.Timeline...)
	for _, l := range result.Letters {
		subject, text, err := r.p.RenderLetter(l.Letter, l.Data)
		if err != nil {
			r.fail("sent", "the letter "+l.Letter+" can be written", err.Error())
		}
		r.report.Letters = append(r.report.Letters, Letter{
			At: r.at, ID: l.Letter, Stage: l.Stage, Step: l.Step, Subject: subject, Markdown: text,
		})
		r.report.Timeline = append(r.report.Timeline, deal.Entry{
			At: r.at, Type: "mail_sent", Actor: "system", Stage: l.Stage,
			Data: map[string]any{"letter": l.Letter, "to": l.To.Email, "subject": subject},
		})
	}
}

func (r *run) fail(what, expected, got string) {
	step := &r.report.Scenario.Steps[r.step]
	line := step.Line
	if at, ok := step.lines[what]; ok {
		line = at
	}
	r.report.Failures = append(r.report.Failures, Failure{
		Path: r.report.Scenario.Path, Line: line, Step: r.step + 1, At: r.at, What: what, Expected: expected, Got: got,
	})
}
