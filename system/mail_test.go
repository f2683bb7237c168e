//go:build system

package system_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/dealwright/dealwright/system"
)

func letter(from, to, subject string) []byte {
	return fmt.Appendf(nil, "From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@client.test>\r\n\r\nHello\r\n",
		from, to, subject, strings.ReplaceAll(subject, " ", "-"))
}

func trust(t *testing.T, m *system.Mail) *tls.Config {
	t.Helper()
	authority, err := os.ReadFile(m.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		t.Fatalf("%s holds no certificate", m.CAFile())
	}
	return &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
}

func TestMailFromSMTPLandsInIMAP(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	m.AddUser("sales@crm.test", "secret")
	m.AddUser("client@client.test", "secret")
	if got := m.Inbox("sales@crm.test"); len(got) != 0 {
		t.Fatalf("a new mailbox holds %d messages", len(got))
	}

	if err := m.Deliver("client@client.test", "sales@crm.test", letter("client@client.test", "sales@crm.test", "A kitchen")); err != nil {
		t.Fatal(err)
	}
	inbox := m.AwaitInbox("sales@crm.test", 1, 30*time.Second)
	if got := inbox[0].Header.Get("Subject"); len(inbox) != 1 || got != "A kitchen" {
		t.Errorf("%d messages, the first with the subject %q; want one, A kitchen", len(inbox), got)
	}
	if from, err := mail.ParseAddress(inbox[0].Header.Get("Return-Path")); err != nil || from.Address != "client@client.test" {
		t.Errorf("Return-Path is %q, want the envelope's sender", inbox[0].Header.Get("Return-Path"))
	}
}

func TestSMTPRefusesAndBounces(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	m.AddUser("sales@crm.test", "secret")
	send := func(to string) error {
		return m.Deliver("sales@crm.test", to, letter("sales@crm.test", to, "An offer"))
	}

	var refusal *smtp.SMTPError
	if err := send("nobody@client.test"); !errors.As(err, &refusal) || refusal.Code != 550 || refusal.EnhancedCode != (smtp.EnhancedCode{5, 1, 1}) {
		t.Errorf("an unknown user is answered with %v, want 550 5.1.1", err)
	}
	m.Answer("451 4.3.0 come back later")
	if err := send("sales@crm.test"); !errors.As(err, &refusal) || refusal.Code != 451 {
		t.Errorf("while recipients are put off, the answer is %v, want 451", err)
	}
	m.Answer("")
	if err := send("sales@crm.test"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if err := send("someone@elsewhere.invalid"); err != nil {
		t.Errorf("a foreign domain: %v, want it accepted and bounced", err)
	}
	var bounces int
	for _, message := range m.AwaitInbox("sales@crm.test", 2, 30*time.Second) {
		if bytes.Contains(message.Raw, []byte("report-type=delivery-status")) && message.Header.Get("Return-Path") == "<>" {
			bounces++
		}
	}
	if bounces != 1 {
		t.Errorf("%d delivery status notifications in the sender's inbox, want 1", bounces)
	}
}

func TestIMAPOverEachKindOfTLS(t *testing.T) {
	m := system.StartMail(t)
	m.AddUser("sales@crm.test", "secret")
	options := &imapclient.Options{TLSConfig: trust(t, m)}
	for name, dial := range map[string]func(string, *imapclient.Options) (*imapclient.Client, error){
		"none": imapclient.DialInsecure, "starttls": imapclient.DialStartTLS, "implicit": imapclient.DialTLS,
	} {
		t.Run(name, func(t *testing.T) {
			client, err := dial(m.IMAPAddr(name), options)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = client.Close() }()
			if err := client.Login("sales@crm.test", "wrong").Wait(); err == nil {
				t.Error("a wrong password is let in")
			}
			if err := client.Login("sales@crm.test", "secret").Wait(); err != nil {
				t.Fatal(err)
			}
			for _, capability := range []imap.Cap{imap.CapIdle, imap.CapMove, imap.CapUIDPlus} {
				if !client.Caps().Has(capability) {
					t.Errorf("no %s", capability)
				}
			}
		})
	}
}

func TestSMTPOverEachKindOfTLS(t *testing.T) {
	m := system.StartMail(t)
	m.AddUser("sales@crm.test", "secret")
	config := trust(t, m)
	for name, dial := range map[string]func(string) (*smtp.Client, error){
		"none":     smtp.Dial,
		"starttls": func(addr string) (*smtp.Client, error) { return smtp.DialStartTLS(addr, config) },
		"implicit": func(addr string) (*smtp.Client, error) { return smtp.DialTLS(addr, config) },
	} {
		t.Run(name, func(t *testing.T) {
			login := func(password string) error {
				client, err := dial(m.SMTPAddr(name))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = client.Close() }()
				return client.Auth(sasl.NewPlainClient("", "sales@crm.test", password))
			}
			if err := login("wrong"); err == nil {
				t.Error("a wrong password is let in")
			}
			if err := login("secret"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestIdleHearsOfNewMail(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	m.AddUser("sales@crm.test", "secret")
	heard := make(chan uint32, 10)
	client, err := imapclient.DialInsecure(m.IMAPAddr("none"), &imapclient.Options{
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				heard <- *data.NumMessages
			}
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if err := client.Login("sales@crm.test", "secret").Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Idle(); err != nil {
		t.Fatal(err)
	}
	if err := m.Deliver("a@client.test", "sales@crm.test", letter("a@client.test", "sales@crm.test", "News")); err != nil {
		t.Fatal(err)
	}
	select {
	case count := <-heard:
		if count != 1 {
			t.Errorf("IDLE tells of %d messages, want 1", count)
		}
	case <-time.After(15 * time.Second):
		t.Error("IDLE stayed silent")
	}
}

func TestServersStopAndStart(t *testing.T) {
	t.Parallel()
	m := system.StartMail(t)
	m.AddUser("sales@crm.test", "secret")
	m.StopIMAP()
	if _, err := imapclient.DialInsecure(m.IMAPAddr("none"), nil); err == nil {
		t.Error("the IMAP server answers after StopIMAP")
	}
	if err := m.Deliver("a@client.test", "sales@crm.test", letter("a@client.test", "sales@crm.test", "While away")); err != nil {
		t.Errorf("while IMAP is down, Postfix queues: %v", err)
	}
	m.StopSMTP()
	if _, err := smtp.Dial(m.SMTPAddr("none")); err == nil {
		t.Error("the SMTP server answers after StopSMTP")
	}
	m.StartIMAP()
	m.StartSMTP()
	inbox := m.AwaitInbox("sales@crm.test", 1, 20*time.Second)
	if got := inbox[0].Header.Get("Subject"); got != "While away" {
		t.Errorf("the queue delivered %q, want While away", got)
	}
}
