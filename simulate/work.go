package simulate

import (
	"strings"
	"time"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
)

// Waiting between two tries to get on.
var (
	tomorrow = calendar.MustParseDuration("1 business day")
	later    = calendar.MustParseDuration("3 business days")
)

const (
	mostCalls  = 4 // to a client who does not answer
	mostTries  = 10
	mostValues = 8 // drawn until the process goes the way that the client wants
)

// finish is what comes of a piece of work.
func (w *world) finish(x *work, p *person) {
	d := x.deal
	switch x.kind {
	case contact:
		d.calling = false
		if d.answers() && d.chance.hits(w.reach) {
			w.reply(d)
		}
	case paper:
		w.step(d, deal.Event{Kind: deal.KindDocument, Actor: p.email, Document: x.ref})
		w.advanceIfReady(d)
	case task:
		if x.talks && !(d.answers() && d.chance.hits(w.reach)) && d.state.Status != deal.Won {
			if x.tries++; x.tries < mostCalls || d.answers() {
				w.team.give(d, x, w.cal.Add(w.now, tomorrow))
			}
			return
		}
		p.done[x.task]++
		w.complete(d, x, p)
		w.advanceIfReady(d)
	}
}

// complete finishes a task with what it asks for. What is filled in is drawn
// until the process goes the way the client wants.
func (w *world) complete(d *subject, x *work, p *person) {
	var asks []string
	for _, t := range w.p.Stages[d.stage].Tasks {
		if t.ID == x.ref {
			asks = t.Asks
		}
	}
	before := d.token
	var last *deal.Result
	for i := range mostValues {
		e := deal.Event{Kind: deal.KindComplete, Actor: p.email, Task: x.ref, Fields: w.values(d, asks, i > 0)}
		r, ok := w.try(d, e)
		if !ok {
			break
		}
		if d.token != before {
			return // what was due before has changed the stage
		}
		last = r
		if r.State.Status != deal.Lost && (!x.ends || r.State.Stage != d.state.Stage || !w.isShut(r.State)) {
			break
		}
	}
	if last != nil && d.token == before {
		w.commit(d, last)
	}
}

// isShut reports whether nothing but a requirement keeps the deal in its stage.
func (w *world) isShut(s *deal.State) bool {
	if deal.Pending(w.p, s) == nil {
		return false
	}
	for _, b := range deal.Blocked(w.p, s) {
		if b.Kind == "task" || b.Kind == "document" {
			return false
		}
	}
	return true
}

func (w *world) advanceIfReady(d *subject) {
	if !d.state.Closed() && d.plan == goOn && !w.now.Before(d.readyAt) {
		w.advance(d)
	}
}

// advance gets a deal on whose client is ready, where no task does it.
func (w *world) advance(d *subject) {
	st, sm := &w.p.Stages[d.stage], &w.stages[d.stage]
	for _, t := range d.state.Tasks {
		if t.Status == deal.TaskOpen && t.Stage == st.ID && (t.Required || sm.last >= 0 && t.ID == st.Tasks[sm.last].ID) {
			return // whoever has the task will get the deal on
		}
	}
	if !w.has(d, st) {
		return // whoever writes the document will
	}
	if d.state.Status == deal.Won && len(st.Tasks) > 0 && len(st.Next) > 0 {
		return // aftercare ends by its tasks, letters and time
	}
	before := d.token
	for n, i := range sm.ways {
		if n+1 < len(sm.ways) && d.chance.hits(0.3) {
			continue
		}
		if w.pull(d, &st.Next[i]) && d.token != before {
			return
		}
	}
	if d.token != before || d.state.Closed() || w.waits(st) {
		return
	}
	if w.moveOn(d) && d.token != before {
		return
	}
	if d.attempts++; d.attempts >= mostTries && d.state.Status == deal.Open {
		w.lose(d, w.handReasons[d.chance.below(len(w.handReasons))])
		return
	}
	if d.attempts < mostTries {
		w.agenda.add(moment{at: w.cal.Add(w.now, later), kind: ready, deal: d, token: d.token})
	}
}

// has reports whether the deal holds every document the stage requires.
func (w *world) has(d *subject, st *definitions.Stage) bool {
	for _, doc := range st.Documents {
		if !doc.Required {
			continue
		}
		held := false
		for _, have := range d.state.Documents {
			held = held || have.ID == doc.ID
		}
		if !held {
			return false
		}
	}
	return true
}

// waits reports whether the stage goes on by itself as time passes.
func (w *world) waits(st *definitions.Stage) bool {
	for _, mv := range st.Next {
		if mv.To != "lost" && (mv.After != nil || mv.On == "sequence_done" || mv.On == "timeout") {
			return true
		}
	}
	return false
}

// moveOn takes the deal to the next stage by hand, filling in what is missing.
func (w *world) moveOn(d *subject) bool {
	to := "won"
	switch {
	case d.stage+1 < len(w.p.Stages):
		to = w.p.Stages[d.stage+1].ID
	case d.state.Status == deal.Won:
		to = "done"
	}
	before := d.token
	for i := range mostValues {
		if missing := w.missing(d); len(missing) > 0 {
			w.step(d, deal.Event{Kind: deal.KindSet, Actor: d.state.Owner, Fields: w.values(d, missing, i > 0)})
		}
		if d.token != before || w.step(d, deal.Event{Kind: deal.KindMove, Actor: d.state.Owner, To: to}) {
			return true
		}
	}
	return false
}

// missing lists the fields that the stage's exit needs: those that block it, and
// all that its tasks ask for where an expression does.
func (w *world) missing(d *subject) []string {
	var ids []string
	for _, b := range deal.Blocked(w.p, d.state) {
		switch b.Kind {
		case "field":
			ids = append(ids, b.Field)
		case "requirement":
			for i := range w.p.Stages[:d.stage+1] {
				for _, t := range w.p.Stages[i].Tasks {
					ids = append(ids, t.Asks...)
				}
			}
		}
	}
	return ids
}

// kindOf is what comes before the colon of a trigger.
func kindOf(on string) string {
	kind, _, _ := strings.Cut(on, ":")
	return kind
}

// pull does what a move waits for, and reports whether something was done.
func (w *world) pull(d *subject, mv *definitions.Move) bool {
	kind, name, _ := strings.Cut(mv.On, ":")
	lost := mv.To == "lost"
	actor := d.state.Owner
	switch kind {
	case "reply":
		return w.step(d, d.writes(w.cast.Reply(int(d.number))))
	case "signal":
		return w.step(d, deal.Event{Kind: deal.KindSignal, Actor: actor, Name: name})
	case "document":
		return w.step(d, deal.Event{Kind: deal.KindDocument, Actor: actor, Document: name})
	case "field":
		return w.draw(d, []string{name}, lost)
	case "":
		if mv.After != nil {
			return false
		}
		if mv.When != nil {
			return w.draw(d, w.asked(d), lost)
		}
		return w.step(d, deal.Event{Kind: deal.KindMove, Actor: actor, To: mv.To})
	}
	return false
}

// asked lists the fields that the stage's tasks ask for.
func (w *world) asked(d *subject) []string {
	var ids []string
	for _, t := range w.p.Stages[d.stage].Tasks {
		ids = append(ids, t.Asks...)
	}
	return ids
}

// draw fills fields in until the deal moves the way it should.
func (w *world) draw(d *subject, ids []string, lost bool) bool {
	for range mostValues {
		r, ok := w.try(d, deal.Event{Kind: deal.KindSet, Actor: d.state.Owner, Fields: w.values(d, ids, true)})
		if !ok {
			return false
		}
		if gone := r.State.Status == deal.Lost; gone == lost && (lost || r.State.Stage != d.state.Stage) {
			w.commit(d, r)
			return true
		}
	}
	return false
}

// values fills fields in: those that are empty, or all of them anew.
func (w *world) values(d *subject, ids []string, anew bool) map[string]any {
	made := map[string]any{}
	for _, id := range ids {
		i := w.fieldIndex(id)
		if i < 0 || w.fields[i].field.Compute != nil || (!anew && w.p.Filled(d.state.Fields, id)) {
			continue
		}
		if _, done := made[id]; !done {
			made[id] = w.value(d, &w.fields[i])
		}
	}
	return made
}

func (w *world) fieldIndex(id string) int {
	for i := range w.fields {
		if w.fields[i].field.ID == id {
			return i
		}
	}
	return -1
}

// until is a day some weeks on, for a date that somebody names.
func (w *world) until(d *subject) string {
	return w.now.Add(d.length).Add(time.Duration(d.chance.unit() * float64(month))).Format(time.DateOnly)
}
