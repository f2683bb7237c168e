// Package outbox turns decided letters and notices into mail and hands them to an SMTP server.
//
// Compose renders a letter to MIME, Markdown renders its body, and Sender holds the conversation with
// the server and says for each letter what became of it.
package outbox

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
)

// Header is the field that marks every letter of ours, so that a mailbox which receives a copy knows it again.
const Header = "X-Dealwright"

// headerVersion is the value of Header.
const headerVersion = "1"

// Letter is a message to a client or a notice to staff, ready to be composed.
type Letter struct {
	// MessageID is the letter's own id, as MessageID makes it; angle brackets may be missing.
	MessageID string
	From      Address
	To        Address
	// ReplyTo is left out of the letter when its Email is empty.
	ReplyTo Address
	Subject string
	// Text is required; HTML is the same letter as a web page, or empty.
	Text string
	HTML string
	// InReplyTo and References are ids of the thread; those that cannot stand in a header are dropped.
	InReplyTo  string
	References []string
	Date       time.Time
	// Auto marks a letter that no person wrote: an answer when InReplyTo is set, else a notice.
	Auto bool
	// ListUnsubscribe is an https or mailto address, or empty.
	ListUnsubscribe string
	Attachments     []Attachment
}

// Attachment is a file that goes with a letter.
type Attachment struct {
	Name  string
	Type  string // media type; application/octet-stream when empty
	Bytes []byte
}

// Compose renders the letter as an RFC 5322 message with CRLF line ends. The same letter always gives the same bytes.
func Compose(l Letter) ([]byte, error) {
	fields, err := headerFields(l)
	if err != nil {
		return nil, fmt.Errorf("compose letter %q: %w", l.MessageID, err)
	}
	var out bytes.Buffer
	if err := writeBody(&out, fields, l); err != nil {
		return nil, fmt.Errorf("compose letter %q: %w", l.MessageID, err)
	}
	return out.Bytes(), nil
}

// headerFields lists everything above the MIME fields.
func headerFields(l Letter) (message.Header, error) {
	var header message.Header
	id := bareID(l.MessageID)
	if id == "" || !strings.Contains(id, "@") {
		return header, fmt.Errorf("the Message-ID %q is not of the form <id@domain>: make it with MessageID", l.MessageID)
	}
	if l.Date.IsZero() {
		return header, fmt.Errorf("the letter has no date: set Date to the moment it was decided")
	}
	if strings.TrimSpace(l.Text) == "" {
		return header, fmt.Errorf("the letter has no text: every letter needs its plain text")
	}
	from, err := l.From.headerValue()
	if err != nil {
		return header, fmt.Errorf("the From address: %w", err)
	}
	to, err := l.To.headerValue()
	if err != nil {
		return header, fmt.Errorf("the To address: %w", err)
	}

	var list [][2]string
	add := func(key, value string) { list = append(list, [2]string{key, value}) }
	add("Date", l.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	add("From", from)
	add("To", to)
	if l.ReplyTo.Email != "" {
		replyTo, err := l.ReplyTo.headerValue()
		if err != nil {
			return header, fmt.Errorf("the Reply-To address: %w", err)
		}
		add("Reply-To", replyTo)
	}
	add("Subject", headerText(oneLine(l.Subject)))
	add("Message-ID", "<"+id+">")
	if parent := bareID(l.InReplyTo); parent != "" {
		add("In-Reply-To", "<"+parent+">")
	}
	if ids := threadIDs(l.References, l.InReplyTo); len(ids) > 0 {
		add("References", "<"+strings.Join(ids, "> <")+">")
	}
	if l.Auto {
		add("Auto-Submitted", autoSubmitted(l))
		// Exchange asks for its own words; delivery failures (NDR) are left out of the list because we live by them.
		add("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply")
	}
	if l.ListUnsubscribe != "" {
		unsubscribe, err := unsubscribeURL(l.ListUnsubscribe)
		if err != nil {
			return header, err
		}
		add("List-Unsubscribe", "<"+unsubscribe+">")
		if strings.HasPrefix(unsubscribe, "https:") {
			add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
		}
	}
	add(Header, headerVersion)
	add("MIME-Version", "1.0")

	// The library writes the field that was added last first.
	for _, field := range slices.Backward(list) {
		header.Add(field[0], field[1])
	}
	return header, nil
}

// autoSubmitted is the keyword of RFC 3834, section 5: an answer to somebody's message, or a message of its own.
func autoSubmitted(l Letter) string {
	if bareID(l.InReplyTo) != "" {
		return "auto-replied"
	}
	return "auto-generated"
}

func unsubscribeURL(address string) (string, error) {
	address = strings.TrimSuffix(strings.TrimPrefix(address, "<"), ">")
	if !strings.HasPrefix(address, "https:") && !strings.HasPrefix(address, "mailto:") {
		return "", fmt.Errorf("the List-Unsubscribe %q is neither an https nor a mailto address", address)
	}
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == ',' {
			return "", fmt.Errorf("the List-Unsubscribe %q holds a character that cannot stand in a header: escape it with %%", address)
		}
	}
	return address, nil
}
