package outbox

import (
	"encoding/base64"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Address is one mailbox of a letter: a name to show, which may be empty, and a bare address.
type Address struct {
	Name  string
	Email string
}

// Limits of RFC 5321, section 4.5.3.1, in octets.
const (
	maxLocalPart = 64
	maxDomain    = 255
	maxEmail     = 254
)

// NormalEmail checks a bare address and returns it in the form that mail servers take:
// an international domain becomes its ASCII form. A local part with letters outside ASCII is kept;
// such a letter can only leave through a server that offers SMTPUTF8.
func NormalEmail(email string) (string, error) {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return "", fmt.Errorf("address %q has no @: write it as name@domain", email)
	}
	local, domain := email[:at], email[at+1:]
	if err := checkLocalPart(local); err != nil {
		return "", fmt.Errorf("address %q: %w", email, err)
	}
	domain, err := normalDomain(domain)
	if err != nil {
		return "", fmt.Errorf("address %q: %w", email, err)
	}
	normal := local + "@" + domain
	if len(normal) > maxEmail {
		return "", fmt.Errorf("address %q is %d bytes long: %d is the longest that mail servers take", email, len(normal), maxEmail)
	}
	return normal, nil
}

func checkLocalPart(local string) error {
	switch {
	case local == "":
		return fmt.Errorf("nothing stands before the @")
	case len(local) > maxLocalPart:
		return fmt.Errorf("the part before the @ is %d bytes long: %d is the longest allowed", len(local), maxLocalPart)
	case strings.HasPrefix(local, `"`):
		if _, err := mail.ParseAddress("<" + local + "@example.org>"); err != nil {
			return fmt.Errorf("the quoted part before the @ is broken: %w", err)
		}
	}
	for _, r := range local {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return fmt.Errorf("a control character stands before the @")
		}
		if !strings.HasPrefix(local, `"`) && (unicode.IsSpace(r) || strings.ContainsRune(`<>()[]:;,\"@`, r)) {
			return fmt.Errorf("the character %q cannot stand before the @", r)
		}
	}
	return nil
}

func normalDomain(domain string) (string, error) {
	if domain == "" {
		return "", fmt.Errorf("nothing stands after the @")
	}
	if !isASCII(domain) {
		ascii, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			return "", fmt.Errorf("domain %q cannot be written in ASCII: %w", domain, err)
		}
		domain = ascii
	}
	if len(domain) > maxDomain {
		return "", fmt.Errorf("the domain is %d bytes long: %d is the longest allowed", len(domain), maxDomain)
	}
	for _, r := range domain {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`<>(),;\"@`, r) {
			return "", fmt.Errorf("the character %q cannot stand in a domain", r)
		}
	}
	return domain, nil
}

// maxName is the longest name of a sender or a recipient, in octets: quoted or encoded, it still fits into a line of mail.
const maxName = 450

// headerAddress is the address as a header field takes it; quoting and encoding are left to whoever writes the field.
func (a Address) headerAddress() (*mail.Address, error) {
	email, err := NormalEmail(a.Email)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(email, `"`) {
		bare, err := mail.ParseAddress("<" + email + ">")
		if err != nil {
			return nil, fmt.Errorf("address %q: %w", a.Email, err)
		}
		email = bare.Address // without the quotes, which are put on again
	}
	// The standard library leaves a backslash bare in an encoded name, and no reader understands such a field.
	name := strings.ReplaceAll(oneLine(a.Name), `\`, "/")
	return &mail.Address{Name: cut(name, maxName), Address: email}, nil
}

// cut shortens a text to that many octets and never amid a letter.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// oneLine makes a header value of any text: control characters and line breaks become spaces, so that
// no value can begin a header of its own.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}

// headerText renders one line of text for a header. What needs no encoding stays readable; a text that only
// looks encoded is encoded again, so that it is read as it was written.
func headerText(line string) string {
	if !isASCII(line) || strings.Contains(line, "=?") || len(line) > maxPlainHeader {
		return encodedWords(line)
	}
	return line
}

// maxPlainHeader is the length from which a text is cut into encoded words, because it may hold no space to fold at.
const maxPlainHeader = 200

// encodedWords cuts a text into words of RFC 2047; 45 bytes of text make a word of 72.
func encodedWords(line string) string {
	const size = 45
	var words []string
	for len(line) > 0 {
		word := cut(line, size)
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(word))+"?=")
		line = line[len(word):]
	}
	return strings.Join(words, " ")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
