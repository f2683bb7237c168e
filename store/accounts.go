package store

import (
	"context"
	"time"
)

// Hold keeps an account from sending.
type Hold struct {
	Account string
	Until   time.Time // wall time
	Reason  string
}

// HoldAccount stops an account until a wall time.
func (s *Store) HoldAccount(ctx context.Context, hold Hold) error {
	_, err := s.write(ctx).exec(`INSERT INTO accounts (account, held_until, reason) VALUES (?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET held_until = excluded.held_until, reason = excluded.reason`,
		hold.Account, hold.Until, hold.Reason)
	return wrap("hold account "+hold.Account, err)
}

// ReleaseAccount lets an account send again.
func (s *Store) ReleaseAccount(ctx context.Context, account string) error {
	_, err := s.write(ctx).exec(`DELETE FROM accounts WHERE account = ?`, account)
	return wrap("release account "+account, err)
}

// HeldAccounts lists the accounts that were stopped and not released, whether
// their time is over or not.
func (s *Store) HeldAccounts(ctx context.Context) ([]Hold, error) {
	holds, err := collect(s.read(ctx), func(row scanner) (Hold, error) {
		var h Hold
		return h, row.Scan(&h.Account, moment{&h.Until}, &h.Reason)
	}, `SELECT account, held_until, reason FROM accounts ORDER BY account`)
	return holds, wrap("list held accounts", err)
}

// TryNow lets an account, and what it has tried in vain, be tried at once. What
// waits for its hour goes on waiting. now is wall time.
func (s *Store) TryNow(ctx context.Context, account string, now time.Time) error {
	return wrap("outbox of "+account, s.transact(ctx, func(c conn) error {
		if _, err := c.exec(`UPDATE accounts SET held_until = ? WHERE account = ?`, now, account); err != nil {
			return err
		}
		_, err := c.exec(`UPDATE outbox SET not_before = ? WHERE account = ? AND status = 'queued' AND attempts > 0 AND not_before > ?`, now, account, now)
		return err
	}))
}
