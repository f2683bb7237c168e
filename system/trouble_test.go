//go:build system

package system_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

// Of three mailboxes one loses its connection without a word, one refuses the login, and the third is read and answered as if
// nothing were. The first finds out by itself, the second goes on once it is let in, and each state is in /readyz and the metrics.
func TestAMailboxInTroubleHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	letters := receiver(t, "127.0.0.1:0")
	t.Cleanup(letters.Close)
	p := system.StartProxy(t, m.IMAPAddr("none"))
	_, direct, err := net.SplitHostPort(m.IMAPAddr("none"))
	if err != nil {
		t.Fatal(err)
	}
	more := ""
	for _, id := range []string{"info", "shut"} {
		more += fmt.Sprintf("  - id: %s\n    imap: {host: localhost, port: %s, tls: none, username: %s@crm.test, password: \"${CRM_PASSWORD}\"}\n    process: sales\n", id, direct, id)
	}
	m.AddUser("sales@crm.test", mailPassword)
	m.AddUser("info@crm.test", mailPassword)
	s := system.StartServer(t, writeCompany(t, p.Addr(), letters.Addr(), "none", "    process: sales\nsmtp", "    process: sales\n"+more+"smtp"))
	state := func(id, want, fault string) func() error {
		return func() error {
			var r ready
			if status := s.Call("GET", "/readyz", nil, &r); status != 200 || !r.Ready {
				t.Fatalf("/readyz answers %d: %+v", status, r)
			}
			for _, box := range r.Mailboxes {
				if box.ID == id && box.State == want && strings.Contains(box.Error, fault) {
					return nil
				}
			}
			return fmt.Errorf("the mailbox %q is not %s: %+v", id, want, r.Mailboxes)
		}
	}
	system.Eventually(t, 30*time.Second, state("sales", "reading", ""))
	system.Eventually(t, 30*time.Second, state("info", "reading", ""))
	system.Eventually(t, 30*time.Second, state("shut", "trouble", "login refused"))
	if up := metric(t, s, `dealwright_mailbox_up{company="crm",mailbox="shut",state="trouble"}`); up != "0" {
		t.Errorf("the metric of the shut mailbox is %q", up)
	}

	if p.Forget() == 0 {
		t.Error("there was no connection to lose")
	}
	m.Place("sales@crm.test", mailFrom("late@client.test", "Late", "late@client.test", "How much?"))
	m.Place("info@crm.test", mailFrom("soon@client.test", "Soon", "soon@client.test", "How much?"))
	system.Eventually(t, 20*time.Second, func() error {
		if len(copies(t, letters)["soon@client.test"]) != 1 {
			return fmt.Errorf("the mailbox that works waits for the others")
		}
		return nil
	})
	m.AddUser("shut@crm.test", mailPassword)
	system.Eventually(t, 90*time.Second, func() error {
		if len(copies(t, letters)["late@client.test"]) != 1 {
			return fmt.Errorf("the lost connection was not noticed")
		}
		return nil
	})
	if !strings.Contains(s.Log(), "has been silent for 30s") {
		t.Error("the log does not say that the server fell silent")
	}
	system.Eventually(t, 90*time.Second, state("shut", "reading", ""))
	for _, id := range []string{"sales", "info", "shut"} {
		name := fmt.Sprintf(`{company="crm",mailbox=%q}`, id)
		if metric(t, s, "dealwright_mailbox_last_contact_timestamp_seconds"+name) == "" || metric(t, s, "dealwright_mailbox_lag_seconds"+name) != "0" {
			t.Errorf("the metrics do not tell when %s was read", id)
		}
	}
}
