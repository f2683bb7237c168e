package simulate

import (
	"slices"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// patience is how long a client who fell silent is waited for where no ladder
// loses the deal.
const patience = 90 * day

// follow looks at where the deal is now: a stage newly entered, work newly
// opened.
func (w *world) follow(d *subject) {
	s := d.state
	if s.Closed() {
		d.token++ // whatever was planned in the stage is off
		d.stage = -1
		return
	}
	if entered := s.StageEnteredAt; d.stage < 0 || w.p.Stages[d.stage].ID != s.Stage || !entered.Equal(d.entered) || s.Visit != d.visit {
		d.entered, d.visit = entered, s.Visit
		d.stage = w.p.StageIndex(s.Stage)
		w.enter(d)
	}
	w.offer(d)
}

// enter decides what the client wants in the stage, and until when.
func (w *world) enter(d *subject) {
	d.token++
	d.offered, d.calling, d.attempts, d.attached = d.offered[:0], false, 0, false
	if d.state.Status == deal.Won {
		d.plan = goOn
		d.readyAt = w.now
		w.agenda.add(moment{at: w.now, kind: ready, deal: d, token: d.token})
		return
	}
	sm := &w.stages[d.stage]
	// The decision has a stream of its own, so that it does not depend on what
	// happened before.
	mind := fork(w.seed, d.number, 2, uint64(d.stage), uint64(d.state.Visit))
	takes := time.Duration(float64(d.length) * sm.share * mind.around(1, 0.4))
	d.readyAt = w.now.Add(takes)
	again := fork(w.seed, d.number, 3, uint64(d.state.Visit))
	interested := d.state.Visit == 1 || d.wrote || again.hits(w.revive)
	d.wrote = false
	switch leaves, silently := !mind.hits(sm.pass), mind.hits(w.silent); {
	case d.plan != goOn && d.planned == d.state.Visit:
		// Who has decided to leave in a stage of our own work still will.
	case !interested || leaves && silently:
		d.plan = fallSilent
	case leaves:
		d.plan = sayNo
	default:
		d.plan = goOn
	}
	d.planned = d.state.Visit
	switch d.plan {
	case goOn:
		w.agenda.add(moment{at: d.readyAt, kind: ready, deal: d, token: d.token})
	case sayNo:
		at := w.now.Add(time.Duration(float64(takes) * (0.2 + 0.8*mind.unit())))
		w.agenda.add(moment{at: at, kind: refusal, deal: d, token: d.token})
	case fallSilent:
		w.agenda.add(moment{at: w.now.Add(patience), kind: giveUp, deal: d, token: d.token})
	}
}

// answers reports whether the client still answers.
func (d *subject) answers() bool { return d.plan != fallSilent && !d.badMail }

// notice lets the client and the staff read what the process sent them.
func (w *world) notice(d *subject, r *deal.Result) {
	for range r.Letters {
		switch {
		case d.badMail:
			w.agenda.add(moment{at: w.now.Add(time.Minute), kind: bounce, deal: d})
		case d.chance.hits(w.unsubscribe):
			// Whoever asks for no more letters is still a client.
			w.agenda.add(moment{at: w.now.Add(time.Hour), kind: unsubscribe, deal: d})
		case d.answers() && d.chance.hits(w.answer):
			at := w.now.Add(time.Duration(d.chance.around(float64(w.replyAfter), 0.8)))
			w.agenda.add(moment{at: at, kind: reply, deal: d})
		}
	}
	for i := range r.Notices {
		n := &r.Notices[i]
		if n.About == "stalled" && !d.calling && d.chance.hits(w.heed) {
			d.calling = true
			w.team.give(d, &work{kind: contact, who: n.To, effort: w.effort["call"], due: w.now}, w.now)
		}
		if n.About == "task_overdue" && d.chance.hits(w.heed) {
			w.team.hurry(d, n.Task)
		}
	}
}

// reply is the client writing.
func (w *world) reply(d *subject) {
	if d.state.Status == deal.Lost && w.p.Company.Capture.ReplyToLost != "" && w.p.Company.Capture.ReplyToLost != "reopen" {
		return
	}
	if d.state.Closed() && d.state.Status == deal.Won || !d.answers() {
		return
	}
	d.wrote = d.state.Status == deal.Lost
	w.tally.replies++
	w.step(d, d.writes(w.cast.Reply(int(d.number))))
}

// refuse is the client saying no: by whatever the process foresees for it, or
// else by hand.
func (w *world) refuse(d *subject) {
	st, sm := &w.p.Stages[d.stage], &w.stages[d.stage]
	d.plan = fallSilent // nothing more is heard of them
	if n := d.chance.below(len(sm.noes) + 1); n < len(sm.noes) {
		if w.pull(d, &st.Next[sm.noes[n]]) && d.state.Status == deal.Lost {
			return
		}
	}
	w.lose(d, w.handReasons[d.chance.below(len(w.handReasons))])
}

// lose loses the deal by hand.
func (w *world) lose(d *subject, reason string) {
	if d.state.Status == deal.Open && reason != "" {
		w.step(d, deal.Event{Kind: deal.KindMove, Actor: d.state.Owner, To: "lost", Reason: reason})
	}
}

// offer gives the work that has opened in the stage to those who do it.
func (w *world) offer(d *subject) {
	st := &w.p.Stages[d.stage]
	for i := range d.state.Tasks {
		t := &d.state.Tasks[i]
		if t.Status != deal.TaskOpen || t.Assignee == "" || slices.Contains(d.offered, t.ID) {
			continue
		}
		d.offered = append(d.offered, t.ID)
		w.offerTask(d, t)
	}
	if d.attached || d.state.Owner == "" {
		return
	}
	d.attached = true
	for i := range st.Documents {
		if doc := &st.Documents[i]; doc.Required {
			at := w.now.Add(time.Duration(d.chance.unit() * float64(d.readyAt.Sub(w.now))))
			w.team.give(d, &work{kind: paper, ref: doc.ID, who: d.state.Owner, effort: w.effort["document"], due: d.readyAt}, at)
		}
	}
}

// offerTask says when work on a task may begin: some time before it is due, and
// the one that ends the stage not before the client is ready. Where the client
// will not go on, that one is not done; who is silent is called in vain.
func (w *world) offerTask(d *subject, t *deal.Task) {
	at := w.now
	if t.DueAt.After(at) {
		part := 0.5 * d.chance.unit()
		if d.state.Status == deal.Won {
			part = 1 - part/2 // aftercare has its time, and it is not at once
		}
		at = at.Add(time.Duration(part * float64(t.DueAt.Sub(at))))
	}
	st := &w.p.Stages[d.stage]
	ends := false
	if last := w.stages[d.stage].last; last >= 0 && t.ID == st.Tasks[last].ID {
		ends = true
		own := w.stages[d.stage].own
		if !own && (d.plan == sayNo || d.plan == fallSilent && !talks(t.Kind)) {
			return
		}
		if d.plan == goOn && at.Before(d.readyAt) {
			at = d.readyAt
		}
	}
	due := t.DueAt
	if due.IsZero() {
		due = at.Add(week)
	}
	w.team.give(d, &work{kind: task, ref: t.ID, talks: talks(t.Kind), ends: ends, task: t.Kind, who: t.Assignee, effort: w.effort[t.Kind], due: due}, at)
}
