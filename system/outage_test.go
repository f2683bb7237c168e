//go:build system

package system_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

// ready is what /readyz answers.
type ready struct {
	Ready     bool `json:"ready"`
	Mailboxes []struct {
		Company, ID, State, Error string
	} `json:"mailboxes"`
}

// awaitMailbox waits until the one mailbox is in a state, with the server ready
// all along.
func awaitMailbox(t *testing.T, s *system.Server, within time.Duration, state, fault string) {
	t.Helper()
	system.Eventually(t, within, func() error {
		var r ready
		if status := s.Call("GET", "/readyz", nil, &r); status != 200 || !r.Ready {
			t.Fatalf("/readyz answers %d: %+v", status, r)
		}
		if len(r.Mailboxes) != 1 || r.Mailboxes[0].ID != "sales" {
			t.Fatalf("/readyz tells of the mailboxes %+v", r.Mailboxes)
		}
		if box := r.Mailboxes[0]; box.State != state || !strings.Contains(box.Error, fault) {
			return fmt.Errorf("the mailbox is %q: %s", box.State, box.Error)
		}
		return nil
	})
}

// The IMAP server goes away while the server runs: the API works, /readyz names
// the mailbox, and mail that waited becomes deals.
func TestMailWaitsWhileIMAPIsAway(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	s := system.StartServer(t, company(t, m, "none"))
	deliver(t, m, "before@client.test", "Before")
	d := only(t, s, 30*time.Second, func(dealJSON) bool { return true })
	m.StopIMAP()
	awaitMailbox(t, s, 30*time.Second, "trouble", "trying again in")
	for _, name := range []string{"queued", "waiting"} {
		m.Place("sales@crm.test", mailFrom(name+"@client.test", name, name+"@client.test", "How much?"))
	}
	if status := s.Call("POST", "/api/v1/deals/"+d.ID+"/notes", map[string]any{"text": "IMAP is away"}, nil); status/100 != 2 {
		t.Errorf("a note answers %d while the mailbox is away", status)
	}
	m.StartIMAP()
	awaitMailbox(t, s, 20*time.Second, "reading", "")
	awaitDeals(t, s, 20*time.Second, 3)
	if list := deals(t, s); len(list) != 3 {
		t.Errorf("%d deals", len(list))
	}
	if log := s.Log(); !strings.Contains(log, "mailbox in trouble") || !strings.Contains(log, "again_in") {
		t.Error("the log does not say when the mailbox is tried again")
	}
}

// Mail that came while the server was down is captured at its start.
func TestMailWaitsWhileTheServerIsDown(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	s := system.StartServer(t, company(t, m, "none"))
	deliver(t, m, "first@client.test", "First")
	only(t, s, 30*time.Second, func(dealJSON) bool { return true })
	s.Stop()
	deliver(t, m, "second@client.test", "Second")
	deliver(t, m, "third@client.test", "Third")
	m.AwaitInbox("sales@crm.test", 3, 30*time.Second)
	s.Restart()
	awaitDeals(t, s, 30*time.Second, 3)
	if list := deals(t, s); len(list) != 3 {
		t.Errorf("%d deals", len(list))
	}
}

// A client who answered while the server, or its mailbox, was away is not sent
// what fell due meanwhile, nor is the deal escalated or lost.
func TestAnOutageIsNotTheClientsFault(t *testing.T) {
	cases := []struct {
		name      string
		away      func(*system.Mail, *system.Server)
		comesBack func(*system.Mail, *system.Server)
	}{
		{
			"the server",
			func(_ *system.Mail, s *system.Server) { s.Kill9() },
			func(_ *system.Mail, s *system.Server) { s.Restart() },
		},
		{
			"the mailbox",
			func(m *system.Mail, _ *system.Server) { m.StopIMAP() },
			func(m *system.Mail, _ *system.Server) { m.StartIMAP() },
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := system.StartMail(t)
			m.AddUser("bob@client.test", mailPassword)
			// A day in two seconds: the reminder is due after 8 s, the ladder begins after 10 s, the deal is lost after 12 s.
			dir := company(t, m, "none",
				"after: 1d, send: reminder", "after: 4d, send: reminder", "timeout: 2d", "timeout: 5d", "after: 3d, lose", "after: 24h, lose", "after: 1d, notify: manager", "after: 12h, notify: manager")
			s := system.StartServer(t, dir, "--speed", "43200")
			deliver(t, m, "bob@client.test", "Chairs")
			d := only(t, s, 30*time.Second, func(dealJSON) bool { return true })
			ack := m.AwaitInbox("bob@client.test", 1, 30*time.Second)[0]
			opened := time.Now()
			c.away(m, s)
			m.Place("sales@crm.test", mailFrom("bob@client.test", "Re: We got your letter", "answer@client.test", "Call me.", "In-Reply-To: "+ack.Header.Get("Message-Id")))
			<-time.After(time.Until(opened.Add(14 * time.Second))) // the outage itself: everything has fallen due
			c.comesBack(m, s)

			var list []eventJSON
			system.Eventually(t, 30*time.Second, func() error {
				if list = events(t, s, d.ID); count(list, "mail_received") != 2 {
					return fmt.Errorf("the answer is not in the timeline")
				}
				return nil
			})
			for _, e := range list {
				switch {
				case e.Type == "escalated", e.Type == "lost", e.Type == "mail_sent" && e.Data["letter"] == "reminder":
					t.Errorf("the timeline has %s %v", e.Type, e.Data)
				}
			}
			if n := len(m.Inbox("bob@client.test")); n != 1 {
				t.Errorf("the client got %d letters, want the acknowledgement alone", n)
			}
		})
	}
}

// deliver mails a lead through Postfix.
func deliver(t *testing.T, m *system.Mail, from, subject string) {
	t.Helper()
	id := strings.ToLower(strings.ReplaceAll(subject, " ", "-")) + "." + from
	if err := m.Deliver(from, "sales@crm.test", mailFrom(from, subject, id, "How much is "+subject+"?")); err != nil {
		t.Fatal(err)
	}
}
