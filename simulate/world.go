package simulate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// world is one run: one company living through the time.
type world struct {
	*model
	seed   uint64
	now    time.Time
	agenda agenda
	chance chance // of arrivals
	rate   float64
	team   *team
	turns  map[string]int
	load   map[string]int // open deals of each owner
	count  int
	tally  *tally
	fault  error
}

// subject is one simulated deal, and the client behind it.
type subject struct {
	number   uint64
	state    *deal.State
	openedAt time.Time
	wake     time.Time
	chance   chance        // of what happens by the way
	length   time.Duration // of the sale, if the client buys
	badMail  bool          // the address does not exist

	token    int       // counts the stages entered
	stage    int       // place of the stage; -1: none
	entered  time.Time // when that was
	visit    int
	plan     plan // what the client wants in this stage
	planned  int  // in which visit that was decided
	wrote    bool // the client's own letter brought the lost deal back
	readyAt  time.Time
	offered  []string // tasks of this stage that somebody has been given
	attached bool     // the stage's documents as well
	calling  bool     // somebody is about to call because the deal stalled
	attempts int      // to get on after the client was ready
	counted  string   // owner in whose load the deal is
	past     past
}

// plan is what a client wants in a stage.
type plan uint8

const (
	goOn plan = iota
	sayNo
	fallSilent
)

func newWorld(m *model, seed, run uint64) *world {
	w := &world{
		model: m, seed: fork(seed, run).peek(), now: m.start, turns: map[string]int{}, load: map[string]int{}, tally: newTally(m),
	}
	w.chance = fork(w.seed, 0)
	w.team = newTeam(w)
	return w
}

// peek is the stream's next number without taking it.
func (c chance) peek() uint64 { return c.next() }

// live runs the time to its end.
func (w *world) live(ctx context.Context) (*tally, error) {
	w.nextArrival()
	for steps := 0; ; steps++ {
		if steps%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		m, ok := w.agenda.next()
		if !ok || !m.at.Before(w.end) {
			break
		}
		w.now = m.at
		w.happen(m)
		if w.fault != nil {
			return nil, w.fault
		}
	}
	w.now = w.end
	w.tally.finish(w)
	return w.tally, nil
}

func (w *world) happen(m moment) {
	d := m.deal
	switch m.kind {
	case arrival:
		w.arrive()
	case offered:
		w.team.take(m.work)
	case worked:
		w.team.done(m.work)
	case wake:
		if d.wake.Equal(m.at) {
			w.step(d, deal.Event{Kind: deal.KindTimer, Actor: "system"})
		}
	case reply:
		w.reply(d)
	case bounce:
		w.step(d, deal.Event{Kind: deal.KindBounce, Permanent: true})
	case unsubscribe:
		w.step(d, deal.Event{Kind: deal.KindUnsubscribe, Actor: "client"})
	default:
		if m.token != d.token || d.state.Closed() {
			return
		}
		switch m.kind {
		case ready:
			w.advance(d)
		case refusal:
			w.refuse(d)
		case giveUp:
			w.lose(d, w.silentReason)
		}
	}
}

// closedWeight is how much less often leads come while the company is closed.
const closedWeight = 0.25

// nextArrival draws when the next lead comes: mostly while the company is open.
func (w *world) nextArrival() {
	if w.deals > 0 && w.count >= w.deals {
		return
	}
	if w.rate == 0 {
		// Leads that come while it is closed are thinned out, so more are drawn.
		open := w.cal.Between(w.start, w.end).Hours() / w.end.Sub(w.start).Hours()
		w.rate = w.perWeek / (open + (1-open)*closedWeight)
	}
	at := w.now
	for {
		at = at.Add(time.Duration(w.chance.wait() / w.rate * float64(week)))
		if !at.Before(w.end) {
			return
		}
		if w.chance.hits(closedWeight) || w.cal.IsOpen(at) {
			break
		}
	}
	w.agenda.add(moment{at: at, kind: arrival})
}

// arrive opens a deal.
func (w *world) arrive() {
	w.count++
	d := &subject{number: uint64(w.count), stage: -1, openedAt: w.now}
	d.chance = fork(w.seed, d.number, 0)
	traits := fork(w.seed, d.number, 1)
	returning := traits.hits(w.returning)
	d.badMail = traits.hits(w.bounce)
	if w.median > 0 {
		d.length = time.Duration(traits.around(w.median, w.spread) * float64(time.Hour))
	} else {
		d.length = time.Duration(traits.months(returning) * float64(month))
	}
	lead := w.cast.Lead(w.count)
	d.state = &deal.State{ID: cmp.Or(lead.ID, fmt.Sprintf("d%d", d.number)), Company: w.p.Company.ID, Process: w.p.Process}
	w.tally.leads++
	w.tally.deals = append(w.tally.deals, d)
	w.step(d, lead.Opens(returning))
	w.nextArrival()
}

// step takes an event through deal.Step and lives with what comes of it. It
// reports whether the process allowed the change.
func (w *world) step(d *subject, e deal.Event) bool {
	r, ok := w.try(d, e)
	if ok {
		w.commit(d, r)
	}
	return ok
}

// try is what would come of an event. Because Step changes nothing, one may try
// and choose. Only what was due before and asks for somebody is settled first.
func (w *world) try(d *subject, e deal.Event) (*deal.Result, bool) {
	for range 3 {
		r, err := deal.Step(w.p, d.state, e, w.now)
		var refusal *deal.Refusal
		switch {
		case err == nil:
			return r, true
		case errors.As(err, &refusal):
			return nil, false
		case !errors.Is(err, deal.ErrAssignFirst):
			w.fault = fmt.Errorf("deal %s: event %q: %w", d.state.ID, e.Kind, err)
			return nil, false
		}
		if !w.step(d, deal.Event{Kind: deal.KindTimer, Actor: "system"}) {
			return nil, false
		}
	}
	return nil, false
}

// commit makes a result the deal's state and settles whose turn it is.
func (w *world) commit(d *subject, r *deal.Result) {
	d.state = r.State
	w.tally.record(w, d, r)
	w.cast.Step(int(d.number), r, w.now)
	w.notice(d, r)
	if len(d.state.Assigning) > 0 {
		ask := d.state.Assigning[0]
		role := w.p.Company.Role(ask.Role)
		who := deal.Pick(role, w.turns[ask.Role], w.load, w.now)
		w.turns[ask.Role]++
		w.step(d, deal.Event{Kind: deal.KindAssigned, Actor: "system", Assign: &ask, Owner: who, Timed: true})
		return
	}
	w.balance(d)
	w.follow(d)
	if due := r.Wake; !due.Equal(d.wake) {
		d.wake = due
		if !due.IsZero() && due.Before(w.end) {
			w.agenda.add(moment{at: due, kind: wake, deal: d})
		}
	}
}

// balance keeps the number of open deals of each owner.
func (w *world) balance(d *subject) {
	owner := d.state.Owner
	if d.state.Closed() {
		owner = ""
	}
	if owner == d.counted {
		return
	}
	if d.counted != "" {
		w.load[d.counted]--
	}
	if owner != "" {
		w.load[owner]++
	}
	d.counted = owner
}
