package imap_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"

	"github.com/dealwright/dealwright/inbox/imap"
)

func TestFaultsAreNamed(t *testing.T) {
	var login *imap.LoginError
	var folder *imap.FolderError
	var connect *imap.ConnectError
	_, pool := certificate(t)
	cases := []struct {
		name   string
		setup  setup
		change func(*imap.Account)
		kind   any
		text   string
	}{
		{"wrong password", setup{}, func(a *imap.Account) {
			a.Password = func(context.Context) (string, error) { return "guess", nil }
		}, &login, "login refused: imap: NO [AUTHENTICATIONFAILED]"},
		{"no secret", setup{}, func(a *imap.Account) { a.Password = nil }, &login, "neither a password nor a token"},
		{"secret unreadable", setup{}, func(a *imap.Account) {
			a.Password = func(context.Context) (string, error) { return "", os.ErrNotExist }
		}, nil, "get the password: file does not exist"},
		{"no such folder", setup{}, func(a *imap.Account) { a.Folder = "Leads" }, &folder, `cannot open folder "Leads": imap: NO`},
		{"nobody listens", setup{}, func(a *imap.Account) { a.Port = freePort(t) }, &connect, "connection refused"},
		{"STARTTLS not offered", setup{}, func(a *imap.Account) { a.TLS = imap.StartTLS }, &connect, "cannot connect"},
		{"not TLS at all", setup{}, func(a *imap.Account) { a.TLS = imap.ImplicitTLS }, &connect, "TLS handshake"},
		{"certificate of nobody we know", setup{tls: imap.ImplicitTLS}, func(a *imap.Account) { a.TLS = imap.ImplicitTLS }, &connect, "certificate"},
		{"certificate for another host", setup{tls: imap.StartTLS}, func(a *imap.Account) {
			a.TLS, a.Host, a.RootCAs = imap.StartTLS, "localhost", pool
		}, &connect, "certificate is valid for"},
		{"tls misspelt", setup{}, func(a *imap.Account) { a.TLS = "ssl" }, &connect, `"ssl" is not known`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			account := start(t, c.setup).account()
			c.change(&account)
			err := imap.NewReader(account).Watch(t.Context(), imap.Cursor{}, imap.Options{}, func(context.Context, imap.Batch) error { return errEnough })
			if err == nil || !strings.Contains(err.Error(), c.text) || !strings.Contains(err.Error(), fmt.Sprintf("mailbox sales@%s:%d: ", account.Host, account.Port)) {
				t.Fatalf("got %v, want the mailbox and %q", err, c.text)
			}
			if c.kind != nil && !errors.As(err, c.kind) {
				t.Errorf("%T is not a %T", err, c.kind)
			}
		})
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// bearer offers XOAUTH2 as the big providers do: a wrong token gets a challenge with the reason.
type bearer struct {
	imapserver.SessionIMAP4rev2
}

func (b bearer) AuthenticateMechanisms() []string { return []string{"XOAUTH2"} }

func (b bearer) Authenticate(string) (sasl.Server, error) {
	return &bearerServer{b.SessionIMAP4rev2, false}, nil
}

type bearerServer struct {
	session imapserver.Session
	refused bool
}

func (b *bearerServer) Next(response []byte) ([]byte, bool, error) {
	if string(response) != "user=sales\x01auth=Bearer good\x01\x01" {
		b.refused = true
		return []byte(`{"status":"400"}`), false, nil
	}
	return nil, true, b.session.Login("sales", "secret")
}

func TestTokenLogin(t *testing.T) {
	s := start(t, setup{
		caps:    revision1(goimap.CapSASLIR),
		session: func(session imapserver.SessionIMAP4rev2) imapserver.Session { return bearer{session} },
	})
	s.deliver("INBOX", 1, 1, 500)
	account := s.account()
	var stale []string
	account.Token = func(_ context.Context, refused string) (string, error) {
		stale = append(stale, refused)
		return "good", nil
	}
	same(t, "uids", uids(readAll(t, imap.NewReader(account), imap.Cursor{}, imap.Options{})...), []uint32{1})
	same(t, "asked", stale, []string{""})
}

// A token may be withdrawn before its time: one that is refused is replaced once, and then a person has to look.
func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	s := start(t, setup{
		caps:    revision1(goimap.CapSASLIR),
		session: func(session imapserver.SessionIMAP4rev2) imapserver.Session { return bearer{session} },
	})
	s.deliver("INBOX", 1, 1, 500)
	account := s.account()
	var stale []string
	tokens := []string{"withdrawn", "good"}
	account.Token = func(_ context.Context, refused string) (string, error) {
		stale = append(stale, refused)
		return tokens[min(len(stale), len(tokens))-1], nil
	}
	same(t, "uids", uids(readAll(t, imap.NewReader(account), imap.Cursor{}, imap.Options{})...), []uint32{1})
	same(t, "asked", stale, []string{"", "withdrawn"})

	stale, tokens = nil, []string{"bad"}
	err := imap.NewReader(account).Watch(t.Context(), imap.Cursor{}, imap.Options{}, func(context.Context, imap.Batch) error { return errEnough })
	var refused *imap.LoginError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), `status\":\"400`) {
		t.Errorf("got %v", err)
	}
	same(t, "asked", stale, []string{"", "bad"})
}
