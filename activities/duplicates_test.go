package activities

import (
	"slices"
	"testing"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// What a client sends twice is one deal with one letter, and the second copy is on record: in the ledger where it is the very
// same message, in the deal's timeline where the client sent it again.
func TestWhatComesTwiceIsOneDeal(t *testing.T) {
	const (
		letter = "From: Petr <petr@client.test>\nSubject: Kitchen"
		form   = "From: Site <form@site.test>\nSubject: A request from the site"
	)
	for _, c := range []struct {
		name          string
		first, again  string // headers
		text, repeats string
		info          bool // the second comes to another mailbox
		rule          string
		received      int // lines of the timeline
	}{
		{
			name: "the same message", first: letter + "\nMessage-ID: <a@client.test>", text: "A kitchen",
			again: "Received: from elsewhere\n" + letter + "\nMessage-ID: <a@client.test>", rule: "duplicate.message_id", received: 1,
		},
		{
			name: "the same message without a Message-ID", first: letter + "\nMessage-ID:", text: "A kitchen",
			again: letter + "\nMessage-ID:", rule: "duplicate.bytes", received: 1,
		},
		{
			name: "sent again by the mail client", first: letter, text: "A kitchen",
			again: letter + "\nResent-From: petr@client.test", rule: "duplicate.enquiry", received: 2,
		},
		{
			name: "one letter to two mailboxes", first: letter + "\nMessage-ID: <a@client.test>\nCc: info@acme.test", text: "A kitchen",
			again: letter + "\nMessage-ID: <a@client.test>\nCc: info@acme.test", info: true, rule: "duplicate.message_id", received: 1,
		},
		{
			name: "two letters to two mailboxes", first: letter, text: "A kitchen", again: letter, info: true, rule: "duplicate.enquiry", received: 2,
		},
		{
			name: "a form with two clicks", first: form, text: "Name: Petr\nEmail: petr@client.test\nMessage: A kitchen\nDate: 20.11.2026 09:00\n",
			again: form, repeats: "Name: Petr\nEmail: petr@client.test\nMessage: A kitchen\nDate: 20.11.2026 09:01\n", rule: "duplicate.enquiry", received: 2,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "capture: {known_sender: new_deal}\n")
			two := *w.company
			two.Mailboxes = append(slices.Clone(two.Mailboxes), definitions.Mailbox{ID: "info", Process: "sales"})
			w.live(&two)
			lead := w.mail(c.first, c.text)
			if c.info {
				w.in.box, w.in.key.ID = &w.company.Mailboxes[1], "info"
			}
			if c.repeats == "" {
				c.repeats = c.text
			}
			again := w.mail(c.again, c.repeats)
			if lead.Outcome != "lead" || again.Outcome != "duplicate" || again.Rule != c.rule || again.DealID != lead.DealID {
				t.Errorf("%s, then %s by %s of deal %q; want a duplicate by %s of %s", lead.Outcome, again.Outcome, again.Rule, again.DealID, c.rule, lead.DealID)
			}
			if got := w.count(lead.DealID, "mail_received"); got != c.received {
				t.Errorf("the timeline has %d messages, want %d", got, c.received)
			}
			if got := len(w.send("petr@client.test")); got != 1 {
				t.Errorf("%d letters, want one", got)
			}
			page, err := w.a.Store.Messages(t.Context(), store.MessageFilter{Limit: 10})
			if err != nil || page.Total != 2 {
				t.Errorf("the ledger holds %d messages, %v; want both", page.Total, err)
			}
		})
	}
}

// A colleague's answer from their own mail client, with our address in Cc, is the deal's: the timeline has it as sent, and
// what the client writes to it finds the deal.
func TestAnswerFromAColleaguesMailClient(t *testing.T) {
	w := newWorld(t, "capture: {known_sender: new_deal}\n")
	lead := w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen")
	w.send("petr@client.test")
	// Without headers of the thread, as from a telephone: the client and the subject tell.
	sent := w.mail("From: Ivan <ivan@acme.test>\nX-Original-To: sales@acme.test\nCc: sales@acme.test\nSubject: Re: Kitchen\nMessage-ID: <own@phone.test>\nTo: petr@client.test", "We can come on Tuesday.")
	if sent.Outcome != "reply" || sent.Rule != "reply.outbound" || sent.DealID != lead.DealID {
		t.Fatalf("%s by %s of deal %q, want an outbound reply of %s", sent.Outcome, sent.Rule, sent.DealID, lead.DealID)
	}
	ours := 0
	for _, e := range w.timeline(lead.DealID) {
		if e.Type == "mail_sent" && e.Data["by"] == "mail_client" {
			ours++
			if e.Actor != "ivan@acme.test" || e.Data["text"] != "We can come on Tuesday." {
				t.Errorf("it says %s: %v", e.Actor, e.Data["text"])
			}
		}
	}
	if ours != 1 {
		t.Errorf("%d letters of a colleague in the timeline, want 1", ours)
	}
	answer := w.mail("From: petr@client.test\nSubject: Re: other\nIn-Reply-To: <own@phone.test>", "Tuesday is good.")
	if answer.Outcome != "reply" || answer.DealID != lead.DealID {
		t.Errorf("the answer to it: %s by %s of deal %q, want a reply of %s", answer.Outcome, answer.Rule, answer.DealID, lead.DealID)
	}
}

// Nothing is answered that a machine sent, that is our own, or that wants no answer.
func TestNeverAnswered(t *testing.T) {
	for name, headers := range map[string]string{
		"an automatic answer":     "From: petr@client.test\nSubject: Re: x\nAuto-Submitted: auto-replied",
		"a machine":               "From: cron@client.test\nSubject: x\nAuto-Submitted: auto-generated",
		"bulk mail":               "From: petr@client.test\nSubject: x\nPrecedence: bulk",
		"a newsletter":            "From: petr@client.test\nSubject: x\nList-Unsubscribe: <https://client.test/u>",
		"a list":                  "From: petr@client.test\nSubject: x\nList-Id: <l.client.test>",
		"spam":                    "From: petr@client.test\nSubject: x\nX-Spam-Flag: YES",
		"ourselves":               "From: sales@acme.test\nSubject: x",
		"a null sender":           "Return-Path: <>\nFrom: petr@client.test\nSubject: x",
		"a robot":                 "From: noreply@client.test\nSubject: x",
		"a letter of Dealwright":  "From: petr@client.test\nSubject: x\nX-Dealwright: 1",
		"a message without From":  "Subject: x",
		"a site, without visitor": "From: form@site.test\nSubject: x",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "")
			w.mail(headers, "Hello")
			w.later()
			for {
				due, err := w.due()
				if err != nil {
					t.Fatal(err)
				}
				if !due {
					break
				}
				if err := w.out.round(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			for _, m := range w.receiver.Messages() {
				if m.To[0] != "ivan@acme.test" && m.To[0] != "anna@acme.test" {
					t.Errorf("a letter to %s", m.To)
				}
			}
		})
	}
}
