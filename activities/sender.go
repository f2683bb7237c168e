package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/store"
	"github.com/dealwright/dealwright/workflows"
)

const (
	// idle is how long a sender sleeps when nothing is due and nobody rings.
	idle = time.Second
	// holdFor is how long an outbox waits after a fault that needs a person,
	// before it tries once more by itself.
	holdFor = 5 * time.Minute
	// longestRetry bounds the wait between attempts at one letter.
	longestRetry = 30 * time.Minute
)

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
		smtp: outbox.NewSender(outbox.Account{
			Host: company.SMTP.Host, Port: company.SMTP.Port, TLS: company.SMTP.TLS, Username: company.SMTP.Username,
			Password: password(company.SMTP.Server), RootCAs: roots(company.SMTP.CAFile), HELO: domain(company.From.Email),
		}),
	}
	defer s.smtp.Close()
	defer a.release(s.name)
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
	smtp    *outbox.Sender
	dkim    *outbox.DKIM // nil until the first letter is signed

	leased  time.Time // until when, less a margin
	claimed *store.OutboxRow
	sentAt  []time.Time // of the last minute, for per_minute
}

// round sends what is due and then waits for more.
func (s *sender) round(ctx context.Context) error {
	if ok, err := s.lease(ctx); err != nil || !ok {
		pause(ctx, idle)
		return err
	}
	if s.claimed == nil {
		row, wait, err := s.a.Store.ClaimLetter(ctx, s.company.ID, s.a.Holder, time.Now())
		if err != nil {
			return err
		}
		if row == nil {
			s.sleep(ctx, time.Until(wait))
			return nil
		}
		s.claimed = row
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
	ok, err := s.a.Store.Lease(ctx, s.name, s.a.Holder, leaseFor)
	if err != nil || !ok {
		s.leased, s.claimed = time.Time{}, nil
		return false, err
	}
	s.leased = time.Now().Add(leaseFor / 3)
	if fresh {
		n, err := s.a.Store.RecoverSending(ctx, s.company.ID, s.a.Holder)
		if err != nil {
			return false, err
		}
		if n > 0 {
			s.a.Log.Warn("letters were being sent when their sender ended; each is sent once more, marked ambiguous", "company", s.company.ID, "letters", n)
		}
	}
	return true, nil
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

// send hands the claimed letter to the server and records what became of it.
func (s *sender) send(ctx context.Context) error {
	row := s.claimed
	raw, err := outbox.Compose(outbox.Letter{
		MessageID: row.MessageID,
		From:      outbox.Address{Name: s.company.From.Name, Email: row.From},
		To:        outbox.Address{Name: row.ToName, Email: row.To},
		Subject:   row.Subject, Text: row.Text, HTML: row.HTML,
		InReplyTo: row.InReplyTo, References: row.References,
		Date: row.CreatedAt, Auto: true,
	})
	if err != nil {
		return s.failed(ctx, row, "cannot be composed: "+err.Error(), true)
	}
	if raw, err = s.signed(raw); err != nil {
		return s.hold(ctx, row, err.Error())
	}
	res := s.smtp.Send(ctx, row.From, row.To, raw)
	s.sentAt = append(s.sentAt, time.Now())
	switch res.Status {
	case outbox.Sent:
		next, _, err := s.a.Store.SentAndClaim(ctx, row.ID, s.a.Clock.Now(), s.company.ID, s.a.Holder, time.Now())
		if err != nil {
			return err // the row stays `sending`: the next holder knows that it may have gone out
		}
		s.claimed = next
		return nil
	case outbox.BadAddress:
		return s.failed(ctx, row, said(res), true)
	case outbox.Hold:
		return s.hold(ctx, row, said(res))
	case outbox.Ambiguous:
		s.claimed = nil
		s.a.Log.Warn("the answer to a letter was lost; it is sent once more with the same Message-ID", "company", s.company.ID, "to", row.To)
		now := time.Now()
		return s.a.Store.Unclear(ctx, row.ID, s.a.Clock.At(now), now, now.Add(idle), said(res))
	default:
		s.claimed = nil
		if ctx.Err() != nil {
			// Nothing of it was sent: another sender may have it at once.
			return s.a.Store.Retry(context.WithoutCancel(ctx), row.ID, time.Now(), "the sender was stopped")
		}
		wait := retryIn(row.Attempts)
		s.a.Log.Warn("letter not taken", "company", s.company.ID, "to", row.To, "fault", said(res), "again_in", wait.String())
		return s.a.Store.Retry(ctx, row.ID, time.Now().Add(wait), said(res))
	}
}

// signed puts the company's DKIM signature on a letter, where a key is given.
func (s *sender) signed(raw []byte) ([]byte, error) {
	if s.company.Sending.DKIM == nil {
		return raw, nil
	}
	if s.dkim == nil {
		signer, err := letterSigner(s.company.Sending.DKIM)
		if err != nil {
			return nil, err
		}
		s.dkim = signer
	}
	return s.dkim.Sign(raw)
}

// hold keeps the letter and all that follow until a person has mended the fault.
func (s *sender) hold(ctx context.Context, row *store.OutboxRow, why string) error {
	s.claimed = nil
	s.a.Log.Error("outbox held: letters wait until the fault is mended", "company", s.company.ID, "fault", why)
	if err := s.a.Store.HoldAccount(ctx, store.Hold{Account: s.company.ID, Until: time.Now().Add(holdFor), Reason: why}); err != nil {
		return err
	}
	return s.a.Store.Retry(ctx, row.ID, time.Now(), why)
}

// failed gives a letter up and tells its deal why.
func (s *sender) failed(ctx context.Context, row *store.OutboxRow, why string, permanent bool) error {
	s.claimed = nil
	var input *store.Input
	if row.DealID != "" && row.Kind == "letter" {
		input = &store.Input{
			ID: "outbox/" + row.ID, DealID: row.DealID, Kind: deal.KindLetterFailed,
			Event: deal.Event{Kind: deal.KindLetterFailed, Actor: "system", LetterKey: row.Key, Name: row.Letter, Permanent: permanent, Reason: why},
		}
	}
	if err := s.a.Store.Failed(ctx, row.ID, why, input); err != nil {
		return err
	}
	s.a.Log.Warn("letter failed for good", "company", s.company.ID, "to", row.To, "fault", why)
	if input != nil {
		return s.a.Deals.Nudge(ctx, row.DealID)
	}
	return nil
}

// retryIn doubles from two seconds.
func retryIn(attempts int) time.Duration {
	return min(longestRetry, 2*time.Second<<min(attempts, 12))
}

func said(r outbox.Result) string {
	if r.Code == 0 {
		return fmt.Sprintf("%s: %s", r.Stage, r.Text)
	}
	return fmt.Sprintf("%s: %d %s %s", r.Stage, r.Code, r.Enhanced, r.Text)
}
