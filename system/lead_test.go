//go:build system

package system_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

// A lead mailed through real Postfix into real Dovecot becomes a deal, and its
// acknowledgement stands in the client's own thread. How long it took is printed;
// on a machine that does little else it is under five seconds.
func TestALeadBecomesADealAndIsAcknowledged(t *testing.T) {
	for _, tls := range []string{"none", "starttls", "implicit"} {
		t.Run(tls, func(t *testing.T) {
			m := system.StartMail(t)
			m.AddUser("alice@client.test", mailPassword)
			s := system.StartServer(t, company(t, m, tls))
			sent := time.Now()
			if err := m.Deliver("alice@client.test", "sales@crm.test", mailFrom("Alice Sample <alice@client.test>", "A kitchen", "lead-1@client.test", "I want a kitchen.")); err != nil {
				t.Fatal(err)
			}
			d := only(t, s, 30*time.Second, func(d dealJSON) bool { return d.Stage == "qualification" })
			t.Logf("a deal after %s", time.Since(sent).Round(10*time.Millisecond))
			if d.Contact.Name != "Alice Sample" || d.Contact.Email != "alice@client.test" || d.Subject != "A kitchen" || d.Owner == "" {
				t.Errorf("the deal is %+v", d)
			}
			got := m.AwaitInbox("alice@client.test", 1, 30*time.Second)[0]
			if in := got.Header.Get("In-Reply-To"); in != "<lead-1@client.test>" {
				t.Errorf("In-Reply-To is %q", in)
			}
			if !strings.Contains(got.Header.Get("References"), "<lead-1@client.test>") || got.Header.Get("Auto-Submitted") == "" {
				t.Errorf("the header is %v", got.Header)
			}
			system.Eventually(t, 30*time.Second, func() error {
				if n := count(events(t, s, d.ID), "mail_sent"); n != 1 {
					return fmt.Errorf("%d mail_sent in the timeline", n)
				}
				return nil
			})
		})
	}
}

// The silent lead climbs the ladder: owner, manager, lost. Everybody on it is
// told by mail.
func TestASilentLeadIsEscalatedAndLost(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	m.AddUser("petr@client.test", mailPassword)
	s := system.StartServer(t, company(t, m, "none"), "--speed", "43200") // a day in two seconds
	if err := m.Deliver("petr@client.test", "sales@crm.test", mailFrom("petr@client.test", "A question", "silent@client.test", "How much?")); err != nil {
		t.Fatal(err)
	}
	d := only(t, s, time.Minute, func(d dealJSON) bool { return d.Status == "lost" })
	if d.LostReason != "no_response" {
		t.Errorf("lost for %q", d.LostReason)
	}
	m.AwaitInbox("petr@client.test", 2, 30*time.Second) // acknowledgement and reminder
	m.AwaitInbox("anna@crm.test", 1, 30*time.Second)
	m.AwaitInbox(d.Owner, 1, 30*time.Second)
	told := map[string]bool{}
	for _, e := range events(t, s, d.ID) {
		if e.Type == "notified" {
			told[fmt.Sprint(e.Data["to"])] = true
		}
	}
	if !told[d.Owner] || !told["anna@crm.test"] {
		t.Errorf("the timeline says that these were told: %v", told)
	}
}

// A reply stops the sequence, and the deal is walked to won through the API.
func TestAReplyStopsLettersAndTheDealIsWon(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	m.AddUser("bob@client.test", mailPassword)
	s := system.StartServer(t, company(t, m, "none"))
	if err := m.Deliver("bob@client.test", "sales@crm.test", mailFrom("Bob <bob@client.test>", "Chairs", "bob-1@client.test", "Do you sell chairs?")); err != nil {
		t.Fatal(err)
	}
	d := only(t, s, 30*time.Second, func(d dealJSON) bool { return true })
	ack := m.AwaitInbox("bob@client.test", 1, 30*time.Second)[0]
	reply := mailFrom("Bob <bob@client.test>", "Re: We got your letter", "bob-2@client.test", "Call me.", "In-Reply-To: "+ack.Header.Get("Message-Id"))
	if err := m.Deliver("bob@client.test", "sales@crm.test", reply); err != nil {
		t.Fatal(err)
	}
	system.Eventually(t, 30*time.Second, func() error {
		if n := count(events(t, s, d.ID), "mail_received"); n != 2 {
			return fmt.Errorf("%d messages in the timeline", n)
		}
		return nil
	})
	var problem map[string]any
	if status := s.Call("POST", "/api/v1/deals/"+d.ID+"/move", map[string]any{"to": "offer"}, &problem); status != 409 {
		t.Fatalf("a move through a shut gate answers %d", status)
	}
	if text := fmt.Sprint(problem); !strings.Contains(text, "Call the client") || !strings.Contains(text, "need") {
		t.Errorf("the refusal does not name what is missing: %v", problem)
	}
	if status := s.Call("POST", "/api/v1/deals/"+d.ID+"/tasks/first-call/complete", map[string]any{"fields": map[string]any{"need": "six chairs"}}, nil); status != 200 {
		t.Fatalf("finishing the task answers %d", status)
	}
	if got := deals(t, s)[0]; got.Stage != "offer" {
		t.Fatalf("after the task the deal is in %q", got.Stage)
	}
	if status := s.Call("POST", "/api/v1/deals/"+d.ID+"/tasks/agree/complete", map[string]any{}, nil); status != 200 {
		t.Fatalf("finishing the second task answers %d", status)
	}
	if got := deals(t, s)[0]; got.Status != "won" {
		t.Fatalf("after the last task the deal is %q", got.Status)
	}
}

// Two machines that answer each other stop after one exchange.
func TestAnAutoResponderIsNotAnswered(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	m.AddUser("robot@client.test", mailPassword)
	s := system.StartServer(t, company(t, m, "none"))
	if err := m.Deliver("robot@client.test", "sales@crm.test", mailFrom("robot@client.test", "Hello", "robot-1@client.test", "I want a table.")); err != nil {
		t.Fatal(err)
	}
	d := only(t, s, 30*time.Second, func(d dealJSON) bool { return true })
	for i := range 3 {
		ack := m.AwaitInbox("robot@client.test", 1, 30*time.Second)[0]
		id := ack.Header.Get("Message-Id")
		auto := mailFrom("robot@client.test", "Automatic reply: We got your letter", fmt.Sprintf("auto-%d@client.test", i), "I am away.",
			"In-Reply-To: "+id, "Auto-Submitted: auto-replied")
		if err := m.Deliver("robot@client.test", "sales@crm.test", auto); err != nil {
			t.Fatal(err)
		}
	}
	system.Eventually(t, 30*time.Second, func() error {
		if n := len(all[map[string]any](t, s, "/api/v1/companies/crm/messages?outcome=auto_reply")); n != 3 {
			return fmt.Errorf("%d automatic replies in the ledger", n)
		}
		return nil
	})
	if n := len(m.Inbox("robot@client.test")); n != 1 {
		t.Errorf("the robot got %d letters, want the acknowledgement alone", n)
	}
	if n := len(deals(t, s)); n != 1 {
		t.Errorf("%d deals", n)
	}
	if got := events(t, s, d.ID); count(got, "progressed") != 0 {
		t.Errorf("an out-of-office counted as progress: %v", got)
	}
}
