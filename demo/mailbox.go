// Package demo is what the demonstration plays the outside world with: a
// mailbox, a mail receiver and clients who write. None of it is for real use.
package demo

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// Mailbox is an IMAP server in this process with one user and one INBOX, kept
// in memory.
type Mailbox struct {
	listener net.Listener
	server   *imapserver.Server
	user     *imapmemserver.User
	mu       sync.Mutex
}

// StartMailbox serves on a free loopback port.
func StartMailbox(username, password string) (*Mailbox, error) {
	memory := imapmemserver.New()
	user := imapmemserver.NewUser(username, password)
	if err := user.Create("INBOX", nil); err != nil {
		return nil, fmt.Errorf("demo mailbox: %w", err)
	}
	memory.AddUser(user)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("demo mailbox: %w", err)
	}
	m := &Mailbox{listener: listener, user: user}
	m.server = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}},
		InsecureAuth: true,
		Logger:       log.New(io.Discard, "", 0),
	})
	go func() { _ = m.server.Serve(listener) }() // ends with Close
	return m, nil
}

// Port is where the mailbox is served.
func (m *Mailbox) Port() int { return m.listener.Addr().(*net.TCPAddr).Port }

// Deliver puts a message into the INBOX.
func (m *Mailbox) Deliver(raw []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	literal := &literal{Reader: bytes.NewReader(raw), size: int64(len(raw))}
	if _, err := m.user.Append("INBOX", literal, &imap.AppendOptions{Time: time.Now()}); err != nil {
		return fmt.Errorf("demo mailbox: %w", err)
	}
	return nil
}

// Close ends the server and its connections.
func (m *Mailbox) Close() error { return m.server.Close() }

type literal struct {
	io.Reader
	size int64
}

func (l *literal) Size() int64 { return l.size }
