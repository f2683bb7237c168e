package activities

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/ledger"
	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/store"
)

func TestFailedLetterIsSentAgain(t *testing.T) {
	w := newWorld(t, "")
	dealID := w.mail("From: petr@clinet.test\nSubject: A door", "A door, please").DealID
	w.receiver.Script(smtptest.Rule{At: smtptest.AtRcpt, To: "@clinet.test", Code: 550, Enhanced: "5.1.1", Text: "no such user"})
	w.send("petr@clinet.test")
	w.advanceAll()
	letter := w.letter(dealID)
	if letter.Status != store.Failed {
		t.Fatalf("%+v", letter)
	}
	desk := Desk{w.a}
	code := func(err error) string {
		if r, ok := errors.AsType[*ledger.Refusal](err); ok {
			return r.Code
		}
		t.Fatalf("%v, want a refusal", err)
		return ""
	}
	if got := code(desk.Resend(t.Context(), dealID, letter.ID, anna)); got != "suppressed" {
		t.Errorf("to an address that does not exist: %s", got)
	}
	e := deal.Event{Kind: deal.KindSet, Actor: anna}
	contact := w.deal(dealID).Contact
	contact.Email = "petr@client.test"
	e.Contact = &contact
	changes := Changes{Store: w.a.Store, Deals: w.a.Deals}
	if err := changes.Do(t.Context(), store.Input{DealID: dealID, Kind: e.Kind, Event: e}); err != nil {
		t.Fatal(err)
	}
	if err := desk.Resend(t.Context(), dealID, letter.ID, anna); err != nil {
		t.Fatal(err)
	}
	got := w.send("petr@client.test")
	if len(got) != 1 || header(got[0], "Message-ID") != letter.MessageID {
		t.Fatalf("%d letters %q", len(got), got)
	}
	if n := w.last(dealID, "note"); n.Actor != anna || !strings.Contains(n.Data["text"].(string), "petr@client.test") {
		t.Errorf("timeline %+v", n)
	}
	if w.count(dealID, "mail_sent") != 1 {
		t.Errorf("%d lines of a letter sent", w.count(dealID, "mail_sent"))
	}
	if got := code(desk.Resend(t.Context(), dealID, letter.ID, anna)); got != "sent" {
		t.Errorf("a letter that went out: %s", got)
	}
	if err := desk.Resend(t.Context(), "another", letter.ID, anna); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of another deal: %v", err)
	}
}

// A second failure is told as the first was.
func TestLetterFailsAgain(t *testing.T) {
	w := newWorld(t, "")
	dealID := w.mail("From: petr@client.test\nSubject: A door", "A door, please").DealID
	for i := range 2 {
		row, _, err := w.a.Store.ClaimLetter(t.Context(), "acme", "test", time.Now())
		if err != nil || row == nil {
			t.Fatalf("%v, %v", row, err)
		}
		w.out.claimed = row
		w.out.failed(row, "it is too large", false)
		if err := w.out.settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.count(dealID, "mail_failed"); n != i+1 {
			t.Fatalf("%d lines of a letter that failed, want %d", n, i+1)
		}
		if err := (Desk{w.a}).Resend(t.Context(), dealID, row.ID, anna); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHeldOutboxIsTriedNow(t *testing.T) {
	w := newWorld(t, "")
	w.send(anna) // the sender has its lease: a new one tries at once by itself
	hold := store.Hold{Account: "acme", Until: time.Now().Add(time.Hour), Reason: "login refused"}
	if err := w.a.Store.HoldAccount(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	w.out.trouble.waiting = true
	w.mail("From: anton@client.test\nSubject: A window", "A window, please")
	if got := w.send("anton@client.test"); len(got) != 0 {
		t.Fatalf("%d letters from an outbox that is held", len(got))
	}
	if err := (Desk{w.a}).TryNow(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	if got := w.send("anton@client.test"); len(got) != 1 {
		t.Errorf("%d letters, want the one that waited", len(got))
	}
	if holds, err := w.a.Store.HeldAccounts(t.Context()); err != nil || len(holds) != 0 {
		t.Errorf("still held: %+v, %v", holds, err)
	}
}

func (w *world) letter(dealID string) store.OutboxRow {
	w.t.Helper()
	rows, err := w.a.Store.DealOutbox(w.t.Context(), dealID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Kind == store.KindLetter {
			return r
		}
	}
	w.t.Fatal("the deal has no letter")
	return store.OutboxRow{}
}

func (w *world) deal(id string) *deal.State {
	w.t.Helper()
	row, err := w.a.Store.Deal(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return row.State
}
