package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Kinds of outbox rows.
const (
	KindLetter = "letter" // to the client
	KindNotice = "notice" // to staff
)

// States of outbox rows.
const (
	Queued    = "queued"
	Sending   = "sending"
	Sent      = "sent"
	Failed    = "failed"
	Ambiguous = "ambiguous" // twice handed over and twice without an answer
)

// OutboxRow is a letter or a notice that is decided.
type OutboxRow struct {
	ID         string // made when empty
	Key        string // the same key is never queued twice
	Account    string // the company whose SMTP account sends it
	Kind       string
	DealID     string // empty: a notice about the company itself
	Stage      string // in which it was decided
	Letter     string // id of its template
	MessageID  string
	From       string
	To         string
	ToName     string
	Subject    string
	Text       string
	HTML       string
	InReplyTo  string
	References []string

	Status    string
	Ambiguous bool // an earlier attempt may have been delivered
	Attempts  int
	NotBefore time.Time // wall time; zero: at once
	LastError string
	CreatedAt time.Time // wall time
	SentAt    time.Time // wall time
	Holder    string    // who sends it
}

// Enqueue adds letters and notices of the deal to the outbox, and letters to
// its thread. A key that is there already is ignored. at is deal time.
func (d *DealTx) Enqueue(rows []OutboxRow, at time.Time) error {
	for _, r := range rows {
		r.DealID = d.State.ID
		added, err := enqueue(d.c, r, d.now)
		if err != nil {
			return err
		}
		if !added || r.Kind != KindLetter {
			continue
		}
		err = d.Thread(ThreadMessage{MessageID: r.MessageID, Ours: true, LetterKey: r.Key, At: at, Participants: []string{r.To}})
		if err != nil {
			return err
		}
	}
	return nil
}

// Enqueue adds notices to the outbox. A key that is there already is ignored.
func (t *CaptureTx) Enqueue(notices []OutboxRow) error {
	for _, r := range notices {
		if _, err := enqueue(t.c, r, t.now); err != nil {
			return err
		}
	}
	return nil
}

func enqueue(c conn, r OutboxRow, now time.Time) (added bool, err error) {
	if r.ID == "" {
		r.ID = idAt(now)
	}
	if r.NotBefore.IsZero() {
		r.NotBefore = now
	}
	count, err := c.exec(`INSERT INTO outbox (id, key, account, kind, deal_id, stage, letter, message_id, sender, recipient, to_name,
			subject, text, html, in_reply_to, refs, status, ambiguous, attempts, not_before, last_error, created_at, sent_at, holder)
		VALUES (`+placeholders(18)+`, 0, ?, '', ?, 0, '') ON CONFLICT (key) DO NOTHING`,
		r.ID, r.Key, r.Account, r.Kind, sql.NullString{String: r.DealID, Valid: r.DealID != ""}, r.Stage, r.Letter, r.MessageID, r.From, r.To, r.ToName,
		r.Subject, r.Text, r.HTML, r.InReplyTo, document{r.References}, Queued, false, r.NotBefore, now)
	return count == 1, err
}

// OutboxRow reads one row.
func (s *Store) OutboxRow(ctx context.Context, id string) (*OutboxRow, error) {
	row, err := readOutbox(s.read(ctx), ` WHERE id = ?`, id)
	return row, wrap("outbox row "+id, err)
}

// DealOutbox lists the letters and notices of a deal, oldest first.
func (s *Store) DealOutbox(ctx context.Context, dealID string) ([]OutboxRow, error) {
	rows, err := collect(s.read(ctx), scanOutbox, outboxSelect+` WHERE deal_id = ? ORDER BY n`, dealID)
	return rows, wrap("outbox of deal "+dealID, err)
}

func readOutbox(c conn, condition string, args ...any) (*OutboxRow, error) {
	rows, err := collect(c, scanOutbox, outboxSelect+condition, args...)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrNotFound
	}
	return &rows[0], nil
}

const outboxSelect = `SELECT id, key, account, kind, COALESCE(deal_id, ''), stage, letter, message_id, sender, recipient, to_name, subject, text, html,
	in_reply_to, refs, status, ambiguous, attempts, not_before, last_error, created_at, sent_at, holder FROM outbox`

func scanOutbox(row scanner) (OutboxRow, error) {
	var r OutboxRow
	return r, row.Scan(&r.ID, &r.Key, &r.Account, &r.Kind, &r.DealID, &r.Stage, &r.Letter, &r.MessageID, &r.From, &r.To, &r.ToName, &r.Subject, &r.Text, &r.HTML,
		&r.InReplyTo, document{&r.References}, &r.Status, &r.Ambiguous, &r.Attempts, moment{&r.NotBefore}, &r.LastError,
		moment{&r.CreatedAt}, moment{&r.SentAt}, &r.Holder)
}

// Queue is how much an account has to send.
type Queue struct {
	Account string
	Queued  int
	Sending int
	Oldest  time.Time // when the longest waiting row was queued; zero: none waits
}

// Queues counts what waits to be sent, by account.
func (s *Store) Queues(ctx context.Context) ([]Queue, error) {
	queues, err := collect(s.read(ctx), func(row scanner) (Queue, error) {
		var q Queue
		return q, row.Scan(&q.Account, &q.Queued, &q.Sending, moment{&q.Oldest})
	}, `SELECT account, COUNT(CASE WHEN status = 'queued' THEN 1 END), COUNT(CASE WHEN status = 'sending' THEN 1 END), MIN(created_at)
		FROM outbox WHERE status = 'queued' OR status = 'sending' GROUP BY account ORDER BY account`)
	return queues, wrap("count the outbox", err)
}

// ignoreNotFound is for what may be gone by now.
func ignoreNotFound(err error) error {
	if errors.Is(explain(err), ErrNotFound) {
		return nil
	}
	return err
}
