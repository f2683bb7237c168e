// Package outbox turns decided letters and notices into mail and hands them to an SMTP server.
//
// Compose renders a letter to MIME, Markdown renders its body, and Sender holds the conversation with
// the server and says for each letter what became of it.
package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
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

// Compose renders the letter as an RFC 5322 message with CRLF line ends. The same letter always gives the same bytes,
// but for one with HTML and attachments: the library takes one boundary for all levels of a message or draws one for each,
// and with two levels only the drawn ones keep the message readable.
func Compose(l Letter) ([]byte, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := setHeader(msg, l); err != nil {
		return nil, fmt.Errorf("compose letter %q: %w", l.MessageID, err)
	}
	if err := setBody(msg, l); err != nil {
		return nil, fmt.Errorf("compose letter %q: %w", l.MessageID, err)
	}
	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("compose letter %q: %w", l.MessageID, err)
	}
	return out.Bytes(), nil
}

// setHeader sets everything above the MIME fields. The library writes what it is given: that no value holds a line break
// or looks encoded when it is not is seen to here.
func setHeader(msg *mail.Msg, l Letter) error {
	id := bareID(l.MessageID)
	if id == "" || !strings.Contains(id, "@") {
		return fmt.Errorf("the Message-ID %q is not of the form <id@domain>: make it with MessageID", l.MessageID)
	}
	if l.Date.IsZero() {
		return errors.New("the letter has no date: set Date to the moment it was decided")
	}
	if err := setAddresses(msg, l); err != nil {
		return err
	}
	msg.SetDateWithValue(l.Date)
	msg.Subject(headerText(oneLine(l.Subject)))
	msg.SetMessageIDWithValue(id)
	if parent := bareID(l.InReplyTo); parent != "" {
		msg.SetGenHeader(mail.HeaderInReplyTo, "<"+parent+">")
	}
	if ids := threadIDs(l.References, l.InReplyTo); len(ids) > 0 {
		msg.SetGenHeader(mail.HeaderReferences, "<"+strings.Join(ids, "> <")+">")
	}
	if l.Auto {
		msg.SetGenHeader("Auto-Submitted", autoSubmitted(l))
		// Exchange asks for its own words; delivery failures (NDR) are left out of the list because we live by them.
		msg.SetGenHeader(mail.HeaderXAutoResponseSuppress, "DR, RN, NRN, OOF, AutoReply")
	}
	if l.ListUnsubscribe != "" {
		unsubscribe, err := unsubscribeURL(l.ListUnsubscribe)
		if err != nil {
			return err
		}
		// The library's own setters for these two write them in an order that changes from call to call.
		msg.SetGenHeader(mail.HeaderListUnsubscribe, "<"+unsubscribe+">")
		if strings.HasPrefix(unsubscribe, "https:") {
			msg.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
		}
	}
	msg.SetGenHeader(Header, headerVersion)
	return nil
}

func setAddresses(msg *mail.Msg, l Letter) error {
	from, err := l.From.headerAddress()
	if err != nil {
		return fmt.Errorf("the From address: %w", err)
	}
	msg.FromMailAddress(from)
	to, err := l.To.headerAddress()
	if err != nil {
		return fmt.Errorf("the To address: %w", err)
	}
	msg.ToMailAddress(to)
	if l.ReplyTo.Email == "" {
		return nil
	}
	replyTo, err := l.ReplyTo.headerAddress()
	if err != nil {
		return fmt.Errorf("the Reply-To address: %w", err)
	}
	msg.ReplyToMailAddress(replyTo)
	return nil
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
