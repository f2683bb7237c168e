package activities

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dealwright/dealwright/clock"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/store"
)

// world is one company over a real store and a real SMTP receiver, without
// Temporal: deals advance as soon as somebody knocks.
type world struct {
	t        *testing.T
	a        *Activities
	company  *definitions.Company
	receiver *smtptest.Server
	in       *intake
	out      *sender
	uid      uint32
	dir      string       // of the store
	holds    []imap.Entry // what the mailbox holds
}

// newWorld makes the company; more is appended to its company.yaml.
func newWorld(t *testing.T, more string) *world {
	t.Helper()
	ctx := t.Context()
	receiver, err := smtptest.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(receiver.Close)
	dir := t.TempDir()
	s, err := store.Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, company: acme(t, more), receiver: receiver, dir: dir}
	w.a = &Activities{Store: s, Catalogue: NewCatalogue(s), Clock: clock.Real(), Log: slog.New(slog.DiscardHandler), Holder: "test"}
	w.a.Deals = knocks{w.a}
	w.live(w.company)
	return w
}

// live makes a company the live one and begins with it anew.
func (w *world) live(company *definitions.Company) {
	w.t.Helper()
	ctx := w.t.Context()
	w.company = company
	if err := w.a.Catalogue.Set(ctx, []*definitions.Company{company}, w.a.Clock.Now().Add(-time.Hour)); err != nil {
		w.t.Fatal(err)
	}
	secret, err := w.a.secret.of(ctx, w.a.Store)
	if err != nil {
		w.t.Fatal(err)
	}
	w.in = &intake{
		a: w.a, company: company, box: &company.Mailboxes[0], secret: secret,
		key: store.MailboxKey{Company: company.ID, ID: company.Mailboxes[0].ID},
	}
	smtp := outbox.NewSender(outbox.Account{Host: "127.0.0.1", Port: w.receiver.Port(), TLS: outbox.NoTLS})
	w.t.Cleanup(smtp.Close)
	w.out = &sender{a: w.a, company: company, name: "outbox/" + company.ID, holder: "test", smtp: smtp}
}

// acme is a company with one process: an acknowledgement at once, and a
// reminder after it.
func acme(t *testing.T, more string) *definitions.Company {
	t.Helper()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	company, found := definitions.LoadFS(fstest.MapFS{
		"company.yaml": file(`company: acme
name: Acme
team:
  rep: {members: [ivan@acme.test]}
  manager: {members: [anna@acme.test]}
mailboxes:
  - {id: sales, imap: {host: mail.acme.test}, process: sales}
smtp: {host: mail.acme.test}
from: Acme <sales@acme.test>
` + more),
		"processes/sales.yaml": file(`process: sales
fields: {budget: {type: money, currency: RUB}, day: {type: date}}
defaults: {owner: rep, timeout: none}
stages:
  - id: talk
    tasks: [{id: call, name: Call, kind: call, due: 1h}]
    sequence:
      steps:
        - {after: 0m, send: hello}
    next: [{to: won, on: "signal:paid"}, {to: lost, on: "signal:gone", reason: gone}]
lost_reasons: {gone: Gone}
`),
		"letters/hello.md": file("---\nsubject: Hello\n---\nWe got your letter.\n"),
	}, "acme")
	if found.HasErrors() {
		t.Fatal(found)
	}
	return company
}

// knocks advances a deal in place of its workflow.
type knocks struct{ a *Activities }

func (k knocks) Start(ctx context.Context, deal string) error { return k.Nudge(ctx, deal) }
func (k knocks) Take(ctx context.Context, deal string) error  { return k.Nudge(ctx, deal) }
func (k knocks) Nudge(ctx context.Context, deal string) error {
	_, err := k.a.Advance(ctx, deal)
	return err
}

// mail brings a message into the mailbox and answers its ledger row.
func (w *world) mail(headers, text string) store.LedgerRow {
	w.t.Helper()
	w.uid++
	if !strings.Contains(headers, "Message-ID:") {
		headers += fmt.Sprintf("\nMessage-ID: <%d@client.test>", w.uid)
	}
	raw := []byte("To: sales@acme.test\n" + headers + "\n\n" + text)
	now := time.Now().Truncate(time.Second) // a mail server keeps no more
	id := header(strings.ReplaceAll(headers, "\n", "\r\n")+"\r\n\r\n", "Message-ID")
	w.holds = append(w.holds, imap.Entry{UID: w.uid, MessageID: id, InternalDate: now, Size: int64(len(raw))})
	err := w.in.batch(w.t.Context(), imap.Batch{
		UIDValidity: 1, LastUID: w.uid, ReadAt: now, Last: true,
		Messages: []imap.Raw{{UID: w.uid, InternalDate: now, Size: int64(len(raw)), Bytes: raw}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.advanceAll()
	page, err := w.a.Store.Messages(w.t.Context(), store.MessageFilter{Limit: 1})
	if err != nil || len(page.Items) != 1 {
		w.t.Fatalf("ledger %+v, %v", page, err)
	}
	return page.Items[0]
}

// advanceAll takes what is waiting, as the sweep and the deals' own timers do.
func (w *world) advanceAll() {
	w.t.Helper()
	for range 2 { // what waited for the mailbox to be read goes on in the second
		ids, err := w.a.Store.OpenDeals(w.t.Context(), "", 500)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, id := range ids {
			if _, err := w.a.Advance(w.t.Context(), id); err != nil {
				w.t.Fatal(err)
			}
		}
		if _, err := w.a.Store.SetReadThrough(w.t.Context(), w.in.key, w.a.Clock.Now()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// send empties the outbox and answers what went to an address since the last
// time, as whole messages.
func (w *world) send(to string) []string {
	w.t.Helper()
	before := len(w.receiver.Messages())
	for {
		queues, err := w.a.Store.Queues(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		due, err := w.due()
		if err != nil {
			w.t.Fatal(err)
		}
		if len(queues) == 0 || !due {
			break
		}
		if err := w.out.round(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
	var got []string
	for _, m := range w.receiver.Messages()[before:] {
		if m.To[0] == to {
			got = append(got, string(m.Raw))
		}
	}
	return got
}

// due tells whether the sender has something to do now.
func (w *world) due() (bool, error) {
	if w.out.claimed != nil {
		return true, nil
	}
	ctx := w.t.Context()
	if ok, err := w.out.lease(ctx); !ok || err != nil {
		return ok, err
	}
	row, _, err := w.a.Store.ClaimLetter(ctx, w.company.ID, w.out.holder, time.Now())
	w.out.claimed = row
	return row != nil, err
}

// header is the value of a field of a message.
func header(message, name string) string {
	head, _, _ := strings.Cut(message, "\r\n\r\n")
	head = strings.ReplaceAll(strings.ReplaceAll(head, "\r\n ", " "), "\r\n\t", " ")
	for line := range strings.SplitSeq(head, "\r\n") {
		if field, value, ok := strings.Cut(line, ": "); ok && field == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// timeline lists what happened to a deal, as type or type:detail.
func (w *world) timeline(dealID string) []store.EventRow {
	w.t.Helper()
	page, err := w.a.Store.Events(w.t.Context(), dealID, "", 500)
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Items
}

// count is how many lines of a type a deal's timeline has.
func (w *world) count(dealID, kind string) int {
	n := 0
	for _, e := range w.timeline(dealID) {
		if e.Type == kind {
			n++
		}
	}
	return n
}
