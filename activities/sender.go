package activities

import (
	"context"
	"errors"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/store"
	"github.com/dealwright/dealwright/workflows"
)

// idle is how long a sender sleeps when nothing is due and nobody rings.
const idle = time.Second

// EmptyOutbox sends a company's letters and notices, one at a time over one
// kept connection, until its hour is over, the worker stops or the company has
// no SMTP account any more, which it answers with false.
func (a *Activities) EmptyOutbox(ctx context.Context, args workflows.OutboxArgs) (bool, error) {
	company := a.Catalogue.Company(args.Company)
	if company == nil || company.SMTP == nil {
		return false, nil
	}
	ctx, done := alive(ctx)
	defer done()
	s := &sender{
		a: a, company: company, name: "outbox/" + company.ID,
		// A run of its own holder: one that Temporal has given up and that still
		// lives in this process is another.
		holder: a.Holder + "/" + store.NewID(),
		smtp: outbox.NewSender(outbox.Account{
			Host: company.SMTP.Host, Port: company.SMTP.Port, TLS: company.SMTP.TLS, Username: company.SMTP.Username,
			Password: password(company.SMTP.Server), Token: a.tokens.of(company.SMTP.Server, a.Store), RootCAs: roots(company.SMTP.CAFile), HELO: domain(company.From.Email),
		}),
	}
	defer s.smtp.Close()
	defer s.leave()
	for ctx.Err() == nil && a.Catalogue.Company(args.Company) == company {
		if err := s.round(ctx); err != nil && ctx.Err() == nil {
			a.Log.Error("outbox", "company", company.ID, "error", err)
			pause(ctx, idle)
		}
	}
	return true, nil
}

// sender is one run of EmptyOutbox.
type sender struct {
	a       *Activities
	company *definitions.Company
	name    string
	holder  string
	smtp    *outbox.Sender
	dkim    *outbox.DKIM // nil until the first letter is signed

	leased  time.Time // until when, less a margin
	claimed *store.OutboxRow
	record  func(context.Context) error // what became of the last letter, until the store has it
	sentAt  []time.Time                 // of the last minute, for per_minute
	trouble trouble
	folding store.OutboxRow // a mail of several notices: the row that it is sent as
	folded  []string        // the other rows
}

// round sends what is due and then waits for more.
func (s *sender) round(ctx context.Context) error {
	// What happened is recorded before all else, with or without the lease: a
	// letter that has gone out must not go out again.
	if err := s.settle(ctx); err != nil {
		return err
	}
	if ok, err := s.lease(ctx); err != nil || !ok {
		pause(ctx, idle)
		return err
	}
	if s.claimed == nil {
		row, wait, err := s.a.Store.ClaimLetter(ctx, s.company.ID, s.holder, time.Now())
		if err != nil {
			return err
		}
		if row == nil {
			s.sleep(ctx, time.Until(wait))
			return nil
		}
		s.claimed = row
	}
	if done, err := s.withheld(ctx); done || err != nil {
		return err
	}
	s.throttle(ctx)
	if ctx.Err() != nil {
		return nil
	}
	return s.send(ctx)
}

// lease keeps this sender the only one of its account. A new holder takes
// over what a dead one left half-sent.
func (s *sender) lease(ctx context.Context) (bool, error) {
	if time.Now().Before(s.leased) {
		return true, nil
	}
	fresh := s.leased.IsZero()
	ok, err := s.a.Store.Lease(ctx, s.name, s.holder, leaseFor)
	if err != nil {
		return false, err
	}
	if !ok {
		s.leased = time.Time{}
		return false, s.giveBack(ctx)
	}
	s.leased = time.Now().Add(leaseFor / 3)
	if fresh {
		n, err := s.a.Store.RecoverSending(ctx, s.company.ID, s.holder)
		if err != nil {
			s.leased = time.Time{}
			return false, err
		}
		if n > 0 {
			s.a.Log.Warn("letters were being sent when their sender ended; each is sent once more, marked ambiguous", "company", s.company.ID, "letters", n)
		}
		if err := s.tryAtOnce(ctx); err != nil {
			return false, err
		}
	}
	return true, nil
}

// giveBack queues a claimed letter that was not sent: another sender may have
// it at once.
func (s *sender) giveBack(ctx context.Context) error {
	if s.claimed == nil {
		return nil
	}
	if err := s.a.Store.Retry(ctx, s.claimed.ID, time.Now(), ""); err != nil {
		return err
	}
	s.claimed = nil
	return s.follow(ctx)
}

// leave ends a run so that the next finds no letter half-sent that is not.
func (s *sender) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := errors.Join(s.settle(ctx), s.giveBack(ctx)); err != nil {
		s.a.Log.Warn("the last letter of a sender is not recorded; the next will call it ambiguous", "company", s.company.ID, "error", err)
	}
	s.a.release(s.name, s.holder)
}

func (s *sender) sleep(ctx context.Context, wait time.Duration) {
	if wait <= 0 || wait > idle {
		wait = idle
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-s.a.bell.rope(s.company.ID):
	}
}

// throttle waits until one more letter fits into the minute.
func (s *sender) throttle(ctx context.Context) {
	limit := s.company.Sending.PerMinute
	if limit <= 0 {
		return
	}
	now := time.Now()
	for len(s.sentAt) > 0 && now.Sub(s.sentAt[0]) >= time.Minute {
		s.sentAt = s.sentAt[1:]
	}
	if len(s.sentAt) >= limit {
		wait := time.Minute - now.Sub(s.sentAt[0])
		for wait > 0 && ctx.Err() == nil {
			pause(ctx, min(wait, leaseFor/4))
			wait -= leaseFor / 4
			if _, err := s.lease(ctx); err != nil {
				return
			}
		}
	}
}
