package activities

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/store"
)

// An answer finds its deal by what our letter's Message-ID carries, though the
// store has forgotten the letter and the sender writes from another subject.
func TestAnswerIsThreadedByToken(t *testing.T) {
	w := newWorld(t, "capture: {known_sender: new_deal}\nnotices: {tell: {owner: [bad_address]}}\n")
	lead := w.mail("From: Petr <petr@client.test>\nSubject: Kitchen", "I want a kitchen.")
	letters := w.send("petr@client.test")
	if len(letters) != 1 {
		t.Fatalf("%d letters, want 1", len(letters))
	}
	id := header(letters[0], "Message-ID")
	if !strings.Contains(id, "dw."+lead.DealID+".") {
		t.Fatalf("Message-ID %s does not name deal %s", id, lead.DealID)
	}
	forgotten := strings.Replace(id, "<", "<another-", 1) // the token stays
	answer := w.mail("From: petr@client.test\nSubject: other\nIn-Reply-To: "+forgotten, "Yes.")
	if answer.Outcome != "reply" || answer.DealID != lead.DealID {
		t.Errorf("%s of deal %q by %s, want a reply of %s", answer.Outcome, answer.DealID, answer.Rule, lead.DealID)
	}
	stranger := w.mail("From: eve@elsewhere.test\nSubject: other\nIn-Reply-To: "+id, "Yes.")
	if stranger.Outcome != "lead" || stranger.DealID == lead.DealID {
		t.Errorf("a stranger's %s of deal %q, want a lead of their own", stranger.Outcome, stranger.DealID)
	}
}

func TestSixthLetterOfAnHourWaits(t *testing.T) {
	w := newWorld(t, "capture: {known_sender: new_deal}\nnotices: {tell: {owner: [bad_address]}}\n")
	for i := range 5 {
		w.mail(fmt.Sprintf("From: petr@client.test\nSubject: Kitchen %d", i), fmt.Sprintf("Kitchen %d", i))
	}
	// Decided before the five went out, so that only the sender can hold it.
	w.mail("From: petr@client.test\nSubject: Door", "A door")
	if got := w.send("petr@client.test"); len(got) != 5 {
		t.Fatalf("%d letters went out, want 5", len(got))
	}
	queues, err := w.a.Store.Queues(t.Context())
	if err != nil || len(queues) != 1 || queues[0].Queued != 1 {
		t.Fatalf("queues %+v, %v: the sixth letter must wait", queues, err)
	}
	_, wait, err := w.a.Store.ClaimLetter(t.Context(), "acme", "test", time.Now())
	if err != nil || time.Until(wait) < 58*time.Minute || time.Until(wait) > time.Hour {
		t.Errorf("it waits until %v, %v, want an hour after the first", wait, err)
	}

	// From now on a new lead of theirs is not answered at all.
	seventh := w.mail("From: petr@client.test\nSubject: Window", "A window")
	if seventh.Outcome != "lead" || !strings.Contains(seventh.Why, "not answered") {
		t.Errorf("the seventh: %s, %s", seventh.Outcome, seventh.Why)
	}
	rows, err := w.a.Store.DealOutbox(t.Context(), seventh.DealID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Kind == store.KindLetter {
			t.Errorf("letter %+v was decided for an address that has had enough", r)
		}
	}
}

// A machine that answers every letter as if it were a person gets no second one.
func TestTwoAutoRespondersStop(t *testing.T) {
	for _, c := range []struct{ name, headers string }{
		{"a well-behaved one", "Auto-Submitted: auto-replied\nSubject: Out of office"},
		{"one that says nothing and keeps the thread", "Subject: Thank you for your letter"},
		{"another Dealwright", "X-Dealwright: 1\nSubject: We got your letter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "")
			w.mail("From: robot@client.test\nSubject: Hello", "Hello")
			exchanges := 0
			for letters := w.send("robot@client.test"); len(letters) > 0 && exchanges < 10; letters = w.send("robot@client.test") {
				exchanges++
				w.mail("From: robot@client.test\nIn-Reply-To: "+header(letters[0], "Message-ID")+"\n"+c.headers, fmt.Sprintf("Automatic %d", exchanges))
			}
			if exchanges != 1 {
				t.Errorf("%d exchanges, want 1", exchanges)
			}
		})
	}
}

// A machine that forgets the thread and changes its subject makes new leads;
// it is silenced after the hour's five.
func TestForgetfulAutoResponderIsSilenced(t *testing.T) {
	w := newWorld(t, "capture: {known_sender: new_deal}\nnotices: {tell: {owner: [bad_address]}}\n")
	got := 0
	for i := range 12 {
		w.mail(fmt.Sprintf("From: robot@client.test\nSubject: Ticket %d", i), fmt.Sprintf("Ticket %d was opened", i))
		got += len(w.send("robot@client.test"))
	}
	queues, err := w.a.Store.Queues(t.Context())
	if err != nil || got != 5 || len(queues) != 0 {
		t.Errorf("%d letters and queues %+v, %v; want 5 and nothing more", got, queues, err)
	}
}

func TestHardBouncePutsTheAddressOnTheList(t *testing.T) {
	w := newWorld(t, "capture: {known_sender: new_deal}\nnotices: {tell: {owner: [bad_address]}}\n")
	w.receiver.Script(smtptest.Rule{At: smtptest.AtRcpt, To: "gone@client.test", Code: 550, Enhanced: "5.1.1", Text: "no such user"})
	first := w.mail("From: gone@client.test\nSubject: Kitchen", "A kitchen")
	w.send("gone@client.test")
	w.advanceAll()
	listed, err := w.a.Store.Suppressed(t.Context(), "acme", "gone@client.test")
	if err != nil || listed == nil || listed.Reason != store.Undelivered || listed.DealID != first.DealID {
		t.Fatalf("suppression %+v, %v", listed, err)
	}
	w.receiver.Script()
	second := w.mail("From: gone@client.test\nSubject: Door", "A door")
	if got := w.send("gone@client.test"); len(got) != 0 {
		t.Errorf("%d letters to an address that does not exist", len(got))
	}
	w.advanceAll()
	if w.count(second.DealID, "mail_failed") != 1 {
		t.Errorf("the second deal's timeline does not say why there was no letter: %+v", w.timeline(second.DealID))
	}
}

func TestReportsOfBounces(t *testing.T) {
	report := func(recipient, action, status, id string) (headers, text string) {
		return "From: MAILER-DAEMON@mx.test\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
			"--b\n\nIt did not work.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n" +
				"Final-Recipient: rfc822; " + recipient + "\nAction: " + action + "\nStatus: " + status +
				"\n--b\nContent-Type: message/rfc822\n\nMessage-ID: " + id + "\nSubject: Hello\n\nHi\n--b--\n"
	}
	for _, c := range []struct {
		name, recipient, action, status string
		reason                          string
		soft                            int
	}{
		{"for good", "petr@client.test", "failed", "5.1.1", store.Undelivered, 0},
		{"for a time", "petr@client.test", "failed", "4.2.2", "", 1},
		{"only late", "petr@client.test", "delayed", "4.4.1", "", 0},
		{"of somebody who has no part in the deal", "victim@elsewhere.test", "failed", "5.1.1", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "")
			w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen")
			letters := w.send("petr@client.test")
			if len(letters) != 1 {
				t.Fatalf("%d letters", len(letters))
			}
			headers, text := report(c.recipient, c.action, c.status, header(letters[0], "Message-ID"))
			row := w.mail(headers, text)
			if row.Outcome != "bounce" {
				t.Fatalf("outcome %s by %s", row.Outcome, row.Rule)
			}
			page, err := w.a.Store.Suppressions(t.Context(), "acme", "", 10)
			if err != nil {
				t.Fatal(err)
			}
			list := page.Items
			switch {
			case c.reason == "" && c.soft == 0:
				if len(list) != 0 {
					t.Errorf("list %+v, want nothing", list)
				}
			case len(list) != 1 || list[0].Reason != c.reason || list[0].SoftBounces != c.soft:
				t.Errorf("list %+v, want reason %q and %d soft bounces", list, c.reason, c.soft)
			}
		})
	}
}

func TestUnsubscribeByMail(t *testing.T) {
	w := newWorld(t, "")
	lead := w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen")
	letters := w.send("petr@client.test")
	if len(letters) != 1 {
		t.Fatalf("%d letters", len(letters))
	}
	address, err := url.Parse(strings.Trim(header(letters[0], "List-Unsubscribe"), "<>"))
	if err != nil || address.Scheme != "mailto" || address.Opaque != "sales@acme.test" {
		t.Fatalf("List-Unsubscribe %v, %v", address, err)
	}
	if header(letters[0], "List-Unsubscribe-Post") != "" {
		t.Error("one click is promised, and there is no page to click on")
	}
	row := w.mail("From: petr@client.test\nSubject: "+address.Query().Get("subject"), "")
	if row.DealID != lead.DealID || row.Rule != "unsubscribe" {
		t.Errorf("row %+v", row)
	}
	w.optedOut(lead.DealID)
}

func TestUnsubscribeInWords(t *testing.T) {
	w := newWorld(t, "")
	lead := w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen")
	letters := w.send("petr@client.test")
	w.mail("From: petr@client.test\nSubject: Re: Hello\nIn-Reply-To: "+header(letters[0], "Message-ID"), "Отпишите меня!")
	w.optedOut(lead.DealID)
	if n := w.count(lead.DealID, "mail_received"); n != 2 {
		t.Errorf("the timeline has %d messages of the client, want 2", n)
	}
}

// optedOut checks that petr@client.test gets nothing more.
func (w *world) optedOut(dealID string) {
	w.t.Helper()
	listed, err := w.a.Store.Suppressed(w.t.Context(), "acme", "petr@client.test")
	if err != nil || listed == nil || listed.Reason != store.Unsubscribed {
		w.t.Fatalf("suppression %+v, %v", listed, err)
	}
	row, err := w.a.Store.Deal(w.t.Context(), dealID)
	if err != nil || !row.State.Unsubscribed {
		w.t.Errorf("the deal does not know: %+v, %v", row, err)
	}
	notes := 0
	for _, e := range w.timeline(dealID) {
		if e.Type == "note" {
			notes++
		}
	}
	if notes != 1 {
		w.t.Errorf("the timeline says it %d times, want once: %+v", notes, w.timeline(dealID))
	}
}

func TestOneClickAddress(t *testing.T) {
	w := newWorld(t, "public_url: https://crm.acme.test/\n")
	w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen")
	letters := w.send("petr@client.test")
	if len(letters) != 1 || !strings.HasPrefix(header(letters[0], "List-Unsubscribe"), "<https://crm.acme.test/u/") ||
		header(letters[0], "List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("letters %q", letters)
	}
}
