package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/store"
)

const mailCompany = `company: acme
team: {rep: {members: [ivan@acme.test]}}
mailboxes:
  - {id: sales, imap: {host: 127.0.0.1, port: 1, tls: none}}
from: sales@acme.test
capture:
  rules:
    - {when: 'mail.subject.contains("Kitchen")', as: lead, fields: {budget: 'have ([\d ]+) for'}}
`

// mailFolder is a company folder with one mailbox, and a message beside it.
func mailFolder(t *testing.T) (definitions, message string) {
	t.Helper()
	dir := t.TempDir()
	definitions, message = filepath.Join(dir, "acme"), filepath.Join(dir, "letter.eml")
	for name, text := range map[string]string{
		filepath.Join(definitions, "company.yaml"): mailCompany,
		filepath.Join(definitions, "processes", "sales.yaml"): "process: sales\nfields: {budget: {type: money, currency: RUB}}\ndefaults: {owner: rep}\n" +
			"stages:\n  - id: talk\n    next: [{to: won}]\n",
		message: "From: Petr <petr@client.test>\nSubject: Kitchen\nMessage-ID: <1@client.test>\n\nI have 100 000 for it.\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return definitions, message
}

func TestExplainMessage(t *testing.T) {
	definitions, message := mailFolder(t)
	for _, c := range []struct {
		name string
		args []string
		exit int
		says []string
	}{
		{"in words", []string{message}, exitGood, []string{"outcome      lead", "capture:1", "petr@client.test", "budget = 100000", "a deal is opened, and its letters go to petr@client.test"}},
		{"as JSON", []string{message, "--json"}, exitGood, []string{`"outcome": "lead"`, `"value": 100000`}},
		{"a file that is not there", []string{message + "x"}, exitInput, []string{"no such file"}},
		{"a company that is not there", []string{message, "--company", "other"}, exitUsage, []string{"--company"}},
		{"a mailbox that is not there", []string{message, "--mailbox", "other"}, exitUsage, []string{"sales"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			args := append([]string{"explain-message", "--definitions", definitions}, c.args...)
			if got := run(t.Context(), args, &out, &out); got != c.exit {
				t.Errorf("exit %d, want %d: %s", got, c.exit, out.String())
			}
			for _, text := range c.says {
				if !strings.Contains(out.String(), text) {
					t.Errorf("%q is not in\n%s", text, out.String())
				}
			}
		})
	}
}

func TestReplayMessage(t *testing.T) {
	definitions, message := mailFolder(t)
	raw, err := os.ReadFile(message)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	s, err := store.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Clock(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	epoch, err := s.Epoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ConfigureMailboxes(t.Context(), "acme", []store.MailboxConfig{{ID: "sales"}}, epoch.Deal); err != nil {
		t.Fatal(err)
	}
	err = s.Capture(t.Context(), store.MailboxKey{Company: "acme", ID: "sales"}, func(tx *store.CaptureTx) error {
		_, err := tx.AddLedger(&store.LedgerRow{ID: "m1", UIDValidity: 1, UID: 1, Outcome: "ignored", Rule: "bulk", ProcessedAt: epoch.Deal, ReceivedAt: epoch.Deal}, raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	replay := func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if got := run(t.Context(), append([]string{"replay-message", "--definitions", definitions, "--data", data}, args...), &out, &out); got != want {
			t.Fatalf("exit %d, want %d: %s", got, want, out.String())
		}
		return out.String()
	}
	if said := replay(exitGood, "m1"); !strings.Contains(said, "ignored by bulk is now lead by capture:1") || !strings.Contains(said, "--apply") {
		t.Errorf("said %s", said)
	}
	if said := replay(exitGood, "m1", "--apply"); !strings.Contains(said, "Done.") {
		t.Errorf("said %s", said)
	}
	if said := replay(exitGood, "m1", "--apply"); !strings.Contains(said, "Nothing changes.") {
		t.Errorf("said %s", said)
	}
	replay(exitInput, "m2")
}

func TestReconcileWithoutAServer(t *testing.T) {
	definitions, _ := mailFolder(t)
	var out bytes.Buffer
	if got := run(t.Context(), []string{"reconcile", "--definitions", definitions, "--data", t.TempDir()}, &out, &out); got != exitInput {
		t.Errorf("without data: exit %d: %s", got, out.String())
	}
}

func TestExportedGaps(t *testing.T) {
	for _, name := range []string{"gaps.csv", "gaps.json"} {
		file := filepath.Join(t.TempDir(), name)
		if err := exportGaps(file, nil); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".csv") {
			if !strings.HasPrefix(string(text), "company,mailbox,kind") {
				t.Errorf("%s: %s", name, text)
			}
		} else if !json.Valid(text) {
			t.Errorf("%s: %s", name, text)
		}
	}
}
