package activities

import (
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/store"
)

func TestExplain(t *testing.T) {
	company := acme(t, `country: RU
capture:
  rules:
    - {when: 'mail.subject.contains("CV")', as: ignore}
    - {when: 'mail.from == "form@site.test"', as: lead, fields: {budget: 'Budget: (.+)', day: 'Day: (.+)'}, contact: {name: 'Name: (.+)', phone: 'Phone: (.+)', email: 'Box: (\S+)'}}
`)
	for _, c := range []struct {
		name, raw string
		check     func(t *testing.T, r *Reading)
	}{
		{"a rule that ignores", "From: a@b.test\nSubject: My CV\n\nHello", func(t *testing.T, r *Reading) {
			if r.Outcome != "ignored" || r.Rule != "capture:1" || r.When != `mail.subject.contains("CV")` {
				t.Errorf("%+v", r)
			}
		}},
		{"a form", "From: form@site.test\nSubject: Form\n\nName: Ann\nPhone: 8 916 555-01-99\nBox: ann@client.test\nBudget: 150 000,50 руб.\nDay: someday\n", func(t *testing.T, r *Reading) {
			if r.Outcome != "lead" || r.Process != "sales" || r.Contact.Phone != "+79165550199" || r.Contact.Email != "ann@client.test" || !r.Answer {
				t.Errorf("%+v", r)
			}
			if len(r.Fields) != 2 || r.Fields[0].Value != 150000.5 || r.Fields[1].Value != nil || r.Fields[1].Fault == "" {
				t.Errorf("fields %+v", r.Fields)
			}
		}},
		{"garbage", "", func(t *testing.T, r *Reading) {
			if r.Outcome != "quarantined" {
				t.Errorf("%+v", r)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Explain(t.Context(), company, &company.Mailboxes[0], []byte(c.raw), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			c.check(t, r)
		})
	}
}

const ignoreKitchens = "capture: {rules: [{when: 'mail.subject.contains(\"Kitchen\")', as: ignore}]}\n"

func TestReplayMakesTheDealThatARuleHadLost(t *testing.T) {
	w := newWorld(t, ignoreKitchens)
	row := w.mail("From: Petr <petr@client.test>\nSubject: Kitchen", "A kitchen")
	if row.Outcome != "ignored" {
		t.Fatalf("outcome %s", row.Outcome)
	}
	w.live(acme(t, "")) // the rule is gone

	said, err := w.a.ReplayMessage(t.Context(), w.a.Catalogue.Companies(), row.ID, "", false)
	if err != nil || said.Now.Outcome != "lead" || said.Applied || len(said.Changes) == 0 {
		t.Fatalf("%+v, %v", said, err)
	}
	if again, _ := w.a.Store.Message(t.Context(), row.ID); again.Outcome != "ignored" {
		t.Fatal("to say what would change has changed it")
	}
	done, err := w.a.ReplayMessage(t.Context(), w.a.Catalogue.Companies(), row.ID, "", true)
	if err != nil || !done.Applied {
		t.Fatalf("%+v, %v", done, err)
	}
	w.advanceAll()
	after, err := w.a.Store.Message(t.Context(), row.ID)
	if err != nil || after.Outcome != "lead" || after.DealID == "" || !strings.Contains(after.Why, "read again") {
		t.Fatalf("row %+v, %v", after, err)
	}
	if got := w.send("petr@client.test"); len(got) != 1 {
		t.Errorf("%d letters, want the acknowledgement", len(got))
	}
	s := server{1, map[string][]imap.Entry{"INBOX": w.holds}}
	if account, kinds := w.gaps(s); len(kinds) != 0 {
		t.Errorf("gaps %+v", account.Gaps)
	}
	if once, err := w.a.ReplayMessage(t.Context(), w.a.Catalogue.Companies(), row.ID, "", true); err != nil || once.Applied || len(once.Changes) != 0 {
		t.Errorf("once more: %+v, %v; want nothing", once, err)
	}
}

func TestReplayLeavesADealAlone(t *testing.T) {
	w := newWorld(t, "")
	row := w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen")
	w.mail("From: petr@client.test\nSubject: Re: Kitchen", "And a door") // what came later does not change what it was
	if said, err := w.a.ReplayMessage(t.Context(), w.a.Catalogue.Companies(), row.ID, "", true); err != nil || said.Applied || len(said.Changes) != 0 {
		t.Errorf("%+v, %v; want no change", said, err)
	}
	w.live(acme(t, ignoreKitchens))
	said, err := w.a.ReplayMessage(t.Context(), w.a.Catalogue.Companies(), row.ID, "", true)
	if err != nil || said.Applied || !strings.Contains(strings.Join(said.Changes, "\n"), "stays") {
		t.Errorf("%+v, %v; want the deal to stay", said, err)
	}
	if after, err := w.a.Store.Message(t.Context(), row.ID); err != nil || after.Outcome != "lead" {
		t.Errorf("row %+v, %v", after, err)
	}
}

func TestReplayFillsWhatTheCardLacks(t *testing.T) {
	w := newWorld(t, "capture: {rules: [{when: 'mail.from == \"petr@client.test\"', as: lead}]}\n")
	row := w.mail("From: petr@client.test\nSubject: Kitchen", "I have 100 000 for it.")
	w.live(acme(t, "capture: {rules: [{when: 'mail.from == \"petr@client.test\"', as: lead, fields: {budget: 'have ([\\d ]+) for'}}]}\n"))
	if done, err := w.a.ReplayMessage(t.Context(), w.a.Catalogue.Companies(), row.ID, "", true); err != nil || !done.Applied {
		t.Fatalf("%+v, %v", done, err)
	}
	w.advanceAll()
	d, err := w.a.Store.Deal(t.Context(), row.DealID)
	if err != nil || d.State.Fields["budget"] != 100000.0 {
		t.Errorf("fields %v, %v", d.State.Fields, err)
	}
	var nothing store.LedgerRow
	if _, err := w.a.ReplayMessage(t.Context(), w.a.Catalogue.Companies(), nothing.ID, "", true); err == nil {
		t.Error("a message that is not there was read again")
	}
}
