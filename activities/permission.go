package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/dealwright/dealwright/optout"
	"github.com/dealwright/dealwright/store"
)

// withheld reports whether the claimed letter must not go out, or not yet: its
// address is on the company's list, or got as much as it may in an hour.
func (s *sender) withheld(ctx context.Context) (bool, error) {
	row := s.claimed
	if row.Kind != store.KindLetter {
		return false, nil
	}
	listed, err := s.a.Store.Suppressed(ctx, s.company.ID, row.To)
	if err != nil {
		return false, err
	}
	if listed != nil {
		why := "the address has unsubscribed"
		if listed.Reason == store.Undelivered {
			why = "letters to the address came back: " + listed.Detail
		}
		s.failed(row, why, listed.Reason == store.Undelivered)
		return true, s.settle(ctx)
	}
	limit := s.company.Sending.PerRecipientHour
	if limit <= 0 {
		return false, nil
	}
	hour := s.a.dealHour()
	sent, err := s.a.Store.SentTo(ctx, s.company.ID, row.To, time.Now().Add(-hour), limit)
	if err != nil || len(sent) < limit {
		return false, err
	}
	again := sent[limit-1].Add(hour)
	why := fmt.Sprintf("the address got %d letters within an hour; this one waits", limit)
	s.a.Log.Warn("letter delayed", "company", s.company.ID, "to", row.To, "fault", why, "until", again)
	s.outcome(func(ctx context.Context) error { return s.a.Store.Postpone(ctx, row.ID, again, why) })
	return true, s.settle(ctx)
}

// dealHour is an hour of deal time on the wall clock.
func (a *Activities) dealHour() time.Duration {
	return time.Duration(float64(time.Hour) / a.Clock.Speed())
}

// undeliverable gives up a letter whose address does not exist, and all that
// may follow.
func (s *sender) undeliverable(row *store.OutboxRow, why string) {
	s.failed(row, why, true)
	if row.Kind != store.KindLetter {
		return
	}
	tell, at := s.record, s.a.Clock.Now()
	s.record = func(ctx context.Context) error {
		_, err := s.a.Store.Suppress(ctx, store.Suppression{
			Company: s.company.ID, Address: row.To, Reason: store.Undelivered, Detail: why, DealID: row.DealID, At: at,
		})
		if err != nil {
			return err
		}
		return tell(ctx)
	}
}

// unsubscribe is where who gets the letter can ask for no more; staff cannot.
func (s *sender) unsubscribe(ctx context.Context, row *store.OutboxRow) (string, error) {
	if row.Kind != store.KindLetter {
		return "", nil
	}
	secret, err := s.a.secret.of(ctx, s.a.Store)
	if err != nil {
		return "", err
	}
	return optout.Address(s.company.PublicURL, s.company.From.Email, optout.Token(secret, row.ID)), nil
}
