//go:build system

package system_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

// Several messages with 25 MB attached come in a row, and then one that is larger than any is read: each is a deal, a person is
// told of the last, and the server's memory stays within bounds.
func TestLargeMessages(t *testing.T) {
	const large, bound = 6, 900
	m := system.StartMail(t)
	dir, letters := receivedCompany(t, m)
	s := system.StartServer(t, dir)
	before := memory(t, s, "VmRSS:")
	for i := range large {
		m.Place("sales@crm.test", attached(fmt.Sprintf("large%d@client.test", i), 25<<20))
	}
	awaitDeals(t, s, 90*time.Second, large)
	t.Logf("%.0f MB before, at most %.0f MB with %d messages of 34 MB in a row", before, memory(t, s, "VmHWM:"), large)
	m.Place("sales@crm.test", attached("huge@client.test", 60<<20))
	placeLead(m, "small@client.test")
	awaitDeals(t, s, 90*time.Second, large+2)
	peak := memory(t, s, "VmHWM:")
	t.Logf("at most %.0f MB with one of 82 MB", peak)
	if peak > bound {
		t.Errorf("the server took %.0f MB, more than %d", peak, bound)
	}
	rows := all[map[string]any](t, s, "/api/v1/companies/crm/messages?outcome=lead")
	if len(rows) != large+2 {
		t.Errorf("%d leads in the ledger, want %d", len(rows), large+2)
	}
	system.Eventually(t, 30*time.Second, func() error {
		for _, letter := range letters.Messages() {
			if letter.To[0] == "anna@crm.test" && bytes.Contains(letter.Raw, []byte("too large")) {
				return nil
			}
		}
		return fmt.Errorf("nobody was told of the message that is too large")
	})
}

// attached is a lead with a file of so many bytes that cannot be packed any smaller.
func attached(from string, size int) []byte {
	file := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte([]byte(fmt.Sprintf("%-32.32s", from)))).Read(file)
	raw := mailFrom(from, "Plans of "+from, "plans."+from, "")
	head, _, _ := bytes.Cut(raw, []byte("MIME-Version"))
	var out bytes.Buffer
	out.Write(head)
	out.WriteString("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the plans.\r\n" +
		"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=plans.pdf\r\n\r\n")
	encoded := base64.StdEncoding.EncodeToString(file)
	for ; len(encoded) > 76; encoded = encoded[76:] {
		out.WriteString(encoded[:76] + "\r\n")
	}
	out.WriteString(encoded + "\r\n--b--\r\n")
	return out.Bytes()
}
