package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// MailboxKey names a mailbox of a company.
type MailboxKey struct{ Company, ID string }

func (m MailboxKey) String() string { return m.Company + "/" + m.ID }

// CaptureTx is a transaction that takes in mail of one mailbox. It sees what
// it has itself written. It must not be used after the function it was given
// to.
type CaptureTx struct {
	c    conn
	from MailboxKey
	now  time.Time
}

// Capture runs fn in one transaction; when fn fails, nothing of what it did
// remains. The captures of a company happen one after the other, or the same
// message in two mailboxes would not be known for one.
func (s *Store) Capture(ctx context.Context, mailbox MailboxKey, fn func(*CaptureTx) error) error {
	return wrap("capture from mailbox "+mailbox.String(), s.transact(ctx, func(c conn) error {
		ids, err := collect(c, scanText, `SELECT id FROM mailboxes WHERE company = ? ORDER BY id`+c.locking(), mailbox.Company)
		if err != nil {
			return err
		}
		if !slices.Contains(ids, mailbox.ID) {
			return ErrNotFound
		}
		return fn(&CaptureTx{c, mailbox, s.now()})
	}))
}

// Seen is a message of the company that is in the ledger.
type Seen struct {
	LedgerID    string
	ContentHash string
	BytesHash   string
	DealID      string
	Outcome     string
}

// SeenMessage finds messages by their Message-ID.
func (t *CaptureTx) SeenMessage(messageID string) ([]Seen, error) {
	return t.seen(`message_id = ?`, messageID)
}

// SeenBytes finds messages by the hash of their bytes.
func (t *CaptureTx) SeenBytes(hash string) ([]Seen, error) { return t.seen(`bytes_hash = ?`, hash) }

// SeenEnquiry finds messages that were the same enquiry and were taken in since
// a moment in deal time.
func (t *CaptureTx) SeenEnquiry(key string, since time.Time) ([]Seen, error) {
	return t.seen(`enquiry = ? AND enquiry <> '' AND processed_at >= ?`, key, since)
}

// seen reads the newest few; what is repeated endlessly need not be listed.
func (t *CaptureTx) seen(condition string, args ...any) ([]Seen, error) {
	return collect(t.c, func(row scanner) (Seen, error) {
		var s Seen
		return s, row.Scan(&s.LedgerID, &s.ContentHash, &s.BytesHash, &s.DealID, &s.Outcome)
	}, `SELECT id, content_hash, bytes_hash, deal_id, outcome FROM ledger WHERE company = ? AND `+condition+`
		ORDER BY n DESC LIMIT 50`, append([]any{t.from.Company}, args...)...)
}

// Thread finds the deals that messages belong to, the latest first.
func (t *CaptureTx) Thread(ids []string) ([]ThreadHit, error) {
	return threadHits(t.c, t.from.Company, ids)
}

// Participants are the addresses of those who took part in a deal's thread,
// the contact's among them, in lower case.
func (t *CaptureTx) Participants(dealID string) ([]string, error) {
	return collect(t.c, scanText, `SELECT email FROM participants WHERE deal_id = ?
		UNION SELECT contact_email FROM deals WHERE id = ? AND contact_email <> '' ORDER BY 1`, dealID, dealID)
}

// Subjects lists the subjects of the letters that a deal has sent.
func (t *CaptureTx) Subjects(dealID string) ([]string, error) {
	return collect(t.c, scanText, `SELECT DISTINCT subject FROM outbox WHERE deal_id = ? AND kind = 'letter' LIMIT 50`, dealID)
}

// DealRef is a deal as capture looks at it.
type DealRef struct {
	ID           string
	Process      string
	Stage        string
	Status       string
	Owner        string
	Subject      string
	Source       string
	LastActivity time.Time // of its last message, or of its opening
	ClosedAt     time.Time // zero: not closed
}

// DealsOf lists the company's deals with a contact, the latest activity first.
func (t *CaptureTx) DealsOf(email string) ([]DealRef, error) {
	return t.refs(`d.contact_email = ?`, strings.ToLower(email))
}

// DealsWith lists the company's deals in which an address is the contact or took part, the latest activity first.
func (t *CaptureTx) DealsWith(email string) ([]DealRef, error) {
	email = strings.ToLower(email)
	return t.refs(`(d.contact_email = ? OR d.id IN (SELECT deal_id FROM participants WHERE email = ?))`, email, email)
}

// Deal reads one of the company's deals.
func (t *CaptureTx) Deal(id string) (*DealRef, error) {
	refs, err := t.refs(`d.id = ?`, id)
	if err != nil {
		return nil, err
	}
	if len(refs) == 0 {
		return nil, ErrNotFound
	}
	return &refs[0], nil
}

func (t *CaptureTx) refs(condition string, args ...any) ([]DealRef, error) {
	return collect(t.c, func(row scanner) (DealRef, error) {
		var d DealRef
		return d, row.Scan(&d.ID, &d.Process, &d.Stage, &d.Status, &d.Owner, &d.Subject, &d.Source, moment{&d.LastActivity}, moment{&d.ClosedAt})
	}, `SELECT d.id, d.process, d.stage, d.status, d.owner, d.subject, d.source,
			COALESCE((SELECT MAX(t.at) FROM thread t WHERE t.deal_id = d.id), d.opened_at) AS active, d.closed_at
		FROM deals d WHERE `+condition+` AND d.company = ? ORDER BY active DESC, d.id DESC LIMIT 100`, append(args, t.from.Company)...)
}

// CreateDeal adds a deal and its first input.
func (t *CaptureTx) CreateDeal(state *deal.State, input Input) error {
	return createDeal(t.c, state, input, t.from, t.now)
}

// AddInput puts an input into a deal's inbox; the same id again is ignored.
func (t *CaptureTx) AddInput(input Input) error { return addInput(t.c, input, t.from, t.now) }

// AddThread ties a message to its deal.
func (t *CaptureTx) AddThread(m ThreadMessage) error { return addThread(t.c, t.from.Company, m) }

// SetCursor records how far the mailbox has been read.
func (t *CaptureTx) SetCursor(uidValidity, lastUID uint32) error {
	_, err := t.c.exec(`UPDATE mailboxes SET uidvalidity = ?, last_uid = ? WHERE company = ? AND id = ?`,
		uidValidity, lastUID, t.from.Company, t.from.ID)
	return err
}

// Letter reads a letter that the company has decided to send.
func (t *CaptureTx) Letter(id string) (*OutboxRow, error) {
	row, err := readOutbox(t.c, ` WHERE id = ? AND account = ? AND kind = 'letter'`, id, t.from.Company)
	return row, wrap("outbox row "+id, err)
}
