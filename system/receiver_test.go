//go:build system

package system_test

import (
	"fmt"
	"net/mail"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/system"
)

// receivedCompany is a company whose mail comes from Dovecot and whose letters
// go to a receiver that can be told to fail.
func receivedCompany(t *testing.T, m *system.Mail, edits ...string) (dir string, letters *smtptest.Server) {
	t.Helper()
	letters = receiver(t, "127.0.0.1:0")
	t.Cleanup(letters.Close)
	m.AddUser("sales@crm.test", mailPassword)
	return writeCompany(t, m.IMAPAddr("none"), letters.Addr(), "none", edits...), letters
}

// receiver starts a receiver of letters that the test has to close.
func receiver(t *testing.T, addr string) *smtptest.Server {
	t.Helper()
	letters, err := smtptest.Start(addr, smtptest.WithUsers(map[string]string{"sales@crm.test": mailPassword}))
	if err != nil {
		t.Fatal(err)
	}
	return letters
}

// copies counts the letters that a receiver took by client and Message-ID.
func copies(t *testing.T, letters *smtptest.Server) map[string]map[string]int {
	t.Helper()
	found := map[string]map[string]int{}
	for _, received := range letters.Messages() {
		message, err := mail.ReadMessage(strings.NewReader(string(received.Raw)))
		if err != nil {
			t.Fatalf("a letter is no mail: %v\n%s", err, received.Raw)
		}
		to := received.To[0]
		if strings.HasSuffix(to, "@crm.test") {
			continue // a notice to staff
		}
		if found[to] == nil {
			found[to] = map[string]int{}
		}
		found[to][message.Header.Get("Message-Id")]++
	}
	return found
}

// answered is how many clients have got a letter.
func answered(letters *smtptest.Server) int {
	clients := map[string]bool{}
	for _, received := range letters.Messages() {
		if to := received.To[0]; !strings.HasSuffix(to, "@crm.test") {
			clients[to] = true
		}
	}
	return len(clients)
}

// ambiguous lists the Message-IDs of the letters that a timeline says may have been sent twice.
func ambiguous(timeline []eventJSON) map[string]bool {
	ids := map[string]bool{}
	for _, e := range timeline {
		if id, ok := e.Data["message_id"].(string); ok && e.Type == "mail_sent" && e.Data["ambiguous"] == true {
			ids["<"+strings.Trim(id, "<>")+">"] = true
		}
	}
	return ids
}

// acknowledged holds that each client has one deal and one acknowledgement, but for at most so many that may have come twice,
// or not at all, and whose timeline says so.
func acknowledged(t *testing.T, s *system.Server, letters *smtptest.Server, unsure int) error {
	t.Helper()
	got, owners := copies(t, letters), map[string]string{}
	var doubled, missing, ambiguities int
	for _, d := range deals(t, s) {
		if other, again := owners[d.Contact.Email]; again {
			return fmt.Errorf("%s has two deals, %s and %s", d.Contact.Email, other, d.ID)
		}
		owners[d.Contact.Email] = d.ID
		list := events(t, s, d.ID)
		if n := count(list, "mail_sent"); n != 1 {
			return fmt.Errorf("the timeline of %s says that %d letters were sent", d.Contact.Email, n)
		}
		said := ambiguous(list)
		ambiguities += len(said)
		if n := len(got[d.Contact.Email]); n > 1 || n == 0 && len(said) == 0 {
			return fmt.Errorf("%s got %d different letters, want the acknowledgement alone", d.Contact.Email, n)
		}
		if len(got[d.Contact.Email]) == 0 {
			missing++
		}
		for id, n := range got[d.Contact.Email] {
			if n == 1 {
				continue
			}
			doubled += n - 1
			if !said[id] {
				return fmt.Errorf("%s came %d times to %s, and the timeline calls it sure", id, n, d.Contact.Email)
			}
		}
	}
	if max(ambiguities, doubled) > unsure {
		return fmt.Errorf("%d letters are ambiguous and %d came once more, want at most %d", ambiguities, doubled, unsure)
	}
	t.Logf("%d clients: %d letters came once more and %d not at all, of %d that the timelines call ambiguous", len(owners), doubled, missing, ambiguities)
	return nil
}
