//go:build system

package browser_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to set the clock

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/clock"
	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// past lets companies live through months in a moment: deals advance as they do
// in the running server, on a clock that jumps from one thing to the next, and
// letters count as sent as soon as they are due.
type past struct {
	t         testing.TB
	dir       string
	store     *store.Store
	companies []*definitions.Company
	a         *activities.Activities
	changes   activities.Changes
	now       time.Time
	wakes     map[string]time.Time // by deal
	plan      []planned
}

type planned struct {
	at time.Time
	do func()
}

// begin opens the store of a data folder for the companies, at a moment.
func begin(t testing.TB, dir string, companies []*definitions.Company, at time.Time) *past {
	t.Helper()
	s, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	p := &past{t: t, dir: dir, store: s, companies: companies, now: at, wakes: map[string]time.Time{}}
	c, err := clock.New(at, at, 1)
	if err != nil {
		t.Fatal(err)
	}
	p.a = &activities.Activities{
		Store: s, Catalogue: activities.NewCatalogue(s), Clock: c.WithWall(func() time.Time { return p.now }),
		Deals: p, Log: slog.New(slog.DiscardHandler), Holder: "past",
	}
	p.changes = activities.Changes{Store: s, Deals: p}
	p.must(p.a.Catalogue.Set(t.Context(), companies, at))
	for _, c := range companies {
		for _, m := range c.Mailboxes {
			// All mail of the past has been read.
			_, err := s.SetReadThrough(t.Context(), store.MailboxKey{Company: c.ID, ID: m.ID}, at.AddDate(10, 0, 0))
			p.must(err)
		}
	}
	return p
}

func (p *past) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// Start, Take and Nudge make it the workflows of the deals.
func (p *past) Start(ctx context.Context, id string) error { return p.Take(ctx, id) }

func (p *past) Nudge(ctx context.Context, id string) error { return p.Take(ctx, id) }

func (p *past) Take(ctx context.Context, id string) error {
	done, err := p.a.Advance(ctx, id)
	if err != nil {
		return err
	}
	delete(p.wakes, id)
	if !done.Wake.IsZero() {
		p.wakes[id] = done.Wake
	}
	return nil
}

// at plans something for a moment.
func (p *past) at(moment time.Time, do func()) { p.plan = append(p.plan, planned{moment, do}) }

// live does what is planned and what the deals do by themselves, in order, up to
// a moment.
func (p *past) live(until time.Time) {
	p.t.Helper()
	for {
		next, do := until, func() {}
		for i := range p.plan {
			if at := p.plan[i].at; !at.After(next) && p.plan[i].do != nil {
				next, do = at, func() { run := p.plan[i].do; p.plan[i].do = nil; run() }
			}
		}
		for id, at := range p.wakes {
			if at.Before(next) {
				next, do = at, func() { p.must(p.Take(p.t.Context(), id)) }
			}
		}
		if next.After(p.now) {
			p.now = next
		}
		p.post()
		if next.Equal(until) {
			break
		}
		do()
	}
}

// post sends what is due.
func (p *past) post() {
	p.t.Helper()
	for _, c := range p.companies {
		row, _, err := p.store.ClaimLetter(p.t.Context(), c.ID, p.a.Holder, p.now)
		for row != nil && err == nil {
			row, _, err = p.store.SentAndClaim(p.t.Context(), row.ID, p.now, c.ID, p.a.Holder, p.now)
		}
		p.must(err)
	}
}

// open makes a deal of an enquiry that came by mail, and notes it in the ledger.
func (p *past) open(company *definitions.Company, e deal.Event) (id string) {
	p.t.Helper()
	id = store.NewID()
	e.Kind, e.Actor = deal.KindOpen, "client"
	if e.Source == "mail" {
		e.Mail = &deal.Mail{
			MessageID: "<" + id + "@client.test>", From: e.Contact.Email, To: company.From.Email, Subject: e.Subject, Text: e.Text, ReceivedAt: p.now,
			LedgerID: p.ledger(company, "lead", "lead", id, e.Contact.Name, e.Contact.Email, e.Subject, e.Text),
		}
	}
	p.must(p.changes.Open(p.t.Context(), company.ID, company.Processes[0].Process, store.Input{ID: "past/" + id, DealID: id, Event: e}))
	return id
}

// ledger notes what became of a message.
func (p *past) ledger(company *definitions.Company, outcome, rule, dealID, name, from, subject, text string) (id string) {
	p.t.Helper()
	key := store.MailboxKey{Company: company.ID, ID: company.Mailboxes[0].ID}
	raw := fmt.Sprintf("From: %s <%s>\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\n\r\n%s\r\n", name, from, company.From.Email, subject, p.now.Format(time.RFC1123Z), text)
	row := store.LedgerRow{
		UIDValidity: 1, UID: uint32(p.now.Unix()), MessageID: store.NewID() + "@client.test", ReceivedAt: p.now, From: from, Subject: subject,
		Outcome: outcome, Rule: rule, DealID: dealID, Size: int64(len(raw)), ProcessedAt: p.now,
	}
	p.must(p.store.Capture(p.t.Context(), key, func(tx *store.CaptureTx) error {
		_, err := tx.AddLedger(&row, []byte(raw))
		return err
	}))
	return row.ID
}

// do hands an event to a deal, which must take it.
func (p *past) do(id string, e deal.Event) {
	p.t.Helper()
	if e.Actor == "" {
		row, err := p.store.Deal(p.t.Context(), id)
		p.must(err)
		e.Actor = row.State.Owner
	}
	if err := p.changes.Do(p.t.Context(), store.Input{ID: "past/" + store.NewID(), DealID: id, Event: e}); err != nil {
		row, _ := p.store.Deal(p.t.Context(), id)
		p.t.Fatalf("%s %s of %s at %s in %s: %v", e.Kind, e.Task+e.To, row.State.Contact.Name, p.now, row.State.Stage, err)
	}
}

// end closes the store: from now on deal time goes on from where the past ends.
func (p *past) end() {
	p.t.Helper()
	wall := time.Now()
	if _, err := p.store.Clock(p.t.Context(), 1); err != nil {
		p.t.Fatal(err)
	}
	p.must(p.store.Close())
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.dir, "dealwright.db")+"?_pragma=busy_timeout(10000)")
	p.must(err)
	defer func() { p.must(db.Close()) }()
	epoch, err := json.Marshal(store.Epoch{Wall: wall, Deal: p.now, Speed: 1})
	p.must(err)
	_, err = db.ExecContext(p.t.Context(), `UPDATE meta SET value = ? WHERE key = 'clock'`, string(epoch))
	p.must(err)
	for _, c := range p.companies {
		for _, m := range c.Mailboxes {
			_, err = db.ExecContext(p.t.Context(), `UPDATE mailboxes SET read_through = ? WHERE company = ? AND id = ?`, p.now.UnixMicro(), c.ID, m.ID)
			p.must(err)
		}
	}
}
