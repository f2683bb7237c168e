package store

import (
	"context"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// MailboxLedger reads what is known of every message of a mailbox, in the
// order in which they were taken in, without subjects and senders.
func (s *Store) MailboxLedger(ctx context.Context, key MailboxKey) ([]LedgerRow, error) {
	rows, err := collect(s.read(ctx), func(row scanner) (LedgerRow, error) {
		r := LedgerRow{Company: key.Company, Mailbox: key.ID}
		return r, row.Scan(&r.ID, &r.UIDValidity, &r.UID, &r.MessageID, moment{&r.ReceivedAt}, &r.Outcome, &r.DealID, &r.Size)
	}, `SELECT id, uidvalidity, uid, message_id, received_at, outcome, deal_id, size FROM ledger WHERE company = ? AND mailbox = ? ORDER BY n`,
		key.Company, key.ID)
	return rows, wrap("ledger of mailbox "+key.String(), err)
}

// RowsWithoutDeal lists the messages of a mailbox that made a deal or belong to
// one which is not there, or is there without the message among its inputs.
func (s *Store) RowsWithoutDeal(ctx context.Context, key MailboxKey) ([]LedgerRow, error) {
	numbered, err := collect(s.read(ctx), scanLedger, ledgerSelect+` WHERE company = ? AND mailbox = ? AND (
			(outcome IN ('lead', 'reply') OR deal_id <> '') AND NOT EXISTS (SELECT 1 FROM deals WHERE deals.id = ledger.deal_id)
			OR outcome IN ('lead', 'reply') AND rule <> 'unsubscribe'
				AND NOT EXISTS (SELECT 1 FROM inputs WHERE inputs.id = 'mail/' || ledger.id)
		) ORDER BY n`, key.Company, key.ID)
	rows := make([]LedgerRow, 0, len(numbered))
	for _, r := range numbered {
		rows = append(rows, r.LedgerRow)
	}
	return rows, wrap("messages of mailbox "+key.String()+" without their deals", err)
}

// Orphan is a deal that came by mail and whose message is not in the ledger.
type Orphan struct {
	DealID   string
	Subject  string
	Email    string
	OpenedAt time.Time // deal time
}

// DealsWithoutMessage lists the deals that a mailbox brought and of which its
// ledger knows nothing.
func (s *Store) DealsWithoutMessage(ctx context.Context, key MailboxKey) ([]Orphan, error) {
	orphans, err := collect(s.read(ctx), func(row scanner) (Orphan, error) {
		var o Orphan
		return o, row.Scan(&o.DealID, &o.Subject, &o.Email, moment{&o.OpenedAt})
	}, `SELECT id, subject, contact_email, opened_at FROM deals WHERE company = ? AND source = ?
		AND NOT EXISTS (SELECT 1 FROM ledger WHERE ledger.deal_id = deals.id AND ledger.outcome = 'lead') ORDER BY n`,
		key.Company, "mail:"+key.ID)
	return orphans, wrap("deals of mailbox "+key.String()+" without their messages", err)
}

// SetAccounted records when a mailbox was compared with the ledger, in wall
// time, and how many messages and deals lack their other half.
func (s *Store) SetAccounted(ctx context.Context, key MailboxKey, at time.Time, unaccounted int) error {
	count, err := s.write(ctx).exec(`UPDATE mailboxes SET checked_at = ?, unaccounted = ? WHERE company = ? AND id = ?`, at, unaccounted, key.Company, key.ID)
	if err == nil && count == 0 {
		err = ErrNotFound
	}
	return wrap("mailbox "+key.String(), err)
}

// Epoch is from where and how fast deal time runs, as it was set when the data
// was made.
func (s *Store) Epoch(ctx context.Context) (Epoch, error) {
	var epoch Epoch
	err := s.read(ctx).row(`SELECT value FROM meta WHERE key = 'clock'`, nil, document{&epoch})
	return epoch, wrap("read the clock", err)
}

// Message reads a row of the ledger of the mailbox.
func (t *CaptureTx) Message(id string) (*LedgerRow, error) {
	rows, err := collect(t.c, scanLedger, ledgerSelect+` WHERE id = ? AND company = ? AND mailbox = ?`, id, t.from.Company, t.from.ID)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrNotFound
	}
	return &rows[0].LedgerRow, nil
}

// Reclassify records what a message is by the rules of another day.
func (t *CaptureTx) Reclassify(row *LedgerRow) error {
	count, err := t.c.exec(`UPDATE ledger SET message_id = ?, sender = ?, subject = ?, outcome = ?, rule = ?, why = ?, deal_id = ?,
			content_hash = ?, bytes_hash = ?, enquiry = ?, search = ? WHERE id = ? AND company = ? AND mailbox = ?`,
		row.MessageID, row.From, row.Subject, row.Outcome, row.Rule, row.Why, row.DealID,
		row.ContentHash, row.BytesHash, row.Enquiry, lower(row.From+"\n"+row.Subject), row.ID, t.from.Company, t.from.ID)
	if err == nil && count == 0 {
		err = ErrNotFound
	}
	return err
}

// HasInput reports whether a deal was told something under this id.
func (t *CaptureTx) HasInput(id string) (has bool, err error) {
	err = t.c.row(`SELECT EXISTS (SELECT 1 FROM inputs WHERE id = ?)`, []any{id}, &has)
	return has, err
}

// State reads how a deal of the company stands.
func (t *CaptureTx) State(dealID string) (*deal.State, error) {
	state := &deal.State{}
	err := t.c.row(`SELECT s.state FROM deals d JOIN deal_states s ON s.n = d.n WHERE d.id = ? AND d.company = ?`,
		[]any{dealID, t.from.Company}, document{state})
	return state, wrap("deal "+dealID, err)
}
