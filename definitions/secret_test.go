package definitions

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretIsNeverShown(t *testing.T) {
	t.Setenv("SECRET_OF_THE_TEST", "hunter2")
	s := EnvSecret("SECRET_OF_THE_TEST")
	asJSON, err := json.Marshal(struct{ S Secret }{s})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{s.String(), fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s), fmt.Sprintf("%+v", Server{Password: s}), string(asJSON)} {
		if strings.Contains(shown, "hunter2") || strings.Contains(shown, "SECRET_OF_THE_TEST") {
			t.Errorf("shown as %s", shown)
		}
		if !strings.Contains(shown, "secret>") && !strings.Contains(shown, `secret\u003e`) {
			t.Errorf("shown as %s, want <secret>", shown)
		}
	}
}

func TestSecretResolves(t *testing.T) {
	dir := t.TempDir()
	file, empty := filepath.Join(dir, "password"), filepath.Join(dir, "empty")
	for name, content := range map[string]string{file: "from file\r\n", empty: "\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SECRET_OF_THE_TEST", "from env")
	t.Setenv("EMPTY_SECRET_OF_THE_TEST", "")
	tests := []struct {
		name   string
		secret Secret
		want   string
		fault  string
	}{
		{"none", Secret{}, "", ""},
		{"environment", EnvSecret("SECRET_OF_THE_TEST"), "from env", ""},
		{"file", FileSecret(file), "from file", ""},
		{"unset", EnvSecret("NO_SECRET_OF_THE_TEST"), "", "NO_SECRET_OF_THE_TEST is not set"},
		{"empty variable", EnvSecret("EMPTY_SECRET_OF_THE_TEST"), "", "is not set"},
		{"empty file", FileSecret(empty), "", "is empty"},
		{"no file", FileSecret(filepath.Join(dir, "none")), "", "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.secret.Resolve()
			if got != tt.want || (err != nil) != (tt.fault != "") || (err != nil && !strings.Contains(err.Error(), tt.fault)) {
				t.Errorf("Resolve() = %q, %v; want %q, %q", got, err, tt.want, tt.fault)
			}
		})
	}
}

// A server names every secret that it lacks at once.
func TestResolveSecretsNamesAll(t *testing.T) {
	c := &Company{
		ID:        "acme",
		Mailboxes: []Mailbox{{ID: "sales", IMAP: Server{Password: EnvSecret("NO_IMAP_OF_THE_TEST")}}, {ID: "free"}},
		SMTP:      &SMTP{Server{Password: EnvSecret("NO_SMTP_OF_THE_TEST")}},
		Sending:   Sending{DKIM: &DKIM{Key: FileSecret("no-key-of-the-test.pem")}},
	}
	faults := c.ResolveSecrets()
	if len(faults) != 3 || !strings.Contains(faults[0].Error(), `mailbox "sales"`) || !strings.Contains(faults[1].Error(), "NO_SMTP_OF_THE_TEST") || !strings.Contains(faults[2].Error(), "sending.dkim") {
		t.Errorf("faults = %v", faults)
	}
}
