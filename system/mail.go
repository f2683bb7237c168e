//go:build system

package system

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/template"

	"github.com/emersion/go-smtp"
)

// The account "nobody" of every Debian owns the mail: Postfix refuses to deliver as root or as itself.
const mailUID, mailGID = 65534, 65534

// Mail is a mail system of its own for one test: Postfix takes mail in and hands it to Dovecot, which keeps it. It is at
// home in .test, .example and example.com, refuses recipients nobody added with 550 5.1.1, and bounces mail to any other
// domain. AUTH is offered and not required. Its certificate holds for localhost, 127.0.0.1 and mail.test.
type Mail struct {
	t       testing.TB
	dovecot *dovecot
	postfix *postfix

	mu        sync.Mutex
	passwords map[string]string // by address in lower case
	answer    string            // to every RCPT, while it is not empty
}

// StartMail starts a Dovecot and a Postfix that end with the test.
func StartMail(t testing.TB) *Mail {
	t.Helper()
	return StartMailWithTokens(t, "")
}

// StartMailWithTokens starts them so that users may also log in by XOAUTH2; introspection is the address where the servers ask
// whether a token is good and whose it is.
func StartMailWithTokens(t testing.TB, introspection string) *Mail {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("Postfix starts as root only: run the system tests by make test")
	}
	// Not t.TempDir: its name has the test's in it, and the path of a Unix socket is at most 107 bytes long.
	dir, err := os.MkdirTemp("", "mail")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	// Postfix and Dovecot leave root, and then must still be able to pass through.
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}

	m := &Mail{t: t, passwords: map[string]string{}}
	mailboxes := serveLookups(t, func(key string) (string, bool) { return key, m.known(key) })
	access := serveLookups(t, func(string) (string, bool) { return m.refusal() })
	m.dovecot = newDovecot(t, filepath.Join(dir, "dovecot"), newCertificates(t, dir), introspection)
	m.postfix = newPostfix(t, filepath.Join(dir, "postfix"), mailboxes, access, m.dovecot)
	m.StartIMAP()
	m.StartSMTP()
	t.Cleanup(func() {
		m.StopSMTP()
		m.StopIMAP()
		if t.Failed() {
			t.Logf("Dovecot:\n%s\nPostfix:\n%s", &m.dovecot.output, m.postfix.log())
		}
	})
	return m
}

// Drain waits until Postfix has handed over all mail that it took.
func (m *Mail) Drain() {
	m.t.Helper()
	m.postfix.drain(m.t)
}

// AddUser opens a mailbox for an address; the address is also the name to log in by, over IMAP and SMTP.
func (m *Mail) AddUser(addr, password string) {
	m.t.Helper()
	if err := m.dovecot.addUser(addr, password); err != nil {
		m.t.Fatalf("add the user %s: %v", addr, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.passwords[strings.ToLower(addr)] = password
}

// SMTPAddr is where mail is taken in, with tls as in a company's file: "none", "starttls" or "implicit".
func (m *Mail) SMTPAddr(tls string) string {
	if tls == "implicit" {
		return address(m.postfix.TLS)
	}
	return address(m.postfix.Plain)
}

// IMAPAddr is where mail is read, with tls as in a company's file: "none", "starttls" or "implicit".
func (m *Mail) IMAPAddr(tls string) string {
	if tls == "implicit" {
		return address(m.dovecot.TLS)
	}
	return address(m.dovecot.Plain)
}

// CAFile is the certificate of the authority behind both servers: a program trusts it by SSL_CERT_FILE.
func (m *Mail) CAFile() string { return m.dovecot.Certificate.Authority }

// StopIMAP ends the IMAP server and all of its connections; mail goes on being accepted and waits in Postfix's queue.
func (m *Mail) StopIMAP() { m.t.Helper(); m.dovecot.stop(m.t) }

// StartIMAP starts the IMAP server again on the same ports and the same mail.
func (m *Mail) StartIMAP() { m.t.Helper(); m.dovecot.start(m.t) }

// StopSMTP ends the SMTP server; its queue is kept.
func (m *Mail) StopSMTP() { m.t.Helper(); m.postfix.stop(m.t) }

// StartSMTP starts the SMTP server again on the same ports and the same queue.
func (m *Mail) StartSMTP() { m.t.Helper(); m.postfix.start(m.t) }

// Answer lets the SMTP server answer every recipient with the given reply, such as "451 4.3.0 come back later", until it
// is called with an empty one.
func (m *Mail) Answer(reply string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer = reply
}

// Deliver hands a raw message to the SMTP server and returns its refusal, a *smtp.SMTPError, if there is one.
func (m *Mail) Deliver(from, to string, raw []byte) error {
	client, err := smtp.Dial(m.SMTPAddr("none"))
	if err != nil {
		return fmt.Errorf("deliver to %s: %w", to, err)
	}
	defer func() { _ = client.Close() }()
	if err := client.SendMail(from, []string{to}, bytes.NewReader(raw)); err != nil {
		return fmt.Errorf("deliver to %s: %w", to, err)
	}
	return client.Quit()
}

func (m *Mail) known(addr string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.passwords[addr]
	return ok
}

func (m *Mail) refusal() (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answer, m.answer != ""
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// installed finds a program of Debian.
func installed(t testing.TB, name string) string {
	t.Helper()
	for _, dir := range []string{"/usr/sbin", "/usr/bin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	t.Fatalf("%s is not installed: run scripts/debian.sh", name)
	return ""
}

func writeConfiguration(t testing.TB, path string, from *template.Template, data any) {
	t.Helper()
	var text bytes.Buffer
	if err := from.Execute(&text, data); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
