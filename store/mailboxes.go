package store

import (
	"context"
	"time"
)

// MailboxConfig is a mailbox that a company reads.
type MailboxConfig struct {
	ID    string
	Since time.Time // zero: from when it was first configured
}

// MailboxRow is how a mailbox stands.
type MailboxRow struct {
	MailboxKey
	MailboxState
	Since        time.Time // older mail is not answered
	ConfiguredAt time.Time // first
	UIDValidity  uint32    // 0: never read
	LastUID      uint32
	ReadThrough  time.Time // deal time up to which all mail is in the deals; zero: never read
	CheckedAt    time.Time // wall time of the last comparison with the ledger; zero: none yet
	Unaccounted  int       // what that comparison missed
	Shared       string    // by what it was last noticed that another server reads it too; empty: never
	SharedAt     time.Time // wall time
}

// sharedFor is how long it counts that another server was noticed.
const sharedFor = 24 * time.Hour

// IsShared tells whether another server reads the mailbox too, as far as was
// noticed within a day.
func (m *MailboxRow) IsShared(now time.Time) bool { return now.Sub(m.SharedAt) < sharedFor }

// MailboxState is how the connection to a mailbox goes.
type MailboxState struct {
	State       string
	Error       string
	LastContact time.Time // wall time
	Lag         time.Duration
}

// ConfigureMailboxes makes the company's mailboxes those of the list: a new
// one is recorded as first configured at that moment, one that is not in the
// list is forgotten with its cursor.
func (s *Store) ConfigureMailboxes(ctx context.Context, company string, mailboxes []MailboxConfig, at time.Time) error {
	return wrap("configure the mailboxes of "+company, s.transact(ctx, func(c conn) error {
		if err := c.patient(); err != nil {
			return err
		}
		ids := []any{company}
		for _, m := range mailboxes {
			since := m.Since
			if since.IsZero() {
				since = at
			}
			// An explicit since may be changed; the moment of the first time stays.
			_, err := c.exec(`INSERT INTO mailboxes (company, id, since, configured_at, uidvalidity, last_uid, read_through, state, error, last_contact, lag)
				VALUES (?, ?, ?, ?, 0, 0, 0, '', '', 0, 0)
				ON CONFLICT (company, id) DO UPDATE SET since = CASE WHEN ? THEN mailboxes.configured_at ELSE excluded.since END`,
				company, m.ID, since, at, m.Since.IsZero())
			if err != nil {
				return err
			}
			ids = append(ids, m.ID)
		}
		query := `DELETE FROM mailboxes WHERE company = ?`
		if len(mailboxes) > 0 {
			query += ` AND id NOT IN (` + placeholders(len(mailboxes)) + `)`
		}
		_, err := c.exec(query, ids...)
		return err
	}))
}

// Mailbox reads how one mailbox stands.
func (s *Store) Mailbox(ctx context.Context, key MailboxKey) (*MailboxRow, error) {
	rows, err := collect(s.read(ctx), scanMailbox, mailboxSelect+` WHERE company = ? AND id = ?`, key.Company, key.ID)
	if err == nil && len(rows) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, wrap("mailbox "+key.String(), err)
	}
	return &rows[0], nil
}

// Mailboxes lists all mailboxes.
func (s *Store) Mailboxes(ctx context.Context) ([]MailboxRow, error) {
	rows, err := collect(s.read(ctx), scanMailbox, mailboxSelect+` ORDER BY company, id`)
	return rows, wrap("list mailboxes", err)
}

// SetMailboxState records how the connection goes.
func (s *Store) SetMailboxState(ctx context.Context, key MailboxKey, state MailboxState) error {
	count, err := s.write(ctx).exec(`UPDATE mailboxes SET state = ?, error = ?, last_contact = ?, lag = ? WHERE company = ? AND id = ?`,
		state.State, state.Error, state.LastContact, state.Lag, key.Company, key.ID)
	if err == nil && count == 0 {
		err = ErrNotFound
	}
	return wrap("mailbox "+key.String(), err)
}

// SetShared records at a wall time by what it was noticed that another server
// reads the mailbox too.
func (s *Store) SetShared(ctx context.Context, key MailboxKey, why string, at time.Time) error {
	count, err := s.write(ctx).exec(`UPDATE mailboxes SET shared = ?, shared_at = ? WHERE company = ? AND id = ?`, why, at, key.Company, key.ID)
	if err == nil && count == 0 {
		err = ErrNotFound
	}
	return wrap("mailbox "+key.String(), err)
}

// SetReadThrough records the moment in deal time up to which the mailbox has
// been read; it never goes back. It answers false, and does nothing, while an
// input that came by this mailbox is not applied: its deal does not know of it
// yet.
func (s *Store) SetReadThrough(ctx context.Context, key MailboxKey, through time.Time) (done bool, err error) {
	err = s.transact(ctx, func(c conn) error {
		var last time.Time
		// Holding the row keeps a capture from adding inputs behind our back.
		err := c.row(`SELECT read_through FROM mailboxes WHERE company = ? AND id = ?`+c.locking(), []any{key.Company, key.ID}, moment{&last})
		if err != nil {
			return err
		}
		waiting, err := unapplied(c, key)
		if err != nil || waiting {
			return err
		}
		done = true
		if !through.After(last) {
			return nil
		}
		_, err = c.exec(`UPDATE mailboxes SET read_through = ? WHERE company = ? AND id = ?`, through, key.Company, key.ID)
		return err
	})
	return done && err == nil, wrap("mailbox "+key.String(), err)
}

func unapplied(c conn, key MailboxKey) (waiting bool, err error) {
	err = c.row(`SELECT EXISTS (SELECT 1 FROM inputs WHERE company = ? AND mailbox = ? AND applied_at = 0)`,
		[]any{key.Company, key.ID}, &waiting)
	return waiting, err
}

// ReadThrough is the moment up to which all of the company's mailboxes have
// been read, zero while one never was; false when it has no mailbox.
func (d *DealTx) ReadThrough(company string) (through time.Time, configured bool, err error) {
	var count int
	err = d.c.row(`SELECT COUNT(*), COALESCE(MIN(read_through), 0) FROM mailboxes WHERE company = ?`, []any{company}, &count, moment{&through})
	return through, count > 0, err
}

const mailboxSelect = `SELECT company, id, since, configured_at, uidvalidity, last_uid, read_through, state, error, last_contact, lag, checked_at, unaccounted, shared, shared_at FROM mailboxes`

func scanMailbox(row scanner) (MailboxRow, error) {
	var m MailboxRow
	var lag int64
	err := row.Scan(&m.Company, &m.ID, moment{&m.Since}, moment{&m.ConfiguredAt}, &m.UIDValidity, &m.LastUID,
		moment{&m.ReadThrough}, &m.State, &m.Error, moment{&m.LastContact}, &lag, moment{&m.CheckedAt}, &m.Unaccounted, &m.Shared, moment{&m.SharedAt})
	m.Lag = time.Duration(lag) * time.Microsecond
	return m, err
}

// HeldDeal is a deal in which something fell due that waits for the mailboxes.
type HeldDeal struct {
	ID    string
	Since time.Time
}

// HeldDeals lists the company's deals in which something is due and all
// mailboxes have been read past it.
func (s *Store) HeldDeals(ctx context.Context, company string, limit int) ([]HeldDeal, error) {
	held, err := collect(s.read(ctx), func(row scanner) (HeldDeal, error) {
		var d HeldDeal
		return d, row.Scan(&d.ID, moment{&d.Since})
	}, `SELECT id, next_wake FROM deals WHERE company = ? AND next_wake > 0
		AND next_wake <= (SELECT MIN(read_through) FROM mailboxes WHERE company = ?) ORDER BY next_wake, id LIMIT ?`, company, company, limit)
	return held, wrap("held deals of "+company, err)
}
