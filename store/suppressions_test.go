package store

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

func TestSecretIsMadeOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		first, err := s.Secret(t.Context())
		ok(t, err)
		again, err := s.Secret(t.Context())
		ok(t, err)
		if len(first) != secretLength || !bytes.Equal(first, again) {
			t.Errorf("secrets %x and %x", first, again)
		}
	})
}

func TestSuppressionList(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		ctx := t.Context()
		bounced := Suppression{Company: "acme", Address: "Anna@Client.test", Reason: Undelivered, Detail: "550 5.1.1", At: noon}
		first, err := s.Suppress(ctx, bounced)
		ok(t, err)
		second, err := s.Suppress(ctx, bounced)
		ok(t, err)
		if !first || second {
			t.Errorf("added %v and then %v, want once", first, second)
		}
		asked := bounced
		asked.Reason, asked.Detail = Unsubscribed, "by the link"
		_, err = s.Suppress(ctx, asked)
		ok(t, err)
		_, err = s.Suppress(ctx, bounced)
		ok(t, err)
		got, err := s.Suppressed(ctx, "acme", "anna@client.test")
		ok(t, err)
		if got == nil || got.Reason != Unsubscribed || got.Detail != "by the link" {
			t.Errorf("suppression %+v: who unsubscribed stays unsubscribed", got)
		}
		if other, err := s.Suppressed(ctx, "other", "anna@client.test"); err != nil || other != nil {
			t.Errorf("another company: %+v, %v, want nothing", other, err)
		}
		_, err = s.Suppress(ctx, Suppression{Company: "acme", Address: "boris@client.test", Reason: Undelivered, At: noon})
		ok(t, err)
		page, err := s.Suppressions(ctx, "acme", "", 1)
		ok(t, err)
		next, err := s.Suppressions(ctx, "acme", page.Next, 1)
		ok(t, err)
		if page.Total != 2 || page.Items[0].Address != "anna@client.test" || len(next.Items) != 1 || next.Items[0].Address != "boris@client.test" || next.Next != "" {
			t.Errorf("pages %+v and %+v", page, next)
		}
		ok(t, s.Unsuppress(ctx, "acme", "anna@client.test"))
		if err := s.Unsuppress(ctx, "acme", "anna@client.test"); !errors.Is(err, ErrNotFound) {
			t.Errorf("taking it off twice: %v, want not found", err)
		}
	})
}

func TestSoftBouncesAreCountedAndSuppressNobody(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		ctx := t.Context()
		for range 3 {
			ok(t, s.Capture(ctx, MailboxKey{"acme", "sales"}, func(tx *CaptureTx) error {
				return tx.SoftBounce(Suppression{Address: "full@client.test", Detail: "452 4.2.2", At: noon})
			}))
		}
		if got, err := s.Suppressed(ctx, "acme", "full@client.test"); err != nil || got != nil {
			t.Fatalf("suppressed %+v, %v", got, err)
		}
		list, err := s.Suppressions(ctx, "acme", "", 10)
		ok(t, err)
		if list.Total != 1 || len(list.Items) != 1 || list.Items[0].SoftBounces != 3 {
			t.Errorf("list %+v, want one with three soft bounces", list)
		}
	})
}

// Opting out of one letter reaches every deal with that address that is not
// closed, once.
func TestOptOut(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		one, two, closed, stranger := state("a"), state("b"), state("c"), state("d")
		for _, d := range []*deal.State{one, two, closed} {
			d.Contact.Email = "client@client.test"
		}
		closed.ClosedAt = noon
		for _, d := range []*deal.State{one, two, closed, stranger} {
			added(t, s, d)
		}
		queued(t, s, "one")
		row := claimed(t, s, "me", noon)
		told, err := s.OptOut(ctx, row.ID, "by the link", noon)
		ok(t, err)
		if len(told) != 2 || told[0].DealID != "a" || told[1].DealID != "b" {
			t.Fatalf("told %+v, want a and b", told)
		}
		pending, err := s.Pending(ctx, "b")
		ok(t, err)
		if len(pending) != 1 || pending[0].Kind != deal.KindUnsubscribe {
			t.Errorf("b has %+v, want an unsubscribe", pending)
		}
		again, err := s.OptOut(ctx, row.ID, "by the link", noon)
		ok(t, err)
		if len(again) != 0 {
			t.Errorf("the second time told %v, want nobody", again)
		}
		if _, err := s.OptOut(ctx, "nothing", "", noon); !errors.Is(err, ErrNotFound) {
			t.Errorf("an unknown letter: %v", err)
		}
	})
}

func TestPostponedLetterWasNotTried(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		queued(t, s, "one")
		now := noon.Add(time.Hour)
		row := claimed(t, s, "me", now)
		ok(t, s.Postpone(t.Context(), row.ID, now.Add(time.Minute), "enough for this hour"))
		none, wait, err := s.ClaimLetter(t.Context(), row.Account, "me", now)
		ok(t, err)
		if none != nil || !wait.Equal(now.Add(time.Minute)) {
			t.Fatalf("claimed %+v, wait until %v", none, wait)
		}
		if got, err := s.OutboxRow(t.Context(), row.ID); err != nil || got.Attempts != 0 || got.Status != Queued {
			t.Errorf("row %+v, %v: want queued without an attempt", got, err)
		}
	})
}
