package inbox

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// ErrNotMail is returned for bytes in which no header of a mail can be found.
var ErrNotMail = errors.New("not a mail: no From, To, Subject, Date, Message-ID or Received header was found; keep the raw bytes and look at them by hand")

// Parse reads a raw message. It fails only when the bytes are no mail at all; of a broken one it reads what can be read.
// The Message keeps slices of raw, which must not be changed afterwards.
func Parse(raw []byte) (*Message, error) { return parse(raw, 0) }

func parse(raw []byte, nesting int) (*Message, error) {
	original := raw
	if !bytes.Contains(raw, []byte("\n")) {
		raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	}
	if bytes.HasPrefix(raw, []byte("\xff\xfe")) || bytes.HasPrefix(raw, []byte("\xfe\xff")) {
		text, _ := decodeByMark(raw) // saved by a program that writes everything so
		raw = []byte(text)
	}
	raw = bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), "\r\n")
	fields, body := splitHeader(raw)
	if !isMail(fields) {
		return nil, ErrNotMail
	}
	root, truncated := parseTree(fields, wholeEncoded(fields, body))
	m := &Message{Size: len(original), Truncated: truncated}
	b := builder{message: m, nesting: nesting, root: root}
	b.charset = charsetOf(root, 0)
	b.readHeader(fields)
	m.ContentType = root.kind
	m.ReportType = strings.ToLower(root.params["report-type"])
	b.readPart(root, false)
	b.finish()
	m.BytesHash = hashBytes(original)
	m.ContentHash = contentHash(m, b.attachmentSums)
	return m, nil
}

func isMail(fields []field) bool {
	for _, f := range fields {
		if knownField(f.name) && (f.name != "Content-Type" && f.name != "Content-Transfer-Encoding") {
			return true
		}
	}
	return false
}

// charsetOf finds the charset that the first text part declares: raw eight-bit headers were written in it.
func charsetOf(node *part, depth int) string {
	if c := node.params["charset"]; c != "" && strings.HasPrefix(node.kind, "text/") {
		return c
	}
	for _, child := range node.children {
		if c := charsetOf(child, depth+1); c != "" {
			return c
		}
	}
	return ""
}

// builder fills a Message from a MIME tree.
type builder struct {
	message *Message
	root    *part
	nesting int
	charset string

	plain, html    []string
	textSize       int
	attachmentSums []string
}

func (b *builder) readHeader(fields []field) {
	m := b.message
	m.Headers = make(Header, len(fields))
	total := 0
	for _, f := range fields {
		value := oneLine(decodeHeader(f.value, b.charset))
		if total += len(value); total > 2<<20 {
			m.Truncated = true
			break
		}
		m.Headers[f.name] = append(m.Headers[f.name], value)
	}
	addresses := func(name string) []Address {
		var list []Address
		for _, f := range fields {
			if f.name == name && len(list) < maxAddresses {
				list = append(list, parseAddresses(headerBytes(f.value, b.charset))...)
			}
		}
		return list
	}
	m.From = firstAddress(addresses("From"))
	m.Sender = firstAddress(addresses("Sender"))
	m.replyTos = addresses("Reply-To")
	m.ReplyTo = firstAddress(m.replyTos)
	m.To, m.Cc = addresses("To"), addresses("Cc")
	m.Subject = clip(m.Headers.Get("Subject"), maxSubject)
	m.MessageIDRaw = clip(m.Headers.Get("Message-Id"), maxSubject)
	m.MessageID = normalID(m.MessageIDRaw)
	m.InReplyTo = messageIDs(strings.Join(m.Headers.Values("In-Reply-To"), " "))
	m.References = messageIDs(strings.Join(m.Headers.Values("References"), " "))
	m.ListID = m.Headers.Get("List-Id")
	m.ListUnsubscribe = m.Headers.Get("List-Unsubscribe")
	m.Date = parseDate(m.Headers.Get("Date"))
	if path := m.Headers.Values("Return-Path"); len(path) > 0 {
		inner := strings.Trim(path[0], " <>\"")
		m.NullReturnPath = inner == ""
		m.ReturnPath = normalEmail(inner)
	}
}

// firstAddress prefers an entry with an address over a bare name.
func firstAddress(list []Address) Address {
	for _, a := range list {
		if a.Email != "" {
			return a
		}
	}
	if len(list) > 0 {
		return list[0]
	}
	return Address{}
}

// normalID puts a well-formed id into angle brackets; a malformed one stays as it is written.
func normalID(raw string) string {
	if ids := messageIDs(raw); len(ids) > 0 {
		return ids[0]
	}
	bare := strings.Trim(raw, " <>")
	if strings.Count(bare, "@") == 1 && !strings.ContainsAny(bare, " \t") {
		return "<" + bare + ">"
	}
	return strings.TrimSpace(raw)
}

const maxReferences = 200

// messageIDs reads the ids of a References or In-Reply-To header: what stands in angle brackets, or, where there are
// none, every word with an @. Of a very long list the last ones count.
func messageIDs(value string) []string {
	var ids []string
	rest := value
	for {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			break
		}
		id, tail, ok := strings.Cut(after, ">")
		if !ok {
			break
		}
		rest = tail
		id = strings.Join(strings.Fields(id), "") // folding leaves blanks inside
		if id != "" && len(id) < 1000 {
			ids = append(ids, "<"+id+">")
		}
	}
	if len(ids) == 0 {
		for word := range strings.FieldsSeq(value) {
			if strings.Count(word, "@") == 1 && !strings.ContainsAny(word, `<>",()`) && !strings.HasPrefix(word, "@") && len(strings.Fields(value)) < 20 {
				ids = append(ids, "<"+word+">")
			}
		}
	}
	return ids[max(0, len(ids)-maxReferences):]
}

// parseDate reads a Date header; zero when it names no moment or one that no mail can come from.
func parseDate(value string) time.Time {
	t, err := mail.ParseDate(value)
	if err != nil {
		if cut := strings.IndexByte(value, '('); cut > 0 {
			t, err = mail.ParseDate(strings.TrimSpace(value[:cut]))
		}
	}
	if err != nil || t.Year() < 1980 || t.Year() > 2200 {
		return time.Time{}
	}
	return t
}

// nestedMessage reads a message inside the message; nil when it is none or lies too deep.
func (b *builder) nestedMessage(data []byte) (*Message, error) {
	if b.nesting >= maxNested {
		return nil, fmt.Errorf("message within message: more than %d levels", maxNested)
	}
	return parse(data, b.nesting+1)
}
