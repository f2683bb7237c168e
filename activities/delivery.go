package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/store"
)

// longestRetry bounds the wait between attempts at one letter.
const longestRetry = 30 * time.Minute

// send hands the claimed letter to the server and records what became of it.
func (s *sender) send(ctx context.Context) error {
	row := s.claimed
	unsubscribe, err := s.unsubscribe(ctx, row)
	if err != nil {
		return err
	}
	subject, text, err := s.fold(ctx, row)
	if err != nil {
		return err
	}
	files, err := s.enclosures(ctx, row)
	if errors.Is(err, errEnclosure) {
		s.failed(row, err.Error(), false)
		return s.settle(ctx)
	}
	if err != nil {
		return err
	}
	raw, err := outbox.Compose(outbox.Letter{
		MessageID: row.MessageID,
		From:      outbox.Address{Name: s.company.From.Name, Email: row.From},
		To:        outbox.Address{Name: row.ToName, Email: row.To},
		Subject:   subject, Text: text, HTML: row.HTML,
		InReplyTo: row.InReplyTo, References: row.References,
		Date: row.CreatedAt, Auto: true, ListUnsubscribe: unsubscribe, Attachments: files,
	})
	if err != nil {
		s.failed(row, "cannot be composed: "+err.Error(), true)
		return s.settle(ctx)
	}
	if raw, err = s.signed(raw); err != nil {
		s.hold(row, err.Error())
		return s.settle(ctx)
	}
	res := s.smtp.Send(ctx, row.From, row.To, raw)
	s.sentAt = append(s.sentAt, time.Now())
	switch {
	case res.Status == outbox.Sent:
		s.sent(row)
	case res.Status == outbox.BadAddress:
		s.undeliverable(row, said(res))
	case res.Status == outbox.Hold && (res.Stage == outbox.StageRcpt || res.Stage == outbox.StageData || res.Stage == outbox.StageFinal):
		s.holdLetter(row, said(res))
	case res.Status == outbox.Hold:
		s.hold(row, said(res))
	case res.Status == outbox.Ambiguous:
		s.unclear(row, said(res))
	case ctx.Err() != nil:
		return nil // nothing of it was sent: leave gives it back
	case res.Stage == outbox.StageConnect || res.Stage == outbox.StageAuth:
		s.away(row, said(res))
	default:
		s.retry(row, said(res))
	}
	return s.settle(ctx)
}

// settle records what became of the last letter, again and again until the
// store has taken it.
func (s *sender) settle(ctx context.Context) error {
	if s.record != nil {
		if err := s.record(ctx); err != nil {
			return err
		}
		s.record = nil
	}
	return s.follow(ctx)
}

// outcome is a letter that this sender is done with.
func (s *sender) outcome(record func(context.Context) error) { s.claimed, s.record = nil, record }

// sent records a letter that was taken, and claims the next.
func (s *sender) sent(row *store.OutboxRow) {
	at := s.a.Clock.Now()
	s.outcome(func(ctx context.Context) error {
		if err := s.mended(ctx); err != nil {
			return err
		}
		next, _, err := s.a.Store.SentAndClaim(ctx, row.ID, at, s.company.ID, s.holder, time.Now())
		if err != nil {
			return err
		}
		s.claimed = next
		return nil
	})
}

// unclear records that nobody can know whether the letter was taken.
func (s *sender) unclear(row *store.OutboxRow, why string) {
	now := time.Now()
	s.a.Log.Warn("the answer to a letter was lost; it is sent once more with the same Message-ID", "company", s.company.ID, "to", row.To, "fault", why)
	s.outcome(func(ctx context.Context) error {
		return s.a.Store.Unclear(ctx, row.ID, s.a.Clock.At(now), now, now.Add(idle), why)
	})
}

// retry puts one letter off that the server does not want now.
func (s *sender) retry(row *store.OutboxRow, why string) {
	wait := retryIn(row.Attempts)
	until := time.Now().Add(wait)
	s.a.Log.Warn("letter not taken", "company", s.company.ID, "to", row.To, "fault", why, "again_in", wait.String())
	s.outcome(func(ctx context.Context) error { return s.a.Store.Retry(ctx, row.ID, until, why) })
}

// failed gives a letter up and tells its deal why; permanent says that no
// letter to the address would fare better.
func (s *sender) failed(row *store.OutboxRow, why string, permanent bool) {
	s.a.Log.Warn("letter failed for good", "company", s.company.ID, "to", row.To, "fault", why)
	var input *store.Input
	if row.DealID != "" && row.Kind == store.KindLetter {
		input = &store.Input{
			ID: fmt.Sprintf("outbox/%s/%d", row.ID, row.Attempts), DealID: row.DealID, Kind: deal.KindLetterFailed,
			Event: deal.Event{Kind: deal.KindLetterFailed, Actor: "system", LetterKey: row.Key, Name: row.Letter, Permanent: permanent, Reason: why},
		}
	}
	s.outcome(func(ctx context.Context) error {
		if err := s.a.Store.Failed(ctx, row.ID, why, input); err != nil || input == nil {
			return err
		}
		if err := s.a.Deals.Nudge(ctx, row.DealID); err != nil {
			s.a.Log.Warn("deal not woken; the sweep will", "deal", row.DealID, "error", err)
		}
		return nil
	})
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
