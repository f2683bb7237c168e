package activities

import (
	"context"
	"time"

	"github.com/dealwright/dealwright/store"
)

const (
	// A fault that needs a person is looked at again by and by: when it has been
	// mended, the outbox goes on by itself.
	firstHold, longestHold = 30 * time.Second, 5 * time.Minute
	// A server that is away comes back by itself, and soon.
	firstAway, longestAway = 2 * time.Second, time.Minute
)

// trouble counts how often in a row an account could not be used at all.
type trouble struct {
	holds, aways int
	waiting      bool // the store says that the account waits
}

// hold keeps the letter and all that follow until a person has mended the fault.
func (s *sender) hold(row *store.OutboxRow, why string) { s.holdBoth(row, 0, why) }

// holdLetter does so where the fault may be of this letter alone: what is
// queued meanwhile goes before it, and each time it waits longer itself.
func (s *sender) holdLetter(row *store.OutboxRow, why string) {
	s.holdBoth(row, doubled(firstHold, longestHold, row.Attempts), why)
}

func (s *sender) holdBoth(row *store.OutboxRow, letter time.Duration, why string) {
	s.trouble.holds++
	wait := doubled(firstHold, longestHold, s.trouble.holds)
	s.a.Log.Error("outbox held: letters wait until the fault is mended", "company", s.company.ID, "fault", why, "again_in", wait.String())
	s.wait(row, wait, letter, why)
}

// away lets all letters wait for a server that cannot be reached.
func (s *sender) away(row *store.OutboxRow, why string) {
	s.trouble.aways++
	wait := doubled(firstAway, longestAway, s.trouble.aways)
	s.a.Log.Warn("mail server away: letters wait", "company", s.company.ID, "fault", why, "again_in", wait.String())
	s.wait(row, wait, 0, why)
}

// wait stops the account for a while, and the letter for perhaps longer.
func (s *sender) wait(row *store.OutboxRow, account, letter time.Duration, why string) {
	now := time.Now()
	s.trouble.waiting = true
	s.outcome(func(ctx context.Context) error {
		if err := s.a.Store.HoldAccount(ctx, store.Hold{Account: s.company.ID, Until: now.Add(account), Reason: why}); err != nil {
			return err
		}
		return s.a.Store.Retry(ctx, row.ID, now.Add(letter), why)
	})
}

// tryAtOnce lets a new sender try what an earlier one waited for: who has
// mended the fault may have restarted the server for it.
func (s *sender) tryAtOnce(ctx context.Context) error {
	holds, err := s.a.Store.HeldAccounts(ctx)
	if err != nil {
		return err
	}
	for _, h := range holds {
		if h.Account == s.company.ID {
			s.trouble.waiting = true
			h.Until = time.Now()
			return s.a.Store.HoldAccount(ctx, h)
		}
	}
	return nil
}

// mended lets the account go on once a letter was taken.
func (s *sender) mended(ctx context.Context) error {
	if s.trouble.waiting {
		if err := s.a.Store.ReleaseAccount(ctx, s.company.ID); err != nil {
			return err
		}
		s.a.Log.Info("letters go out again", "company", s.company.ID)
	}
	s.trouble = trouble{}
	return nil
}

// doubled is the n-th wait of a row that doubles, n counted from 1.
func doubled(first, longest time.Duration, n int) time.Duration {
	return min(longest, first<<min(max(n-1, 0), 16))
}
