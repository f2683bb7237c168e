package definitions

import (
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// zone is the company's time zone, UTC where there is no company.
func (c *Company) zone() *time.Location {
	if c == nil || c.Calendar == nil {
		return time.UTC
	}
	return c.Calendar.Location()
}

// CheckPhone turns a phone number as people write it into E.164; one without a
// country's prefix is of the company's country.
func (c *Company) CheckPhone(s string) (string, error) {
	country := ""
	if c != nil {
		country = c.Country
	}
	number, err := phonenumbers.Parse(s, country)
	if err != nil || !phonenumbers.IsPossibleNumber(number) {
		return "", fmt.Errorf("%s is not a phone number: write it with its country, as +7 495 123-45-67", quote(s))
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

// CheckEmail turns an address as people write it, with or without a name, into
// the bare address with a lower-case domain.
func CheckEmail(s string) (string, error) {
	fault := fmt.Errorf("%s is not an email address: write it as name@example.com", quote(s))
	parsed, err := mail.ParseAddress(strings.TrimPrefix(s, "mailto:"))
	if err != nil || len(parsed.Address) > 254 {
		return "", fault
	}
	at := strings.LastIndexByte(parsed.Address, '@')
	local, domain := parsed.Address[:at], strings.ToLower(strings.TrimSuffix(parsed.Address[at+1:], "."))
	if local == "" || domain == "" || strings.ContainsFunc(parsed.Address, func(r rune) bool { return unicode.IsSpace(r) || isActing(r) }) {
		return "", fault
	}
	return local + "@" + domain, nil
}
