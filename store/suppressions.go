package store

import (
	"context"
	"strings"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// Why an address is not written to.
const (
	Unsubscribed = "unsubscribe" // who reads there asked for it
	Undelivered  = "bounce"      // a letter came back for good
)

// Suppression is an address that a company's letters must not go to any more,
// or, without a Reason, one from which letters only came back for a time.
type Suppression struct {
	Company     string
	Address     string // lower case
	Reason      string
	Detail      string // what the mail server said, or how the person asked
	DealID      string
	At          time.Time // deal time
	SoftBounces int       // how many letters came back for a time
}

// Suppress puts an address on its company's list. It answers false when the
// address was there for the same reason; who unsubscribed stays unsubscribed.
func (s *Store) Suppress(ctx context.Context, sup Suppression) (added bool, err error) {
	err = s.transact(ctx, func(c conn) error {
		added, err = suppress(c, sup)
		return err
	})
	return added, wrap("suppress an address of "+sup.Company, err)
}

// Suppress puts an address on the company's list, as [Store.Suppress] does.
func (t *CaptureTx) Suppress(sup Suppression) (added bool, err error) {
	sup.Company = t.from.Company
	return suppress(t.c, sup)
}

func suppress(c conn, sup Suppression) (bool, error) {
	count, err := c.exec(`INSERT INTO suppressions (company, address, reason, detail, deal_id, at, soft_bounces)
		VALUES (?, ?, ?, ?, ?, ?, 0)
		ON CONFLICT (company, address) DO UPDATE
			SET reason = excluded.reason, detail = excluded.detail, deal_id = excluded.deal_id, at = excluded.at
			WHERE suppressions.reason <> excluded.reason AND suppressions.reason <> 'unsubscribe'`,
		sup.Company, strings.ToLower(sup.Address), sup.Reason, sup.Detail, sup.DealID, sup.At)
	return count == 1, err
}

// SoftBounce counts a letter that came back from an address for a time.
func (t *CaptureTx) SoftBounce(sup Suppression) error {
	_, err := t.c.exec(`INSERT INTO suppressions (company, address, reason, detail, deal_id, at, soft_bounces)
		VALUES (?, ?, '', ?, ?, ?, 1)
		ON CONFLICT (company, address) DO UPDATE SET soft_bounces = suppressions.soft_bounces + 1`,
		t.from.Company, strings.ToLower(sup.Address), sup.Detail, sup.DealID, sup.At)
	return err
}

// Unsuppress takes an address off its company's list, and its count with it.
func (s *Store) Unsuppress(ctx context.Context, company, address string) error {
	count, err := s.write(ctx).exec(`DELETE FROM suppressions WHERE company = ? AND address = ?`, company, strings.ToLower(address))
	if err == nil && count == 0 {
		err = ErrNotFound
	}
	return wrap("unsuppress an address of "+company, err)
}

// Suppressed reads what is known of an address, nil when it may be written to.
func (s *Store) Suppressed(ctx context.Context, company, address string) (*Suppression, error) {
	sup, err := readSuppression(s.read(ctx), company, address)
	return sup, wrap("suppressions of "+company, err)
}

func readSuppression(c conn, company, address string) (*Suppression, error) {
	found, err := collect(c, scanSuppression, suppressionSelect+` WHERE company = ? AND address = ? AND reason <> ''`,
		company, strings.ToLower(address))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// Suppressions lists a company's addresses by name, those with nothing but
// soft bounces too.
func (s *Store) Suppressions(ctx context.Context, company, cursor string, limit int) (Page[Suppression], error) {
	var page Page[Suppression]
	after := ""
	if cursor != "" {
		parts, err := decodeCursor(cursor, 2)
		if err != nil || parts[0] != "suppressions" {
			return page, wrap("suppressions of "+company, badCursor)
		}
		after = parts[1]
	}
	c, limit := s.read(ctx), pageLimit(limit)
	if err := c.row(`SELECT COUNT(*) FROM suppressions WHERE company = ?`, []any{company}, &page.Total); err != nil {
		return page, wrap("suppressions of "+company, err)
	}
	list, err := collect(c, scanSuppression, suppressionSelect+` WHERE company = ? AND address > ? ORDER BY address LIMIT ?`, company, after, limit+1)
	if len(list) > limit {
		list = list[:limit]
		page.Next = encodeCursor("suppressions", list[limit-1].Address)
	}
	page.Items = list
	return page, wrap("suppressions of "+company, err)
}

const suppressionSelect = `SELECT company, address, reason, detail, deal_id, at, soft_bounces FROM suppressions`

func scanSuppression(row scanner) (Suppression, error) {
	var s Suppression
	return s, row.Scan(&s.Company, &s.Address, &s.Reason, &s.Detail, &s.DealID, moment{&s.At}, &s.SoftBounces)
}

// OptOut puts who got a letter on the company's list, because they asked for
// it, and tells every deal with them that is not closed. It answers what the
// deals are told, so that they can be knocked at; nothing when the address was
// on the list before. at is deal time.
func (s *Store) OptOut(ctx context.Context, letterID, how string, at time.Time) (told []Input, err error) {
	err = s.transact(ctx, func(c conn) error {
		told, err = optOut(c, letterID, how, at, MailboxKey{}, s.now())
		return err
	})
	return told, wrap("opt out of letter "+letterID, err)
}

// OptOut is [Store.OptOut] for a request that came by mail.
func (t *CaptureTx) OptOut(letterID, how string, at time.Time) (told []Input, err error) {
	return optOut(t.c, letterID, how, at, t.from, t.now)
}

func optOut(c conn, letterID, how string, at time.Time, from MailboxKey, now time.Time) ([]Input, error) {
	row, err := readOutbox(c, ` WHERE id = ?`, letterID)
	if err != nil {
		return nil, err
	}
	if row.Kind != KindLetter || (from.Company != "" && from.Company != row.Account) {
		return nil, ErrNotFound
	}
	return unsubscribe(c, Suppression{Company: row.Account, Address: row.To, Detail: how, DealID: row.DealID, At: at}, from, now)
}

// OptOutOf puts an address on the list and tells its deals, where the request
// names the address and not a letter.
func (t *CaptureTx) OptOutOf(sup Suppression) (told []Input, err error) {
	sup.Company = t.from.Company
	return unsubscribe(t.c, sup, t.from, t.now)
}

func unsubscribe(c conn, sup Suppression, from MailboxKey, now time.Time) ([]Input, error) {
	sup.Reason = Unsubscribed
	added, err := suppress(c, sup)
	if err != nil || !added {
		return nil, err
	}
	deals, err := collect(c, scanText, `SELECT id FROM deals WHERE contact_email = ? AND company = ? AND closed_at = 0 ORDER BY n`,
		strings.ToLower(sup.Address), sup.Company)
	if err != nil {
		return nil, err
	}
	told := make([]Input, 0, len(deals))
	for _, id := range deals {
		in := Input{
			ID: "unsubscribe/" + idAt(now), DealID: id, Kind: deal.KindUnsubscribe,
			Event: deal.Event{Kind: deal.KindUnsubscribe, Actor: "client", Text: sup.Detail},
		}
		if err := addInput(c, in, from, now); err != nil {
			return nil, err
		}
		told = append(told, in)
	}
	return told, nil
}
