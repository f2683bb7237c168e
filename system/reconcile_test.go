//go:build system

package system_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/dealwright/dealwright/system"
)

// The ledger is proved against a real mailbox and its archive: beside a running
// server, and after each thing that may go wrong behind its back.
func TestReconcileFindsWhatIsMissing(t *testing.T) {
	m := system.StartMail(t)
	dir := company(t, m, "none", "    process: sales\n", "    process: sales\n    archive: Captured\n")
	s := system.StartServer(t, dir)
	for i, from := range []string{"alice@client.test", "bob@client.test", "carol@client.test"} {
		m.AddUser(from, mailPassword)
		raw := mailFrom(from, fmt.Sprintf("Kitchen %d", i), fmt.Sprintf("r-%d@client.test", i), "I want a kitchen.")
		if err := m.Deliver(from, "sales@crm.test", raw); err != nil {
			t.Fatal(err)
		}
	}
	system.Eventually(t, 30*time.Second, func() error {
		if n := len(deals(t, s)); n != 3 {
			return fmt.Errorf("%d deals", n)
		}
		return nil
	})
	reconcile := func(want int, says ...string) {
		t.Helper()
		out, faults, status := system.Run(t, "reconcile", "--data", filepath.Join(dir, "data"), "--definitions", filepath.Join(dir, "definitions"))
		if status != want {
			t.Errorf("exit %d, want %d:\n%s%s", status, want, out, faults)
		}
		for _, text := range says {
			if !strings.Contains(out, text) {
				t.Errorf("%q is not in:\n%s", text, out)
			}
		}
	}
	reconcile(0, "every message is accounted for")
	lost := deals(t, s)[0].ID
	kept := deals(t, s)[1].ID
	s.Stop()
	reconcile(0, "every message is accounted for")

	change := func(statement string, args ...any) {
		t.Helper()
		db, err := sql.Open("sqlite", filepath.Join(dir, "data", "dealwright.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	change(`DELETE FROM deals WHERE id = ?`, lost)
	reconcile(3, "message_without_deal", lost)
	change(`DELETE FROM ledger WHERE deal_id = ?`, lost)
	reconcile(3, "message_without_outcome")
	change(`DELETE FROM ledger WHERE deal_id = ?`, kept)
	reconcile(3, "deal_without_message", kept)
	m.Place("sales@crm.test", mailFrom("dora@client.test", "Kitchen", "injected@client.test", "I want one too."))
	reconcile(3, "message_not_read", "injected@client.test")
}
