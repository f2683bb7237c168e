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

// headerValue renders the address for a header field; the name is encoded where it must be.
func (a Address) headerValue() (string, error) {
	email, err := NormalEmail(a.Email)
	if err != nil {
		return "", err
	}
	switch name := oneLine(a.Name); {
	case name == "":
		return "<" + email + ">", nil
	case isASCII(name) && !strings.Contains(name, "=?"):
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `" <` + email + ">", nil
	default:
		return encodedWords(name) + " <" + email + ">", nil
	}
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
		cut := min(size, len(line))
		for cut < len(line) && !utf8.RuneStart(line[cut]) {
			cut--
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(line[:cut]))+"?=")
		line = line[cut:]
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
