package store

import (
	"context"
	"math"
	"slices"
	"time"
)

// LedgerRow is what became of one message of a mailbox.
type LedgerRow struct {
	ID          string // made when empty
	Company     string // Company and Mailbox are the capture's own
	Mailbox     string
	UIDValidity uint32
	UID         uint32
	MessageID   string
	ReceivedAt  time.Time
	From        string
	Subject     string
	Outcome     string
	Rule        string
	Why         string
	DealID      string
	ContentHash string
	BytesHash   string
	Enquiry     string // key by which the same enquiry is known when it comes again
	Size        int64
	ProcessedAt time.Time // deal time
}

// AddLedger records what became of a message, and keeps the message itself
// when raw is given. It answers false, and does nothing, when the mailbox's
// UID is there already with the same message. A mailbox that was restored from
// a backup may give a UID to another one: then the row that had it stands at
// UIDVALIDITY 0 from now on, which no server uses.
func (t *CaptureTx) AddLedger(row *LedgerRow, raw []byte) (added bool, err error) {
	if row.ID == "" {
		row.ID = idAt(t.now)
	}
	row.Company, row.Mailbox = t.from.Company, t.from.ID
	if row.BytesHash != "" {
		_, err = t.c.exec(`UPDATE ledger SET uidvalidity = 0, uid = n WHERE company = ? AND mailbox = ? AND uidvalidity = ? AND uid = ?
			AND bytes_hash <> '' AND bytes_hash <> ?`, row.Company, row.Mailbox, row.UIDValidity, row.UID, row.BytesHash)
		if err != nil {
			return false, err
		}
	}
	count, err := t.c.exec(`INSERT INTO ledger (id, company, mailbox, uidvalidity, uid, message_id, received_at, sender, subject,
			outcome, rule, why, deal_id, content_hash, bytes_hash, enquiry, size, processed_at, search)
		VALUES (`+placeholders(19)+`) ON CONFLICT (company, mailbox, uidvalidity, uid) DO NOTHING`,
		row.ID, row.Company, row.Mailbox, row.UIDValidity, row.UID, row.MessageID, row.ReceivedAt, row.From, row.Subject,
		row.Outcome, row.Rule, row.Why, row.DealID, row.ContentHash, row.BytesHash, row.Enquiry, row.Size, row.ProcessedAt,
		lower(row.From+"\n"+row.Subject))
	if err != nil || count == 0 {
		return false, err
	}
	if raw == nil {
		return true, nil
	}
	return true, keepRaw(t.c, row.ID, row.ProcessedAt, raw)
}

// MessageFilter chooses rows of the ledger; an empty part does not restrict.
type MessageFilter struct {
	Companies []string
	Mailbox   string
	Outcome   string
	DealID    string
	Q         string // part of the sender's address, the subject or the Message-ID, in any case
	Limit     int
	Cursor    string
}

// Messages lists the ledger, newest first.
func (s *Store) Messages(ctx context.Context, f MessageFilter) (Page[LedgerRow], error) {
	var page Page[LedgerRow]
	before, err := decodeNumber(f.Cursor, "messages", math.MaxInt64)
	if err != nil {
		return page, err
	}
	var where condition
	where.among("company", f.Companies)
	where.equal("mailbox", f.Mailbox)
	where.equal("outcome", f.Outcome)
	where.equal("deal_id", f.DealID)
	if f.Q != "" {
		part := containing(lower(f.Q))
		where.add(`(search LIKE ? ESCAPE '\' OR LOWER(message_id) LIKE ? ESCAPE '\')`, part, part)
	}
	c, end, err := s.snapshot(ctx)
	if err != nil {
		return page, wrap("list messages", err)
	}
	defer end()
	if err := c.row(`SELECT COUNT(*) FROM ledger`+where.String(), where.args, &page.Total); err != nil {
		return page, wrap("count messages", err)
	}
	where.add("n < ?", before)
	limit := pageLimit(f.Limit)
	numbered, err := collect(c, scanLedger, ledgerSelect+where.String()+` ORDER BY n DESC LIMIT ?`, append(where.args, limit+1)...)
	if err != nil {
		return page, wrap("list messages", err)
	}
	if len(numbered) > limit {
		numbered = numbered[:limit]
		page.Next = encodeCursor("messages", integer(numbered[limit-1].n))
	}
	for _, row := range numbered {
		page.Items = append(page.Items, row.LedgerRow)
	}
	return page, nil
}

// Message reads one row of the ledger.
func (s *Store) Message(ctx context.Context, id string) (*LedgerRow, error) {
	rows, err := collect(s.read(ctx), scanLedger, ledgerSelect+` WHERE id = ?`, id)
	if err == nil && len(rows) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, wrap("message "+id, err)
	}
	return &rows[0].LedgerRow, nil
}

// Captured tells which of the messages of a folder are in the ledger with their text, of these in the order of their numbers.
func (s *Store) Captured(ctx context.Context, key MailboxKey, uidValidity uint32, uids []uint32) ([]uint32, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	found, err := collect(s.read(ctx), func(row scanner) (uint32, error) {
		var uid uint32
		return uid, row.Scan(&uid)
	}, `SELECT uid FROM ledger WHERE company = ? AND mailbox = ? AND uidvalidity = ? AND uid BETWEEN ? AND ? AND bytes_hash <> '' ORDER BY uid`,
		key.Company, key.ID, uidValidity, slices.Min(uids), slices.Max(uids))
	if err != nil {
		return nil, wrap("look for messages in the ledger", err)
	}
	asked := map[uint32]bool{}
	for _, uid := range uids {
		asked[uid] = true
	}
	return slices.DeleteFunc(found, func(uid uint32) bool { return !asked[uid] }), nil
}

const ledgerSelect = `SELECT n, id, company, mailbox, uidvalidity, uid, message_id, received_at, sender, subject,
	outcome, rule, why, deal_id, content_hash, bytes_hash, enquiry, size, processed_at FROM ledger`

type numberedRow struct {
	LedgerRow
	n int64
}

func scanLedger(row scanner) (numberedRow, error) {
	var l numberedRow
	return l, row.Scan(&l.n, &l.ID, &l.Company, &l.Mailbox, &l.UIDValidity, &l.UID, &l.MessageID, moment{&l.ReceivedAt}, &l.From, &l.Subject,
		&l.Outcome, &l.Rule, &l.Why, &l.DealID, &l.ContentHash, &l.BytesHash, &l.Enquiry, &l.Size, moment{&l.ProcessedAt})
}
