package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
	"github.com/dealwright/dealwright/workflows"
)

// recheck is how soon, on the wall clock, a deal looks again by itself whether
// the mailboxes have been read past what it holds back. It is knocked at when
// they have, so this is only for a knock that is lost.
const recheck = 5 * time.Minute

// Advance lets a deal take its waiting inputs and whatever is due, and commits
// the outcome in one transaction. Run twice, the second finds nothing left to
// take.
func (a *Activities) Advance(ctx context.Context, dealID string) (workflows.Advanced, error) {
	secret, err := a.secret.of(ctx, a.Store)
	if err != nil {
		return workflows.Advanced{}, fmt.Errorf("deal %s: advance: %w", dealID, err)
	}
	var done workflows.Advanced
	var rung string
	err = a.Store.UpdateDeal(ctx, dealID, func(tx *store.DealTx) error {
		s := &step{a: a, ctx: ctx, tx: tx, secret: secret, state: tx.State, at: a.moment(tx.State)}
		if err := s.run(); err != nil {
			return err
		}
		done = s.advanced()
		if s.queued {
			rung = s.state.Company
		}
		return nil
	})
	if err != nil {
		return workflows.Advanced{}, fmt.Errorf("deal %s: advance: %w", dealID, err)
	}
	if rung != "" {
		a.bell.ring(rung)
	}
	return done, nil
}

// moment is now in deal time; a deal's time never runs back.
func (a *Activities) moment(s *deal.State) time.Time {
	now := a.Clock.Now().Truncate(time.Microsecond)
	for _, t := range []time.Time{s.OpenedAt, s.StageEnteredAt, s.LastProgress} {
		if t.After(now) {
			now = t
		}
	}
	return now
}

// step is one Advance under way.
type step struct {
	a     *Activities
	ctx   context.Context
	tx    *store.DealTx
	state *deal.State
	// secret signs the deal into the Message-IDs of its letters.
	secret []byte
	at     time.Time
	// p is the version that the deal goes by, next the live one where it is
	// another and the deal is to take it up.
	p    *definitions.Process
	next *definitions.Process
	read time.Time

	wake   time.Time // deal time
	held   time.Time // since when something due waits for the mailboxes
	queued bool
	opened bool // in this step

	changed bool // an input was taken, so the revision is no longer what anybody saw
}

func (s *step) run() error {
	if err := s.bind(); err != nil {
		return err
	}
	if err := s.readThrough(); err != nil {
		return err
	}
	if err := s.renew(); err != nil {
		return err
	}
	inputs, err := s.tx.Pending()
	if err != nil {
		return err
	}
	for _, in := range inputs {
		if err := s.take(&in); err != nil {
			return err
		}
	}
	if s.state.Visit == 0 {
		return errors.New("the deal has not been opened: its first input is missing")
	}
	if err := s.apply(deal.Event{Kind: deal.KindTimer, Actor: "system"}); err != nil {
		return err
	}
	if err := s.welcome(); err != nil {
		return err
	}
	return s.save()
}

// readThrough learns up to when the company's mailboxes have been read. One
// that was never read holds back whatever would reach people.
func (s *step) readThrough() error {
	through, configured, err := s.tx.ReadThrough(s.state.Company)
	if configured && through.IsZero() {
		through = time.Unix(0, 0)
	}
	s.read = through
	return err
}

// take applies one input and records what came of it.
func (s *step) take(in *store.Input) error {
	if in.Revision != 0 && (in.Revision != s.tx.Revision || s.changed) {
		return s.tx.Apply(in.ID, store.Outcome{Stale: true})
	}
	err := s.apply(in.Event)
	var refusal *deal.Refusal
	outcome := store.Outcome{}
	switch {
	case errors.As(err, &refusal):
		outcome.Refused, outcome.Invalid, outcome.Problems = true, refusal.Invalid, refusal.Problems
	case err != nil:
		return fmt.Errorf("input %s (%s): %w", in.ID, in.Kind, err)
	default:
		s.changed = true
	}
	return s.tx.Apply(in.ID, outcome)
}

// apply runs one event and everything that it asks to be settled first.
func (s *step) apply(e deal.Event) error {
	timed := e.Kind == deal.KindTimer
	for {
		e.ReadThrough, e.Next = s.read, s.next
		r, err := deal.Step(s.p, s.state, e, s.at)
		if errors.Is(err, deal.ErrAssignFirst) {
			if err := s.apply(deal.Event{Kind: deal.KindTimer, Actor: "system"}); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := s.commit(r); err != nil {
			return err
		}
		if len(r.State.Assigning) == 0 {
			return nil
		}
		if e, err = s.settle(r.State.Assigning[0]); err != nil {
			return err
		}
		e.Timed = timed
	}
}

// settle decides whose turn it is, inside the transaction.
func (s *step) settle(ask deal.Assign) (deal.Event, error) {
	company := s.p.Company
	role := company.Role(ask.Role)
	turn, err := s.tx.Turn(company.ID, ask.Role)
	if err != nil {
		return deal.Event{}, err
	}
	var load map[string]int
	if role.Assign == "least_loaded" {
		if load, err = s.tx.Load(company.ID); err != nil {
			return deal.Event{}, err
		}
	}
	who := deal.Pick(role, turn, load, s.at.In(company.Calendar.Location()))
	return deal.Event{Kind: deal.KindAssigned, Actor: "system", Assign: &ask, Owner: who}, nil
}

// commit writes what a step decided.
func (s *step) commit(r *deal.Result) error {
	s.state, s.wake, s.held = r.State, r.Wake, r.HeldSince
	before := s.p
	if s.next != nil && s.state.Version == s.next.Hash {
		s.p, s.next = s.next, nil
	}
	notices, timeline := s.tell(r.Notices, r.Timeline)
	rows := make([]store.OutboxRow, 0, len(r.Letters)+len(notices))
	for _, l := range r.Letters {
		p := s.p
		if l.Version == before.Hash {
			p = before // decided before the deal took up another version
		}
		row, err := letter(s.secret, p, s.state, l)
		if err != nil {
			// The timeline says why the client got nothing; the deal goes on.
			s.a.Log.Error("letter not rendered", "deal", s.state.ID, "letter", l.Letter, "error", err)
			timeline = append(timeline, deal.Entry{
				At: s.at, Type: "mail_failed", Actor: "system", Stage: l.Stage,
				Data: map[string]any{"letter": l.Letter, "key": l.Key, "to": l.To.Email, "reason": err.Error()},
			})
			continue
		}
		rows = append(rows, row)
	}
	for _, n := range notices {
		rows = append(rows, s.a.notice(s.p, s.state, n))
	}
	if err := s.tx.Append(timeline); err != nil {
		return err
	}
	if err := s.merged(timeline); err != nil {
		return err
	}
	if len(rows) == 0 {
		return nil
	}
	s.queued = true
	return s.tx.Enqueue(rows, s.at)
}

func (s *step) save() error {
	_, currency := s.p.AmountOf(s.state.Fields)
	wake := s.wake
	if !s.held.IsZero() {
		wake = s.held // what reads the mailboxes finds by it whom to knock at
	}
	return s.tx.Save(s.state, store.SaveExtra{
		Amount: s.state.Amount(s.p), Currency: currency, NextWake: wake, At: s.at,
	})
}

func (s *step) advanced() workflows.Advanced {
	done := workflows.Advanced{Closed: s.state.Closed()}
	if !s.wake.IsZero() {
		done.Wake = s.a.Clock.Wall(s.wake)
	}
	if !s.held.IsZero() {
		if soon := time.Now().Add(recheck); done.Wake.IsZero() || soon.Before(done.Wake) {
			done.Wake = soon
		}
	}
	return done
}

// merged hands the mail of a deal that ends in another one over to it, and lets
// the other say so.
func (s *step) merged(timeline []deal.Entry) error {
	for _, e := range timeline {
		into, _ := e.Data["into"].(string)
		if e.Type != "merged" || into == "" {
			continue
		}
		text := fmt.Sprintf("deal %s was merged into this one: %s, %s", s.state.ID, s.state.Contact.Email, s.state.Subject)
		if s.p.Company.Language == "ru" {
			text = fmt.Sprintf("с этой сделкой объединена сделка %s: %s, %s", s.state.ID, s.state.Contact.Email, s.state.Subject)
		}
		if err := s.tx.MergeInto(into, deal.Event{Kind: deal.KindNote, Actor: e.Actor, Text: text}); err != nil {
			return err
		}
	}
	return nil
}
