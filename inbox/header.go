package inbox

import (
	"bytes"
	"net/textproto"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits that keep a hostile message from costing more than a large honest one.
const (
	maxHeaderFields = 4000
	maxHeaderValue  = 256 << 10
	maxAddresses    = 500
	maxAddressList  = 64 << 10
	maxSubject      = 2000 // characters
	maxName         = 300  // characters
)

// field is one header line, unfolded and not yet decoded.
type field struct {
	name  string // canonical
	value []byte
}

// splitHeader reads the header block at the start of raw and returns the fields and the rest. A line that is no header
// is passed over when headers follow it before the blank line; otherwise the body starts there.
func splitHeader(raw []byte) (fields []field, body []byte) {
	rest := raw
	for len(rest) > 0 {
		line, after := cutLine(rest)
		if len(bytes.TrimSpace(line)) == 0 {
			if len(line) == 0 || !headersFollow(after) {
				return fields, after
			}
			rest = after // a folded line of blanks is none that ends the header
			continue
		}
		if (line[0] == ' ' || line[0] == '\t') && len(fields) > 0 {
			last := &fields[len(fields)-1]
			if len(last.value) < maxHeaderValue {
				last.value = append(append(last.value, ' '), bytes.TrimSpace(line)...)
			}
			rest = after
			continue
		}
		name, value, ok := headerLine(line)
		switch {
		case ok && len(fields) < maxHeaderFields:
			fields = append(fields, field{name, bytes.Clone(bytes.TrimSpace(value))})
		case ok || bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From ")):
			// Over the limit, or the separator of an mbox file.
		case !headersFollow(after):
			return fields, rest
		}
		rest = after
	}
	return fields, nil
}

func cutLine(raw []byte) (line, rest []byte) {
	before, after, ok := bytes.Cut(raw, []byte{'\n'})
	if !ok {
		return bytes.TrimRight(raw, "\r"), nil
	}
	return bytes.TrimRight(before, "\r"), after
}

func headerLine(line []byte) (name string, value []byte, ok bool) {
	i := bytes.IndexByte(line, ':')
	if i <= 0 || i > 200 {
		return "", nil, false
	}
	key := bytes.TrimRight(line[:i], " \t")
	for _, c := range key {
		if c <= ' ' || c >= 0x7f {
			return "", nil, false
		}
	}
	if len(key) == 0 {
		return "", nil, false
	}
	return textproto.CanonicalMIMEHeaderKey(string(key)), line[i+1:], true
}

// headersFollow looks a few lines ahead for a field that only a header has.
func headersFollow(rest []byte) bool {
	for range 5 {
		line, after := cutLine(rest)
		if len(bytes.TrimSpace(line)) == 0 {
			return false
		}
		if name, _, ok := headerLine(line); ok && knownField(name) {
			return true
		}
		rest = after
	}
	return false
}

// knownField tells the fields by which a mail is recognised as one.
func knownField(name string) bool {
	switch name {
	case "From", "To", "Cc", "Subject", "Date", "Message-Id", "Mime-Version", "Received", "Return-Path", "Reply-To", "Sender",
		"Delivered-To", "In-Reply-To", "References", "Content-Type", "Content-Transfer-Encoding", "Dkim-Signature", "X-Mailer":
		return true
	}
	return false
}

// first returns the raw value of the first field with this name.
func first(fields []field, name string) []byte {
	for _, f := range fields {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// decodeHeader turns a raw header value into text: eight-bit bytes by the charset of the body or by what they look
// like, encoded words by their own.
func decodeHeader(raw []byte, bodyCharset string) string {
	return decodeWords(headerBytes(raw, bodyCharset))
}

func headerBytes(raw []byte, bodyCharset string) string {
	if isASCII(raw) {
		return string(raw) // its escapes, if any, are read with the encoded words
	}
	return decodeText(raw, bodyCharset)
}

// oneLine makes a value safe for a header: line breaks and tabs become one blank, other control and invisible
// direction characters go.
func oneLine(s string) string {
	return strings.TrimSpace(dropControls(breaksToBlanks.Replace(s)))
}

var (
	breaksToBlanks = strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ", "\t", " ", "\u2028", " ", "\u2029", " ")
	breaksToLines  = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")
)

// cleanText makes a body safe to show: lines end with a newline, control characters other than tab go.
func cleanText(s string) string {
	return dropControls(breaksToLines.Replace(s))
}

func dropControls(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r == '\ufeff', r == '\u200b', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
}

func clip(s string, characters int) string {
	if len(s) <= characters {
		return s
	}
	for i := range s {
		if characters == 0 {
			return s[:i]
		}
		characters--
	}
	return s
}

// clipBytes cuts a long text at a whole character.
func clipBytes(s string, limit int) (string, bool) {
	if len(s) <= limit {
		return s, false
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit], true
}
