// Package optout names a letter in a way that nobody without the company's
// secret can make up, so that who got the letter can ask for no more, by a link
// or by mail, without an account or a password.
package optout

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"net/url"
	"regexp"
	"strings"
)

// Path is where the server answers, followed by a token.
const Path = "/u/"

// Word begins the subject of a request by mail; a token follows.
const Word = "unsubscribe"

var (
	pattern     = regexp.MustCompile(`(?i)\b([0-9a-z]{10,40})\.([a-z2-7]{16})\b`)
	lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
)

// Token names the letter with this id of lower-case letters and digits. It
// says nothing of who got it.
func Token(secret []byte, letter string) string { return letter + "." + sum(secret, letter) }

func sum(secret []byte, letter string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("opt-out\x00" + letter))
	return lowerBase32.EncodeToString(mac.Sum(nil))[:16]
}

// Letter finds a token in a text, whatever became of its case, and returns the
// letter that it names. A token that the secret did not sign is none.
func Letter(secret []byte, text string) (letter string, ok bool) {
	if len(secret) == 0 {
		return "", false
	}
	for _, found := range pattern.FindAllStringSubmatch(strings.ToLower(text), 20) {
		if hmac.Equal([]byte(sum(secret, found[1])), []byte(found[2])) {
			return found[1], true
		}
	}
	return "", false
}

// Address is what stands in the List-Unsubscribe of a letter (RFC 2369): a
// page under the public address of the server, which also takes the one click
// of RFC 8058, or without one the company's own mail address.
func Address(public, mailbox, token string) string {
	if public != "" {
		return strings.TrimSuffix(public, "/") + Path + token
	}
	return "mailto:" + url.PathEscape(mailbox) + "?subject=" + url.PathEscape(Word+" "+token)
}
