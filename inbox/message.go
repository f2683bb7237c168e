package inbox

import (
	"net/textproto"
	"time"
)

// Address is one mailbox of a header: a display name, decoded and without control characters, and a bare address in
// lower case. Either may be empty.
type Address struct {
	Name  string
	Email string
}

// Header holds decoded header values by canonical name, in the order in which they stand in the message.
type Header map[string][]string

// Get returns the first value of a header, or nothing.
func (h Header) Get(name string) string {
	if v := h[textproto.CanonicalMIMEHeaderKey(name)]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Values returns all values of a header.
func (h Header) Values(name string) []string { return h[textproto.CanonicalMIMEHeaderKey(name)] }

// Has tells whether the header is there, be it empty.
func (h Header) Has(name string) bool { return len(h.Values(name)) > 0 }

// Message is a mail as a person would read it. Every string is valid UTF-8 without control characters but tab and
// newline, and in headers without those either.
type Message struct {
	MessageID    string   // <id@host>; as written when it is malformed; empty when there is none
	MessageIDRaw string   // as written, for display and for the ledger
	InReplyTo    []string // ids, each in angle brackets
	References   []string // ids, oldest first

	From, ReplyTo, Sender Address
	To, Cc                []Address

	ReturnPath     string // envelope sender in lower case, where the server noted it
	NullReturnPath bool   // the envelope sender was <>: nobody wants an answer

	Subject string
	Date    time.Time // zero when unreadable

	Text        string // the best readable plain text
	HTML        string // the first HTML body, decoded
	Attachments []Attachment
	Headers     Header
	ContentType string // of the whole, in lower case, without parameters
	ReportType  string // report-type of a multipart/report, in lower case

	ListID          string
	ListUnsubscribe string

	Size        int
	Truncated   bool       // a limit cut something off; the raw message has it
	ContentHash string     // of sender, subject, normalised body and attachments
	BytesHash   string     // of the raw bytes
	Nested      []*Message // of message/rfc822 parts

	replyTos []Address
	parts    []reportPart // machine-readable parts of reports and invitations
	htmlText string       // the text of HTML, computed where Text comes from text/plain
}

// reportPart is a part that is written for programs: a delivery status, returned headers, an invitation.
type reportPart struct {
	kind   string // media type
	method string // of an invitation
	body   string
}

// Attachment is a part that is not the letter itself. Its bytes are decoded when asked for.
type Attachment struct {
	Name      string
	Type      string
	Size      int // decoded, in bytes
	ContentID string
	Inline    bool

	encoding string
	raw      []byte
}

// Data returns the decoded bytes. They are decoded anew at every call.
func (a Attachment) Data() []byte { return decodeTransfer(a.raw, a.encoding) }
