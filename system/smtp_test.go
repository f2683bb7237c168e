//go:build system

package system_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/system"
)

// placeLead puts a lead into the mailbox without the help of SMTP.
func placeLead(m *system.Mail, from string) {
	m.Place("sales@crm.test", mailFrom(from, "A kitchen", "lead."+from, "How much is a kitchen?"))
}

// awaitOutbox waits until /readyz, which stays 200, tells how the letters go out.
func awaitOutbox(t *testing.T, s *system.Server, within time.Duration, state, fault string) {
	t.Helper()
	system.Eventually(t, within, func() error {
		var r struct {
			Outboxes []struct {
				Company, State, Error string
				Queued                int
			} `json:"outboxes"`
		}
		if status := s.Call("GET", "/readyz", nil, &r); status != 200 || len(r.Outboxes) != 1 {
			t.Fatalf("/readyz answers %d: %+v", status, r)
		}
		if box := r.Outboxes[0]; box.State != state || !strings.Contains(box.Error, fault) || (box.Queued > 0) != (state == "trouble") {
			return fmt.Errorf("the outbox is %q with %d letters: %s", box.State, box.Queued, box.Error)
		}
		return nil
	})
}

func awaitEvents(t *testing.T, s *system.Server, deal, kind string, want int) []eventJSON {
	t.Helper()
	var list []eventJSON
	system.Eventually(t, 30*time.Second, func() error {
		list = events(t, s, deal)
		if n := count(list, kind); n != want {
			return fmt.Errorf("%d %s in the timeline, want %d", n, kind, want)
		}
		return nil
	})
	return list
}

// A letter that is put off goes out when the server takes it.
func TestALetterPutOffIsSentLater(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	m.AddUser("alice@client.test", mailPassword)
	s := system.StartServer(t, company(t, m, "none"))
	m.Answer("451 4.3.0 come back later")
	placeLead(m, "alice@client.test")
	d := only(t, s, 30*time.Second, func(dealJSON) bool { return true })
	system.Eventually(t, 30*time.Second, func() error {
		if !strings.Contains(s.Log(), "letter not taken") {
			return fmt.Errorf("nothing was put off yet")
		}
		return nil
	})
	m.Answer("")
	m.AwaitInbox("alice@client.test", 1, 30*time.Second)
	list := awaitEvents(t, s, d.ID, "mail_sent", 1)
	if count(list, "mail_failed") != 0 || len(ambiguous(events(t, s, d.ID))) != 0 {
		t.Errorf("the timeline is %v", list)
	}
	if n := len(m.Inbox("alice@client.test")); n != 1 {
		t.Errorf("%d letters", n)
	}
}

// A client whom the mail server does not know has a bad address, and the deal
// takes the way that its process draws for that.
func TestAnUnknownClientIsLost(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	s := system.StartServer(t, company(t, m, "none"))
	placeLead(m, "gone@client.test")
	d := only(t, s, 30*time.Second, func(d dealJSON) bool { return d.Status == "lost" })
	if d.LostReason != "bad_address" {
		t.Errorf("lost for %q", d.LostReason)
	}
	list := awaitEvents(t, s, d.ID, "mail_failed", 1)
	if count(list, "mail_sent") != 0 {
		t.Errorf("the timeline is %v", list)
	}
}

// A server that refuses to relay holds the outbox: nobody is lost for it, it is
// said, and when it is mended everything goes out.
func TestARefusedRelayHoldsTheOutbox(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	dir, letters := receivedCompany(t, m)
	s := system.StartServer(t, dir)
	letters.Script(smtptest.Rule{At: smtptest.AtRcpt, Code: 554, Enhanced: "5.7.1", Text: "relay access denied"})
	for i := range 3 {
		placeLead(m, fmt.Sprintf("client%d@client.test", i))
	}
	awaitDeals(t, s, 30*time.Second, 3)
	awaitOutbox(t, s, 30*time.Second, "trouble", "relay access denied; trying again in")
	if !strings.Contains(s.Log(), "outbox held") {
		t.Error("the log does not say that the outbox is held")
	}
	letters.Script()
	system.Eventually(t, 90*time.Second, func() error {
		if n := len(copies(t, letters)); n != 3 {
			return fmt.Errorf("%d of 3 letters went out after the relay was mended", n)
		}
		return nil
	})
	awaitOutbox(t, s, 30*time.Second, "sending", "")
	for _, d := range deals(t, s) {
		list := awaitEvents(t, s, d.ID, "mail_sent", 1)
		if d.Status != "open" || count(list, "mail_failed") != 0 {
			t.Errorf("%s is %s with %v", d.Contact.Email, d.Status, list)
		}
	}
}

// A wrong password holds the outbox too; who mends it and restarts the server
// does not wait.
func TestAMendedLoginIsTriedAtStart(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	dir, letters := receivedCompany(t, m)
	letters.Script(smtptest.Rule{At: smtptest.AtAuth, Code: 535, Enhanced: "5.7.8", Text: "wrong password"})
	s := system.StartServer(t, dir)
	placeLead(m, "client@client.test")
	awaitOutbox(t, s, 30*time.Second, "trouble", "wrong password")
	s.Stop()
	letters.Script()
	s.Restart()
	system.Eventually(t, 30*time.Second, func() error {
		if n := len(copies(t, letters)); n != 1 {
			return fmt.Errorf("%d letters went out after the restart", n)
		}
		return nil
	})
	awaitOutbox(t, s, 30*time.Second, "sending", "")
}

// One letter that the server will not have does not stand in the way of others
// for long.
func TestARefusedLetterLetsOthersPass(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	dir, letters := receivedCompany(t, m)
	s := system.StartServer(t, dir)
	letters.Script(smtptest.Rule{At: smtptest.AtEnd, To: "spam@client.test", Code: 554, Enhanced: "5.7.1", Text: "looks like spam"})
	placeLead(m, "spam@client.test")
	awaitOutbox(t, s, 30*time.Second, "trouble", "looks like spam")
	placeLead(m, "good@client.test")
	system.Eventually(t, 90*time.Second, func() error {
		if len(copies(t, letters)["good@client.test"]) != 1 {
			return fmt.Errorf("%d letters went out", len(letters.Messages()))
		}
		return nil
	})
}

// A mail server that is away is said to be so, and letters go out when it is
// back, however many there are.
func TestLettersWaitForAServerThatIsAway(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	m.AddUser("sales@crm.test", mailPassword)
	addr := unusedAddr(t)
	dir := writeCompany(t, m.IMAPAddr("none"), addr, "none")
	s := system.StartServer(t, dir)
	for i := range 20 {
		placeLead(m, fmt.Sprintf("client%d@client.test", i))
	}
	awaitDeals(t, s, 30*time.Second, 20)
	awaitOutbox(t, s, 30*time.Second, "trouble", "trying again in")
	letters := receiver(t, addr)
	t.Cleanup(letters.Close)
	system.Eventually(t, 20*time.Second, func() error {
		if n := len(copies(t, letters)); n != 20 {
			return fmt.Errorf("%d of 20 clients got their letter", n)
		}
		return nil
	})
	awaitOutbox(t, s, 30*time.Second, "sending", "")
}

// An answer that is lost after DATA: the letter goes out once more under the
// same Message-ID, and the timeline says that it is ambiguous.
func TestALostAnswerIsAmbiguous(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	dir, letters := receivedCompany(t, m)
	s := system.StartServer(t, dir)
	letters.Script(smtptest.Rule{At: smtptest.AtEnd, Drop: true, Keep: true, Times: 1})
	placeLead(m, "client@client.test")
	d := only(t, s, 30*time.Second, func(dealJSON) bool { return true })
	awaitEvents(t, s, d.ID, "mail_sent", 1)
	got := copies(t, letters)["client@client.test"]
	for id, n := range got {
		if len(got) != 1 || n != 2 || !ambiguous(events(t, s, d.ID))[id] {
			t.Errorf("the client got %v, and the timeline calls ambiguous %v", got, ambiguous(events(t, s, d.ID)))
		}
	}
	if len(got) == 0 {
		t.Error("the client got nothing")
	}
}

// Neither mail server can be reached at the start: the server runs and says so.
func TestServersThatCannotBeReached(t *testing.T) {
	t.Parallel()
	addr := unusedAddr(t)
	s := system.StartServer(t, writeCompany(t, addr, addr, "none"))
	awaitMailbox(t, s, 30*time.Second, "trouble", "trying again in")
	lead := map[string]any{"company": "crm", "process": "sales", "contact": map[string]any{"email": "alice@client.test"}}
	if status := s.Call("POST", "/api/v1/deals", lead, nil); status != 201 {
		t.Fatalf("POST /deals answers %d", status)
	}
	awaitOutbox(t, s, 30*time.Second, "trouble", "trying again in")
	for _, said := range []string{"mailbox in trouble", "mail server away", "again_in"} {
		if !strings.Contains(s.Log(), said) {
			t.Errorf("the log does not say %q", said)
		}
	}
}

// unusedAddr is an address that nobody listens on.
func unusedAddr(t *testing.T) string {
	t.Helper()
	nowhere, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := nowhere.Addr().String()
	if err := nowhere.Close(); err != nil {
		t.Fatal(err)
	}
	return addr
}
