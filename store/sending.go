package store

import (
	"context"
	"errors"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// ClaimLetter gives the holder the account's row that has been due longest, if
// now, in wall time, one is due. Without one, wait is when to ask again; zero:
// nothing is queued.
func (s *Store) ClaimLetter(ctx context.Context, account, holder string, now time.Time) (row *OutboxRow, wait time.Time, err error) {
	err = s.transact(ctx, func(c conn) error {
		row, wait, err = claim(c, account, holder, now)
		return err
	})
	return row, wait, wrap("outbox of "+account, err)
}

func claim(c conn, account, holder string, now time.Time) (*OutboxRow, time.Time, error) {
	var held time.Time
	err := c.row(`SELECT held_until FROM accounts WHERE account = ?`, []any{account}, moment{&held})
	if err := ignoreNotFound(err); err != nil {
		return nil, time.Time{}, err
	}
	if held.After(now) {
		return nil, held, nil
	}
	skip := ""
	if c.postgres {
		skip = " FOR UPDATE SKIP LOCKED"
	}
	row, err := readOutbox(c, ` WHERE account = ? AND status = 'queued' ORDER BY not_before, n LIMIT 1`+skip, account)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, time.Time{}, nil
	case err != nil:
		return nil, time.Time{}, err
	case row.NotBefore.After(now):
		return nil, row.NotBefore, nil
	}
	row.Status, row.Holder = Sending, holder
	row.Attempts++
	_, err = c.exec(`UPDATE outbox SET status = 'sending', holder = ?, attempts = attempts + 1 WHERE id = ?`, holder, row.ID)
	return row, time.Time{}, err
}

// SentAndClaim records that a row was sent, for a letter with a line in its
// deal's timeline at a moment in deal time, and claims the next as ClaimLetter
// does, in one commit. A row that is recorded as sent already counts once.
func (s *Store) SentAndClaim(ctx context.Context, sentID string, at time.Time, account, holder string, now time.Time) (row *OutboxRow, wait time.Time, err error) {
	err = s.transact(ctx, func(c conn) error {
		if err := s.settle(c, sentID, Sent, at, now, ""); err != nil {
			return err
		}
		row, wait, err = claim(c, account, holder, now)
		return err
	})
	return row, wait, wrap("outbox row "+sentID, err)
}

// settle ends a row as sent or ambiguous. The deal is locked before its row,
// the order in which Advance takes them.
func (s *Store) settle(c conn, id, status string, at, now time.Time, lastError string) error {
	row, err := readOutbox(c, ` WHERE id = ?`, id)
	if err != nil {
		return err
	}
	var d *DealTx
	if row.Kind == KindLetter {
		if d, err = s.lockDeal(c, row.DealID); err != nil {
			return err
		}
	}
	count, err := c.exec(`UPDATE outbox SET status = ?, sent_at = ?, last_error = ?, holder = '' WHERE id = ? AND status NOT IN ('sent', 'ambiguous')`,
		status, now, lastError, id)
	if err != nil || count == 0 || row.Kind != KindLetter {
		return err
	}
	data := map[string]any{
		"message_id": row.MessageID, "from": row.From, "to": row.To,
		"subject": row.Subject, "text": row.Text, "letter": row.Letter,
	}
	if row.Ambiguous || status == Ambiguous {
		data["ambiguous"] = true
	}
	if err := d.Append([]deal.Entry{{At: at, Type: "mail_sent", Actor: "system", Stage: row.Stage, Data: data}}); err != nil {
		return err
	}
	return d.finish()
}

// Unclear records that the server's answer to a row was lost after it had the
// whole letter. The row is queued once more for notBefore; the second time it
// ends as ambiguous and its timeline says that it was sent, perhaps.
func (s *Store) Unclear(ctx context.Context, id string, at, now, notBefore time.Time, cause string) error {
	return wrap("outbox row "+id, s.transact(ctx, func(c conn) error {
		row, err := readOutbox(c, ` WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if row.Ambiguous {
			return s.settle(c, id, Ambiguous, at, now, cause)
		}
		_, err = c.exec(`UPDATE outbox SET status = 'queued', ambiguous = ?, not_before = ?, last_error = ?, holder = '' WHERE id = ? AND status = 'sending'`,
			true, notBefore, cause, id)
		return err
	}))
}

// Retry queues a row that is being sent once more, not before a wall time.
func (s *Store) Retry(ctx context.Context, id string, notBefore time.Time, cause string) error {
	_, err := s.write(ctx).exec(`UPDATE outbox SET status = 'queued', not_before = ?, last_error = ?, holder = '' WHERE id = ? AND status = 'sending'`,
		notBefore, cause, id)
	return wrap("outbox row "+id, err)
}

// Failed gives a row up. The input, if any, tells its deal.
func (s *Store) Failed(ctx context.Context, id, cause string, input *Input) error {
	return wrap("outbox row "+id, s.transact(ctx, func(c conn) error {
		_, err := c.exec(`UPDATE outbox SET status = 'failed', last_error = ?, holder = '' WHERE id = ? AND status IN ('queued', 'sending')`, cause, id)
		if err != nil || input == nil {
			return err
		}
		return addInput(c, *input, MailboxKey{}, s.now())
	}))
}

// Resend queues a letter again that did not go out, or of which nobody knows,
// to an address, and tells its deal. now is wall time.
func (s *Store) Resend(ctx context.Context, id, to string, now time.Time, told *Input) error {
	return wrap("outbox row "+id, s.transact(ctx, func(c conn) error {
		count, err := c.exec(`UPDATE outbox SET status = 'queued', recipient = ?, not_before = ?, last_error = '', holder = ''
			WHERE id = ? AND kind = 'letter' AND status IN ('queued', 'failed', 'ambiguous')`, to, now, id)
		if err != nil {
			return err
		}
		if count == 0 {
			return ErrStale
		}
		return addInput(c, *told, MailboxKey{}, s.now())
	}))
}

// RecoverSending queues what a sender other than the holder has left behind
// while sending: it may or may not have gone out. It tells how many.
func (s *Store) RecoverSending(ctx context.Context, account, holder string) (int64, error) {
	count, err := s.write(ctx).exec(`UPDATE outbox SET status = 'queued', ambiguous = ?, holder = '',
		last_error = 'its sender stopped before the answer was recorded' WHERE account = ? AND status = 'sending' AND holder <> ?`,
		true, account, holder)
	return count, wrap("outbox of "+account, err)
}

// SentTo lists when letters last went to an address, the newest first, not
// before a wall time.
func (s *Store) SentTo(ctx context.Context, account, address string, since time.Time, limit int) ([]time.Time, error) {
	times, err := collect(s.read(ctx), scanMoment, sentToQuery, account, address, since, limit)
	return times, wrap("outbox of "+account, err)
}

// SentTo is [Store.SentTo] within a capture.
func (t *CaptureTx) SentTo(address string, since time.Time, limit int) ([]time.Time, error) {
	return collect(t.c, scanMoment, sentToQuery, t.from.Company, address, since, limit)
}

const sentToQuery = `SELECT sent_at FROM outbox WHERE account = ? AND recipient = ? AND sent_at > ? AND kind = 'letter' AND sent_at <> 0
	ORDER BY sent_at DESC LIMIT ?`

func scanMoment(row scanner) (at time.Time, err error) {
	return at, row.Scan(moment{&at})
}

// Postpone queues a claimed row that was not tried for later.
func (s *Store) Postpone(ctx context.Context, id string, notBefore time.Time, cause string) error {
	_, err := s.write(ctx).exec(`UPDATE outbox SET status = 'queued', not_before = ?, last_error = ?, holder = '', attempts = attempts - 1
		WHERE id = ? AND status = 'sending'`, notBefore, cause, id)
	return wrap("outbox row "+id, err)
}

// ClaimNotices gives the holder of a claimed notice what else its recipient is
// to be told now, but for some kinds, in the order in which it was decided.
func (s *Store) ClaimNotices(ctx context.Context, main *OutboxRow, holder string, now time.Time, except []string, limit int) (rows []OutboxRow, err error) {
	err = s.transact(ctx, func(c conn) error {
		query := outboxSelect + ` WHERE account = ? AND status = 'queued' AND kind = 'notice' AND recipient = ? AND not_before <= ? AND id <> ?`
		args := []any{main.Account, main.To, now, main.ID}
		if len(except) > 0 {
			query += ` AND letter NOT IN (` + placeholders(len(except)) + `)`
			args = append(args, anys(except)...)
		}
		rows, err = collect(c, scanOutbox, query+` ORDER BY n LIMIT ?`+c.locking(), append(args, limit)...)
		for i := range rows {
			if err != nil {
				break
			}
			rows[i].Status, rows[i].Holder = Sending, holder
			_, err = c.exec(`UPDATE outbox SET status = 'sending', holder = ?, attempts = attempts + 1 WHERE id = ?`, holder, rows[i].ID)
		}
		return err
	})
	return rows, wrap("notices of "+main.Account, err)
}

// Follow gives notices that went out in one mail the fate of the row that it
// was sent as. It answers false, and does nothing, while that is being sent.
func (s *Store) Follow(ctx context.Context, mainID string, ids []string) (settled bool, err error) {
	err = s.transact(ctx, func(c conn) error {
		main, err := readOutbox(c, ` WHERE id = ?`, mainID)
		if err != nil || main.Status == Sending {
			return err
		}
		settled = true
		_, err = c.exec(`UPDATE outbox SET status = ?, ambiguous = ?, not_before = ?, last_error = ?, sent_at = ?, holder = ''
			WHERE status = 'sending' AND id IN (`+placeholders(len(ids))+`)`,
			append([]any{main.Status, main.Ambiguous, main.NotBefore, main.LastError, main.SentAt}, anys(ids)...)...)
		return err
	})
	return settled, wrap("outbox row "+mainID, err)
}
