//go:build system

package system_test

import (
	"os/exec"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

// What a user types first: a lead by swaks shows in GET /deals, and its
// acknowledgement comes into the client's mailbox.
func TestALeadBySwaks(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	m.AddUser("alice@client.test", mailPassword)
	s := system.StartServer(t, company(t, m, "none"))
	swaks := exec.CommandContext(t.Context(), "swaks", "--server", m.SMTPAddr("none"),
		"--from", "alice@client.test", "--to", "sales@crm.test",
		"--header", "Subject: A kitchen", "--body", "How much is a kitchen?")
	if out, err := swaks.CombinedOutput(); err != nil {
		t.Fatalf("%v: run scripts/debian.sh\n%s", err, out)
	}
	d := only(t, s, 30*time.Second, func(dealJSON) bool { return true })
	if d.Subject != "A kitchen" || d.Contact.Email != "alice@client.test" {
		t.Errorf("the deal is %+v", d)
	}
	m.AwaitInbox("alice@client.test", 1, 30*time.Second)
}
