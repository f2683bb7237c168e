package activities

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/store"
)

// Kinds of gaps.
const (
	GapNoOutcome = "message_without_outcome" // the mailbox holds it, the ledger does not
	GapNotRead   = "message_not_read"        // likewise, and it stands behind what has been read
	GapNoDeal    = "message_without_deal"    // the ledger says that it belongs to a deal, which lacks it
	GapNoMessage = "deal_without_message"    // the deal came by mail that the ledger does not know
)

// Gap is a message without an outcome, or a deal without its message.
type Gap struct {
	Company     string    `json:"company"`
	Mailbox     string    `json:"mailbox"`
	Kind        string    `json:"kind"`
	Why         string    `json:"why"`
	Folder      string    `json:"folder,omitempty"`
	UIDValidity uint32    `json:"uidvalidity,omitempty"`
	UID         uint32    `json:"uid,omitempty"`
	MessageID   string    `json:"message_id,omitempty"`
	At          time.Time `json:"at,omitzero"` // wall time of a message's arrival, deal time of a deal's opening
	Size        int64     `json:"size,omitempty"`
	LedgerID    string    `json:"ledger_id,omitempty"`
	DealID      string    `json:"deal_id,omitempty"`
}

// Account is what a comparison of a mailbox with the ledger found.
type Account struct {
	Company  string   `json:"company"`
	Mailbox  string   `json:"mailbox"`
	Held     int      `json:"held"`     // messages in the folder
	Archived int      `json:"archived"` // messages in the archive folder
	Ledger   int      `json:"ledger"`   // rows
	Earlier  int      `json:"earlier"`  // messages from before the time from which mail counts
	Gone     int      `json:"gone"`     // rows whose message is in neither folder any more
	Notes    []string `json:"notes"`
	Gaps     []Gap    `json:"gaps"`
}

// Lister says what a folder of a mailbox holds: an *imap.Reader.
type Lister interface {
	List(ctx context.Context, folder string, each func(imap.Entry) error) (uidValidity uint32, err error)
}

// Auditor compares mailboxes with the ledger, and the ledger with the deals.
type Auditor struct {
	Store *store.Store
	// DealTime is the deal time at a wall time, WallTime the reverse.
	DealTime, WallTime func(time.Time) time.Time
}

// NewLister reaches a company's mailbox as the server of a store does.
func NewLister(s *store.Store, box *definitions.Mailbox) Lister {
	return imap.NewReader(account(box, (&tokens{}).of(box.IMAP, s)))
}

// Check compares one mailbox. The folders are listed before the ledger is read,
// so that what arrives meanwhile is not missed.
func (r Auditor) Check(ctx context.Context, company *definitions.Company, box *definitions.Mailbox, lister Lister) (*Account, error) {
	key := store.MailboxKey{Company: company.ID, ID: box.ID}
	at, err := r.Store.Mailbox(ctx, key)
	if err != nil {
		return nil, err
	}
	c := &comparison{
		Account: &Account{Company: key.Company, Mailbox: key.ID, Notes: []string{}, Gaps: []Gap{}},
		auditor: r, box: box, cursor: imap.Cursor{UIDValidity: at.UIDValidity, LastUID: at.LastUID}, since: since(box, at, r.WallTime),
	}
	if err := c.list(ctx, lister); err != nil {
		return nil, err
	}
	rows, err := r.Store.MailboxLedger(ctx, key)
	if err != nil {
		return nil, err
	}
	c.match(rows)
	return c.Account, c.deals(ctx, key)
}

// since is the wall time from which messages of the mailbox count.
func since(box *definitions.Mailbox, at *store.MailboxRow, wall func(time.Time) time.Time) time.Time {
	if box.Since != nil {
		return *box.Since
	}
	return wall(at.Since).Truncate(time.Second)
}

// comparison is one Check under way.
type comparison struct {
	*Account
	auditor  Auditor
	box      *definitions.Mailbox
	cursor   imap.Cursor
	since    time.Time
	validity uint32
	held     []imap.Entry
	archived []imap.Entry
}

func (c *comparison) list(ctx context.Context, lister Lister) (err error) {
	keep := func(into *[]imap.Entry) func(imap.Entry) error {
		return func(e imap.Entry) error {
			if e.InternalDate.Before(c.since) {
				c.Earlier++
				return nil
			}
			*into = append(*into, e)
			return nil
		}
	}
	if c.validity, err = lister.List(ctx, c.box.Folder, keep(&c.held)); err != nil {
		return err
	}
	if c.box.Archive != "" {
		if _, err = lister.List(ctx, c.box.Archive, keep(&c.archived)); err != nil {
			return fmt.Errorf("archive: %w", err)
		}
	}
	c.Held, c.Archived = len(c.held), len(c.archived)
	if c.cursor.UIDValidity != 0 && c.cursor.UIDValidity != c.validity {
		c.Notes = append(c.Notes, fmt.Sprintf("folder %q was made anew (UIDVALIDITY %d, read as %d): its messages are known by their Message-IDs until they are read again",
			c.box.Folder, c.validity, c.cursor.UIDValidity))
	}
	return nil
}

// match finds for each message its row of the ledger, each row for one message.
func (c *comparison) match(rows []store.LedgerRow) {
	c.Ledger = len(rows)
	known := newLedgerIndex(rows, c.auditor.DealTime)
	byUID := 0
	for _, e := range c.held {
		if known.takeUID(c.validity, e.UID) {
			byUID++
			continue
		}
		if c.cursor.UIDValidity != c.validity && known.takeContent(e) {
			continue
		}
		g := c.gap(e, c.box.Folder, GapNoOutcome, "the ledger has no row of it, though the folder has been read past it: somebody changed the ledger, or put the message there")
		g.UIDValidity = c.validity
		if c.cursor.UIDValidity != c.validity || e.UID > c.cursor.LastUID {
			g.Kind, g.Why = GapNotRead, "it has not been read yet: the server is down, in trouble, or about to read it"
		}
		c.Gaps = append(c.Gaps, g)
	}
	for _, e := range c.archived {
		if !known.takeContent(e) {
			c.Gaps = append(c.Gaps, c.gap(e, c.box.Archive, GapNoOutcome,
				"it is in the archive and not in the ledger: another program or person moved it there, or a second server reads this mailbox"))
		}
	}
	c.Gone = known.left()
	if c.Gone > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("%d messages of the ledger have left the mailbox: deleted, expunged or moved by another program; their outcomes stand", c.Gone))
	}
	if lost := c.lostUIDs(rows); lost > 0 && byUID == 0 && len(c.held) > 0 {
		c.Notes = append(c.Notes, "no message of the folder stands where the ledger has it: the mailbox may have been restored from a backup")
	}
}

// lostUIDs counts the rows that were read from the folder as it is now.
func (c *comparison) lostUIDs(rows []store.LedgerRow) (n int) {
	for _, r := range rows {
		if r.UIDValidity == c.validity {
			n++
		}
	}
	return n
}

func (c *comparison) gap(e imap.Entry, folder, kind, why string) Gap {
	return Gap{
		Company: c.Company, Mailbox: c.Mailbox, Kind: kind, Why: why, Folder: folder,
		UID: e.UID, MessageID: e.MessageID, At: e.InternalDate, Size: e.Size,
	}
}

// deals compares the ledger with the deals, both ways.
func (c *comparison) deals(ctx context.Context, key store.MailboxKey) error {
	rows, err := c.auditor.Store.RowsWithoutDeal(ctx, key)
	if err != nil {
		return err
	}
	for _, r := range rows {
		c.Gaps = append(c.Gaps, Gap{
			Company: c.Company, Mailbox: c.Mailbox, Kind: GapNoDeal, Folder: c.box.Folder,
			Why:         fmt.Sprintf("the ledger says %s, and the deal is not there or has not got it: replay the message", strings.ReplaceAll(r.Outcome, "_", " ")),
			UIDValidity: r.UIDValidity, UID: r.UID, MessageID: r.MessageID, At: c.auditor.WallTime(r.ReceivedAt), Size: r.Size, LedgerID: r.ID, DealID: r.DealID,
		})
	}
	orphans, err := c.auditor.Store.DealsWithoutMessage(ctx, key)
	if err != nil {
		return err
	}
	for _, o := range orphans {
		c.Gaps = append(c.Gaps, Gap{
			Company: c.Company, Mailbox: c.Mailbox, Kind: GapNoMessage, DealID: o.DealID, At: o.OpenedAt,
			Why: "the deal came by this mailbox, and the ledger has no row of its message: somebody changed the ledger",
		})
	}
	return nil
}
