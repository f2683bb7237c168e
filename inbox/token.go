package inbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"slices"
	"strings"
)

var tokenPattern = regexp.MustCompile(`(?i)\b(dw|dx)\.([a-z0-9_-]{1,120})\.([a-z2-7]{12})\b`)

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

var plainID = regexp.MustCompile(`^[a-z0-9_-]{1,120}$`)

// Token names a deal in a way that nobody without the secret can make up. It fits into the local part of an address
// (sales+TOKEN@…) and of a Message-ID, and survives a change of case on the way.
func Token(secret []byte, deal string) string {
	kind, id := "dw", deal
	if !plainID.MatchString(deal) {
		kind, id = "dx", base32Lower.EncodeToString([]byte(deal))
	}
	return kind + "." + id + "." + tokenSum(secret, deal)
}

func tokenSum(secret []byte, deal string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("deal\x00" + deal))
	return base32Lower.EncodeToString(mac.Sum(nil))[:12]
}

// DealOfToken finds a token in a text, such as an address or a Message-ID, and returns the deal that it names. A token
// that the secret did not sign is none.
func DealOfToken(secret []byte, text string) (deal string, ok bool) {
	if len(secret) == 0 {
		return "", false
	}
	for _, found := range tokenPattern.FindAllStringSubmatch(strings.ToLower(text), 50) {
		deal = found[2]
		if found[1] == "dx" {
			id, err := base32Lower.DecodeString(deal)
			if err != nil {
				continue
			}
			deal = string(id)
		}
		if hmac.Equal([]byte(tokenSum(secret, deal)), []byte(found[3])) {
			return deal, true
		}
	}
	return "", false
}

// tokenDeal looks for a token where answers carry it: in the addresses written to and in the ids answered.
func tokenDeal(m *Message, secret []byte) (string, bool) {
	var places []string
	for _, list := range [][]Address{m.To, m.Cc} {
		for _, a := range list {
			places = append(places, a.Email)
		}
	}
	for _, name := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "In-Reply-To", "References"} {
		places = append(places, m.Headers.Values(name)...)
	}
	return DealOfToken(secret, strings.Join(places, " "))
}

// strangeToken tells whether the message answers a letter that went out from our own address with a token that the secret
// did not sign: another server, with data of its own, writes in our name.
func (c *classifier) strangeToken(m *Message) bool {
	if len(c.cfg.Secret) == 0 {
		return false
	}
	for _, id := range slices.Concat(m.InReplyTo, m.References) {
		at := strings.LastIndexByte(id, '@')
		if at < 0 || !tokenPattern.MatchString(id) {
			continue
		}
		if _, signed := DealOfToken(c.cfg.Secret, id); signed {
			continue
		}
		domain := "@" + strings.ToLower(strings.TrimSuffix(id[at+1:], ">"))
		for _, own := range c.cfg.Own {
			if strings.HasSuffix(strings.ToLower(strings.TrimSuffix(own, ">")), domain) {
				return true
			}
		}
	}
	return false
}
