package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/demo"
	"github.com/dealwright/dealwright/outbox/smtptest"
)

// shop is the company of these tests: six stages, a task and at most one
// letter in each, always open.
var shop = map[string]string{
	"company.yaml": `company: shop
name: Shop
language: en
timezone: UTC
country: GB
team:
  rep:     {members: [a@shop.test, b@shop.test], assign: round_robin}
  manager: {members: [m@shop.test]}
mailboxes:
  - id: sales
    imap: {host: localhost, port: 1, tls: none, username: sales, password: "${SHOP_PASSWORD}"}
    process: sales
    since: 2020-01-01
smtp: {host: localhost, port: 1, tls: none}
from: Shop <sales@shop.test>
`,
	"processes/sales.yaml": `process: sales
defaults: {owner: rep, timeout: 5d, escalation: ladder}
escalations:
  ladder: [{after: 0m, notify: manager}]
stages:
  - id: one
    tasks: [{id: t1, name: First, required: true}]
    sequence: {steps: [{after: 0m, send: hello}]}
    next: [{to: two, on: tasks_done}]
  - id: two
    tasks: [{id: t2, name: Second, required: true}]
    sequence: {steps: [{after: 0m, send: again}]}
    next: [{to: three, on: tasks_done}]
  - id: three
    tasks: [{id: t3, name: Third, required: true}]
    sequence: {steps: [{after: 0m, send: more}]}
    next: [{to: four, on: tasks_done}]
  - id: four
    tasks: [{id: t4, name: Fourth, required: true}]
    next: [{to: five, on: tasks_done}]
  - id: five
    tasks: [{id: t5, name: Fifth, required: true}]
    next: [{to: six, on: tasks_done}]
  - id: six
    tasks: [{id: t6, name: Sixth, required: true}]
    next: [{to: won, on: tasks_done}]
lost_reasons: {no_response: No response}
`,
	"letters/hello.md": "---\nsubject: We got it\n---\nHello {{.Contact.Name}}, thank you for *{{.Lead.Subject}}*.\n",
	"letters/again.md": "---\nsubject: Some more\n---\nHello again.\n",
	"letters/more.md":  "---\nsubject: And more\n---\nHello once more.\n",
}

// stand is a running app with its mailbox and receiver, all in this process.
type stand struct {
	*app
	box      *demo.Mailbox
	receiver *smtptest.Server
}

// newStand sets everything up but the worker. The mailbox and the receiver
// are the demonstration's.
func newStand(t testing.TB, speed float64) *stand {
	t.Helper()
	dir := t.TempDir()
	for name, text := range shop {
		path := filepath.Join(dir, "shop", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SHOP_PASSWORD", "secret")
	box, err := demo.StartMailbox("sales", "secret")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	receiver, err := smtptest.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(receiver.Close)
	a := &app{settings: settings{definitions: dir, data: filepath.Join(t.TempDir(), "data"), speed: speed}, logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))}
	if err := a.load(io.Discard); err != nil {
		t.Fatal(err)
	}
	a.companies[0].Mailboxes[0].IMAP.Host, a.companies[0].Mailboxes[0].IMAP.Port = "127.0.0.1", box.Port()
	a.companies[0].SMTP = &definitions.SMTP{Server: definitions.Server{Host: "127.0.0.1", Port: receiver.Port(), TLS: "none"}}
	t.Cleanup(a.close)
	return &stand{a, box, receiver}
}

func (s *stand) start(t testing.TB) {
	t.Helper()
	if _, err := s.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.startWorker(t.Context(), true); err != nil {
		t.Fatal(err)
	}
}

func (s *stand) lead(t testing.TB, i int) {
	t.Helper()
	raw := fmt.Sprintf("From: Client %d <client%d@client.test>\r\nTo: sales@shop.test\r\nSubject: Enquiry %d\r\nMessage-ID: <%d@client.test>\r\n"+
		"Date: Mon, 02 Mar 2026 10:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nI want number %d.\r\n", i, i, i, i, i)
	if err := s.box.Deliver([]byte(raw)); err != nil {
		t.Fatal(err)
	}
}

// await waits for a condition of the outside world.
func await(t testing.TB, within time.Duration, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %s", what, within)
		case <-tick.C:
		}
	}
}
