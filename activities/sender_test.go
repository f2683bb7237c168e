package activities

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/dealwright/dealwright/clock"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/store"
)

// A company with a key sends nothing unsigned: without the file its outbox is held and says why, and goes on once it is there.
func TestLettersAreSignedOrHeld(t *testing.T) {
	ctx := t.Context()
	server, err := smtptest.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	keyFile := filepath.Join(t.TempDir(), "dkim.pem")
	company := &definitions.Company{
		ID: "acme", Name: "Acme", From: definitions.Address{Name: "Acme", Email: "sales@acme.test"},
		Sending: definitions.Sending{DKIM: &definitions.DKIM{Domain: "acme.test", Selector: "s1", Key: definitions.FileSecret(keyFile)}},
	}
	a := &Activities{Store: storeWithNotice(ctx, t, company), Clock: clock.Real(), Log: slog.New(slog.DiscardHandler), Holder: "test"}
	s := &sender{
		a: a, company: company, name: "outbox/acme",
		smtp: outbox.NewSender(outbox.Account{Host: "127.0.0.1", Port: server.Port(), TLS: outbox.NoTLS}),
	}
	t.Cleanup(s.smtp.Close)

	if err := s.round(ctx); err != nil {
		t.Fatal(err)
	}
	held, err := a.Store.HeldAccounts(ctx)
	if err != nil || len(held) != 1 || !strings.Contains(held[0].Reason, "sending.dkim") || !strings.Contains(held[0].Reason, keyFile) {
		t.Fatalf("held %+v, %v, want one that names the key file", held, err)
	}
	if n := len(server.Messages()); n != 0 {
		t.Fatalf("%d letters went out unsigned", n)
	}

	public := writeKey(t, keyFile)
	if err := a.Store.ReleaseAccount(ctx, "acme"); err != nil {
		t.Fatal(err)
	}
	if err := s.round(ctx); err != nil {
		t.Fatal(err)
	}
	messages := server.Messages()
	if len(messages) != 1 {
		t.Fatalf("%d letters, want 1", len(messages))
	}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(messages[0].Raw), &dkim.VerifyOptions{LookupTXT: func(string) ([]string, error) {
		return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}, nil
	}})
	if err != nil || len(found) != 1 || found[0].Err != nil || found[0].Domain != "acme.test" {
		t.Errorf("signatures %+v, %v in\n%s", found, err, messages[0].Raw)
	}
}

// storeWithNotice is a new store with one notice in the company's outbox.
func storeWithNotice(ctx context.Context, t *testing.T, company *definitions.Company) *store.Store {
	t.Helper()
	s := newStore(t)
	mailbox := store.MailboxKey{Company: company.ID, ID: "sales"}
	if err := s.ConfigureMailboxes(ctx, company.ID, []store.MailboxConfig{{ID: "sales"}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	notice := (&Activities{}).staffMail(company, "notice-1", "anna@acme.test", "Новый лид", "Пришёл новый лид.\n")
	if err := s.Capture(ctx, mailbox, func(tx *store.CaptureTx) error { return tx.Enqueue([]store.OutboxRow{notice}) }); err != nil {
		t.Fatal(err)
	}
	return s
}

func writeKey(t *testing.T, file string) ed25519.PublicKey {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return public
}
