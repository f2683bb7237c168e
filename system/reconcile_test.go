//go:build system

package system_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/dealwright/dealwright/system"
)

// reconcileFinds holds that nothing is missing while the server runs and once it has stopped, and that each thing which is
// spoilt behind its back is found and named.
func reconcileFinds(t *testing.T, m *system.Mail, s *system.Server, dir string) {
	t.Helper()
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
	list := deals(t, s)
	gone, unknown := list[0].ID, list[1].ID
	s.Stop()
	reconcile(0, "every message is accounted for")
	data := filepath.Join(dir, "data")
	change(t, data, `DELETE FROM deals WHERE id = ?`, gone)
	reconcile(3, "message_without_deal", gone)
	change(t, data, `DELETE FROM ledger WHERE deal_id = ?`, gone)
	reconcile(3, "message_without_outcome")
	change(t, data, `DELETE FROM ledger WHERE deal_id = ?`, unknown)
	reconcile(3, "deal_without_message", unknown)
	m.Place("sales@crm.test", mailFrom("dora@client.test", "Kitchen", "injected@client.test", "I want one too."))
	reconcile(3, "message_not_read", "injected@client.test")
}

// change spoils the store of a server that has stopped.
func change(t *testing.T, data, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "dealwright.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
