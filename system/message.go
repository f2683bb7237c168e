//go:build system

package system

import (
	"bytes"
	"fmt"
	"net/mail"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Message is a message as it lies in a mailbox.
type Message struct {
	UID    uint32
	Raw    []byte
	Header mail.Header
}

// Inbox reads every message of a user's INBOX over IMAP, oldest first.
func (m *Mail) Inbox(addr string) []Message {
	m.t.Helper()
	messages, err := m.inbox(addr)
	if err != nil {
		m.t.Fatalf("read the inbox of %s: %v", addr, err)
	}
	return messages
}

// AwaitInbox waits until a user's INBOX holds at least count messages and returns them.
func (m *Mail) AwaitInbox(addr string, count int, within time.Duration) []Message {
	m.t.Helper()
	var messages []Message
	Eventually(m.t, within, func() (err error) {
		messages, err = m.inbox(addr)
		if err == nil && len(messages) < count {
			err = fmt.Errorf("the inbox of %s holds %d messages, want %d", addr, len(messages), count)
		}
		return err
	})
	return messages
}

func (m *Mail) inbox(addr string) ([]Message, error) {
	m.mu.Lock()
	password := m.passwords[addr]
	m.mu.Unlock()
	client, err := imapclient.DialInsecure(m.IMAPAddr("none"), nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = client.Close() }()
	if err := client.Login(addr, password).Wait(); err != nil {
		return nil, err
	}
	selected, err := client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil || selected.NumMessages == 0 {
		return nil, err
	}
	body := &imap.FetchItemBodySection{Peek: true}
	fetched, err := client.Fetch(imap.SeqSet{{Start: 1, Stop: selected.NumMessages}}, &imap.FetchOptions{
		UID: true, BodySection: []*imap.FetchItemBodySection{body},
	}).Collect()
	if err != nil {
		return nil, err
	}
	messages := make([]Message, 0, len(fetched))
	for _, item := range fetched {
		message := Message{UID: uint32(item.UID), Raw: item.FindBodySection(body)}
		// A message without a readable header is still a message.
		if parsed, err := mail.ReadMessage(bytes.NewReader(message.Raw)); err == nil {
			message.Header = parsed.Header
		}
		messages = append(messages, message)
	}
	return messages, client.Logout().Wait()
}

// Place puts a message into a user's INBOX behind the servers' backs, whether they run or not, byte for byte: what no SMTP
// server would take, or what another server delivered while this one was away. Messages are read in the order they are placed.
func (m *Mail) Place(addr string, raw []byte) {
	m.t.Helper()
	m.PlaceAt(addr, time.Now(), raw)
}

// PlaceAt does so with messages that arrived at a moment.
func (m *Mail) PlaceAt(addr string, at time.Time, messages ...[]byte) {
	m.t.Helper()
	if err := m.dovecot.place(addr, at, messages...); err != nil {
		m.t.Fatalf("place a message for %s: %v", addr, err)
	}
}
