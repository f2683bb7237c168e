//go:build system

package system_test

import (
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

// ambiguous lists the Message-IDs of the letters that a deal's timeline says
// may have been sent twice.
func ambiguous(t *testing.T, s *system.Server, deal string) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for _, e := range events(t, s, deal) {
		if id, ok := e.Data["message_id"].(string); ok && e.Type == "mail_sent" && e.Data["ambiguous"] == true {
			ids["<"+strings.Trim(id, "<>")+">"] = true
		}
	}
	return ids
}
