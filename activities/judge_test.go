package activities

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/ledger"
	"github.com/dealwright/dealwright/store"
)

const anna = "anna@acme.test"

// judge gives a message an outcome and answers its row.
func (w *world) judge(row store.LedgerRow, outcome, dealID string) store.LedgerRow {
	w.t.Helper()
	j := ledger.Judgement{Actor: anna, Outcome: outcome, DealID: dealID}
	if err := (Desk{w.a}).Judge(w.t.Context(), row.ID, j); err != nil {
		w.t.Fatalf("as %q: %v", outcome, err)
	}
	return w.row(row.ID)
}

func (w *world) row(id string) store.LedgerRow {
	w.t.Helper()
	row, err := w.a.Store.Message(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return *row
}

// refused is the code by which a judgement is refused.
func (w *world) refused(row store.LedgerRow, outcome, dealID string) string {
	w.t.Helper()
	err := (Desk{w.a}).Judge(w.t.Context(), row.ID, ledger.Judgement{Actor: anna, Outcome: outcome, DealID: dealID})
	r, ok := errors.AsType[*ledger.Refusal](err)
	if !ok {
		w.t.Fatalf("as %q: %v, want a refusal", outcome, err)
	}
	return r.Code
}

// last is the latest line of a deal's timeline of a type.
func (w *world) last(dealID, kind string) store.EventRow {
	w.t.Helper()
	var found store.EventRow
	for _, e := range w.timeline(dealID) {
		if e.Type == kind {
			found = e
		}
	}
	return found
}

func (w *world) accounted() {
	w.t.Helper()
	if account, kinds := w.gaps(server{1, map[string][]imap.Entry{"INBOX": w.holds}}); len(kinds) != 0 {
		w.t.Errorf("gaps %+v", account.Gaps)
	}
}

func TestMessageIsAttachedByHand(t *testing.T) {
	w := newWorld(t, ignoreKitchens)
	deal := w.mail("From: petr@client.test\nSubject: A door", "A door, please").DealID
	row := w.mail("From: Olga <olga@elsewhere.test>\nSubject: Kitchen for Petr", "He asked me to write.")
	if row.Outcome != "ignored" {
		t.Fatalf("outcome %s", row.Outcome)
	}
	after := w.judge(row, "", deal)
	if after.Outcome != "reply" || after.DealID != deal || after.Rule != "hand.reply" || ledger.By(after.Why) != anna || !strings.Contains(after.Why, "before that ignored by capture:1") {
		t.Errorf("%+v", after)
	}
	if e := w.last(deal, "mail_received"); e.Actor != anna || e.Data["from"] != "olga@elsewhere.test" {
		t.Errorf("timeline %+v", e)
	}
	lines := len(w.timeline(deal))
	if again := w.judge(row, "", deal); again != after || len(w.timeline(deal)) != lines {
		t.Errorf("attached again: %+v", again)
	}
	// Who wrote now belongs to the thread.
	if next := w.mail("From: olga@elsewhere.test\nSubject: Re: Kitchen for Petr\nIn-Reply-To: "+row.MessageID, "One thing more"); next.DealID != deal {
		t.Errorf("the next message: %+v", next)
	}
	w.accounted()
}

func TestMessageGoesFromDealToDeal(t *testing.T) {
	w := newWorld(t, "")
	one := w.mail("From: petr@client.test\nSubject: A door", "A door, please").DealID
	two := w.mail("From: anton@other.test\nSubject: A window", "A window, please").DealID
	row := w.mail("From: petr@client.test\nSubject: Re: A door", "It is about the window of Anton")
	if row.DealID != one {
		t.Fatalf("%+v", row)
	}
	if after := w.judge(row, "reply", two); after.DealID != two || after.Outcome != "reply" {
		t.Errorf("%+v", after)
	}
	if e := w.last(one, "note"); e.Actor != anna || !strings.Contains(e.Data["text"].(string), "is not of this deal") {
		t.Errorf("the deal it left: %+v", e)
	}
	after := w.judge(row, "ignored", "")
	if after.Outcome != "ignored" || after.DealID != "" {
		t.Errorf("%+v", after)
	}
	if e := w.last(two, "note"); e.Actor != anna {
		t.Errorf("the deal it left: %+v", e)
	}
	lead := w.judge(row, "lead", "")
	if lead.Outcome != "lead" || lead.DealID == "" || lead.DealID == one || lead.DealID == two {
		t.Errorf("%+v", lead)
	}
	if e := w.last(lead.DealID, "opened"); e.Actor != anna {
		t.Errorf("opened by %q", e.Actor)
	}
	if again := w.judge(row, "lead", ""); again != lead {
		t.Errorf("a lead once more: %+v", again)
	}
	for _, c := range []struct{ outcome, deal, want string }{
		{"ignored", "", "lead"}, {"reply", one, "lead"}, {"", one, "lead"}, {"", "", "no_deal"}, {"", "none", "other_deal"},
	} {
		if code := w.refused(row, c.outcome, c.deal); code != c.want {
			t.Errorf("as %q to %q: %s, want %s", c.outcome, c.deal, code, c.want)
		}
	}
	w.accounted()
}

func TestQuarantinedMessageBecomesADeal(t *testing.T) {
	w := newWorld(t, "")
	raw := []byte("Hello, I would like a kitchen of four metres.\nWrite to me: petr@client.test\n")
	now := time.Now().Truncate(time.Second)
	w.uid++
	w.holds = append(w.holds, imap.Entry{UID: w.uid, InternalDate: now, Size: int64(len(raw))})
	err := w.in.batch(t.Context(), imap.Batch{
		UIDValidity: 1, LastUID: w.uid, ReadAt: now, Last: true,
		Messages: []imap.Raw{{UID: w.uid, InternalDate: now, Size: int64(len(raw)), Bytes: raw}},
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := w.a.Store.Messages(t.Context(), store.MessageFilter{Outcome: "quarantined"})
	if err != nil || page.Total != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	after := w.judge(page.Items[0], "lead", "")
	if after.Outcome != "lead" || after.DealID == "" || after.From != "petr@client.test" {
		t.Fatalf("%+v", after)
	}
	d, err := w.a.Store.Deal(t.Context(), after.DealID)
	if err != nil || d.State.Contact.Email != "petr@client.test" || !strings.Contains(d.State.Text, "four metres") || !d.State.Muted {
		t.Errorf("%+v, %v", d.State, err)
	}
	files, err := w.a.Store.Attachments(t.Context(), after.DealID)
	if err != nil || len(files) != 1 || files[0].Name != "message.eml" || files[0].Size != int64(len(raw)) {
		t.Errorf("files %+v, %v", files, err)
	}
	w.accounted()
}

// What a person attaches is still what it is: a report of a lost letter is no
// reply of the client.
func TestAttachedBounceStaysOne(t *testing.T) {
	w := newWorld(t, "")
	deal := w.mail("From: petr@client.test\nSubject: A door", "A door, please").DealID
	row := w.mail("From: MAILER-DAEMON@elsewhere.test\nReturn-Path: <>\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
		"--b\nContent-Type: text/plain\n\nNo such user\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; elsewhere.test\n\nFinal-Recipient: rfc822; old@elsewhere.test\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n--b--\n")
	if row.Outcome != "bounce" || row.DealID != "" {
		t.Fatalf("%+v", row)
	}
	if after := w.judge(row, "", deal); after.Outcome != "bounce" || after.DealID != deal || after.Rule != "hand.attach" {
		t.Errorf("%+v", after)
	}
	if w.count(deal, "mail_failed") != 1 {
		t.Error("the deal was not told of the lost letter")
	}
}

func TestRereadNamesItsActor(t *testing.T) {
	w := newWorld(t, ignoreKitchens)
	row := w.mail("From: Petr <petr@client.test>\nSubject: Kitchen", "A kitchen")
	w.live(acme(t, ""))
	desk := Desk{w.a}
	said, err := desk.Reread(t.Context(), row.ID, anna, false)
	if err != nil || !said.Opens || said.Applied || said.Now.Outcome != "lead" || said.Was.Outcome != "ignored" {
		t.Fatalf("%+v, %v", said, err)
	}
	if _, err := desk.Reread(t.Context(), row.ID, anna, true); err != nil {
		t.Fatal(err)
	}
	after := w.row(row.ID)
	if after.Outcome != "lead" || ledger.By(after.Why) != anna {
		t.Errorf("%+v", after)
	}
	if e := w.last(after.DealID, "opened"); e.Actor != anna {
		t.Errorf("opened by %q", e.Actor)
	}
}

func TestLetterIsReadAsItIs(t *testing.T) {
	l := Desk{}.Read([]byte("From: \"Petr\" <petr@client.test>\nTo: a@acme.test\nCc: b@acme.test\nSubject: Hi\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>Hello <b>you</b></p>\n--b\nContent-Type: text/plain; name=\"plan.txt\"\nContent-Disposition: attachment; filename=\"plan.txt\"\n\nA plan\n--b--\n"))
	if !l.Readable || l.From.String() != "Petr <petr@client.test>" || len(l.To) != 1 || len(l.Cc) != 1 || !strings.Contains(l.HTML, "<b>you</b>") || !strings.Contains(l.Text, "Hello you") {
		t.Errorf("%+v", l)
	}
	if len(l.Files) != 1 || l.Files[0].Name != "plan.txt" || string(l.Files[0].Data()) != "A plan" {
		t.Errorf("files %+v", l.Files)
	}
	if l := (Desk{}).Read([]byte{0, 1, 2, 255}); l.Readable || l.Text != "" {
		t.Errorf("garbage reads %+v", l)
	}
}
