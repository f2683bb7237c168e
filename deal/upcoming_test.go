package deal_test

import (
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
)

// What is foretold of a deal of any process is what happens when time passes
// and nothing else: each thing, in that order, at that moment.
func TestForecastComesTrue(t *testing.T) {
	company := loadCompany(t, processYAML+"stages: [{id: one, next: [{to: done}]}]\n", "timezone: Europe/Berlin\n")
	rapid.Check(t, func(rt *rapid.T) {
		p, faults := definitions.Compile(drawSpec(rt), company)
		if len(faults) > 0 {
			rt.Fatalf("the process does not compile: %v", faults)
		}
		l := &life{
			t: rt, p: p, at: time.Date(2026, time.March, 27, 15, 30, 0, 0, time.UTC),
			s: &deal.State{ID: "d1", Company: company.ID, Process: p.Process}, keys: map[string]bool{},
		}
		l.take(lead())
		for range rapid.IntRange(0, 10).Draw(rt, "events") {
			l.live()
		}
		if l.held {
			l.wake = l.at // what is due and was held back is not held any more
		}
		comesTrue(rt, p, l.s, l.at, l.wake)
	})
}

// The deals of every company that ships hold to what was foretold, too, from
// the first moment and from every moment at which something happened.
func TestForecastOfShippedCompaniesComesTrue(t *testing.T) {
	for _, name := range library.Names() {
		files, err := fs.Sub(library.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		c, faults := definitions.LoadFS(files, name)
		if faults.HasErrors() {
			t.Fatal(faults)
		}
		for _, p := range c.Processes {
			t.Run(name+" "+p.Process, func(t *testing.T) {
				s := &deal.State{ID: "d1", Company: c.ID, Process: p.Process}
				at := time.Date(2026, time.April, 7, 8, 0, 0, 0, time.UTC)
				s, _, wake := alone(t, p, s, lead(), at)
				foretold := comesTrue(t, p, s, at, wake)
				for range 12 {
					if wake.IsZero() {
						break
					}
					at = wake
					s, _, wake = alone(t, p, s, deal.Event{Kind: deal.KindTimer}, at)
					foretold += comesTrue(t, p, s, at, wake)
				}
				if foretold == 0 {
					t.Error("nothing was ever foretold")
				}
			})
		}
	}
}

// failer is a test, or a part of one.
type failer interface {
	Helper()
	Fatalf(string, ...any)
}

// comesTrue compares what is foretold at a moment with what happens from the
// next wake on, and answers how many things that were.
func comesTrue(t failer, p *definitions.Process, s *deal.State, at, wake time.Time) int {
	t.Helper()
	var foretold []string
	for _, u := range deal.Forecast(p, s, at) {
		if u.Unless == "" || len(u.StoppedBy) == 0 {
			t.Fatalf("nothing is said to stop %+v", u)
		}
		foretold = append(foretold, fmt.Sprint(u.At.UTC(), " ", u.Kind, " ", u.Ref))
	}
	var happened []string
	for quiet := 0; !wake.IsZero() && quiet <= 30 && len(happened) <= len(foretold); quiet++ {
		next, what, after := alone(t, p, s, deal.Event{Kind: deal.KindTimer}, wake)
		if len(happened)+len(what) > len(foretold) && quiet > 28 {
			break // nobody looked so far
		}
		if len(what) > 0 {
			quiet = -1
		}
		happened = append(happened, what...)
		s, wake = next, after
	}
	if len(foretold) == 25 {
		happened = happened[:min(25, len(happened))] // more is not told
	}
	if !slices.Equal(foretold, happened) {
		t.Fatalf("foretold\n%q\nand there happened\n%q", foretold, happened)
	}
	return len(foretold)
}

// alone takes an event and settles who answers for what in turn. It lists what
// happened in the order and the words of the forecast.
func alone(t failer, p *definitions.Process, s *deal.State, e deal.Event, at time.Time) (next *deal.State, what []string, wake time.Time) {
	t.Helper()
	var letters, entries []string
	say := func(list *[]string, kind string, ref any) {
		*list = append(*list, fmt.Sprint(at.UTC(), " ", kind, " ", ref))
	}
	for turn := range 100 {
		r, err := deal.Step(p, s, e, at)
		if err != nil {
			t.Fatalf("%s: %v", e.Kind, err)
		}
		for _, l := range r.Letters {
			say(&letters, "letter", l.Letter)
		}
		to := any("done")
		for _, entry := range r.Timeline {
			switch d := entry.Data; entry.Type {
			case "task_overdue":
				say(&entries, "task_overdue", d["task"])
			case "stalled":
				say(&entries, "timeout", "")
			case "escalated":
				ref := d["level"]
				if d["task"] != nil {
					ref = d["task"]
				}
				say(&entries, "escalation", ref)
			case "stage_left":
				to = d["to"]
			case "stage_entered":
				if d["by"] != "recycled" {
					say(&entries, "move", d["to"])
				}
			case "lost":
				say(&entries, "move", "lost")
			case "closed":
				say(&entries, "move", to)
			case "recycled":
				say(&entries, "recycle", "")
			case "resumed":
				say(&entries, "resume", "")
			}
		}
		s = r.State
		if len(s.Assigning) == 0 {
			return s, append(letters, entries...), r.Wake
		}
		ask := s.Assigning[0]
		e = deal.Event{Kind: deal.KindAssigned, Assign: &ask, Owner: deal.Pick(p.Company.Role(ask.Role), turn, nil, at), Timed: true}
	}
	t.Fatalf("the deal asks for people without end")
	return nil, nil, time.Time{}
}

// What stops each thing is said in words and for programs.
func TestForecastSaysWhatStopsIt(t *testing.T) {
	d := newSale(t, `
stages:
  - id: first
    owner: rep
    timeout: {after: 5d, from: entry}
    escalation: [{after: 1d, notify: owner}, {after: 2d, lose: silent}]
    tasks: [{id: call, kind: call, due: 1h, required: true, escalation: [{after: 1h, notify: manager}]}]
    sequence: {stop_on: [reply, meeting], steps: [{after: 1d, send: nudge, when: deal.budget < 10}]}
    next: [{to: done, on: 'signal:x'}]
`, "").open()
	got := map[string]string{}
	for _, u := range deal.Forecast(d.p, d.s, d.at) {
		got[u.Kind+" "+u.Ref] = u.Unless
	}
	for what, unless := range map[string]string{
		"task_overdue call": "unless it is finished",
		"escalation call":   "unless it is finished",
		"letter nudge":      "unless the client replies, or a meeting is held, or the deal leaves the stage, or this holds no longer: deal.budget < 10",
		"timeout ":          "unless the deal leaves the stage",
		"escalation 1":      "unless there is progress",
		"move lost":         "unless there is progress",
	} {
		d.want(what, got[what], unless)
	}
}
