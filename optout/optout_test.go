package optout

import (
	"net/url"
	"strings"
	"testing"
)

var secret = []byte("0123456789abcdef0123456789abcdef")

func TestLetter(t *testing.T) {
	const id = "0mkd8s1abcdefghjkmnp"
	token := Token(secret, id)
	tests := []struct {
		name, text string
		secret     []byte
		want       bool
	}{
		{"alone", token, secret, true},
		{"in a subject", "Re: unsubscribe " + token + " (thanks)", secret, true},
		{"in capitals", strings.ToUpper(token), secret, true},
		{"after a wrong one", id + ".aaaaaaaaaaaaaaaa " + token, secret, true},
		{"of another letter", strings.Replace(token, "0mkd", "0mke", 1), secret, false},
		{"cut short", token[:len(token)-1], secret, false},
		{"of another secret", token, []byte("another"), false},
		{"without a secret", Token(nil, id), nil, false},
		{"nothing", "unsubscribe", secret, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Letter(tt.secret, tt.text)
			if ok != tt.want || (ok && got != id) {
				t.Errorf("Letter(%q) = %q, %v, want %v", tt.text, got, ok, tt.want)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	token := Token(secret, "0mkd8s1abcdefghjkmnp")
	if got := Address("https://crm.acme.test/", "sales@acme.test", token); got != "https://crm.acme.test/u/"+token {
		t.Errorf("with a public address: %s", got)
	}
	got := Address("", "sales+q?@acme.test", token)
	u, err := url.Parse(got)
	if err != nil || u.Scheme != "mailto" {
		t.Fatalf("%s: %v", got, err)
	}
	to, err := url.PathUnescape(u.Opaque)
	if err != nil || to != "sales+q?@acme.test" || u.Query().Get("subject") != "unsubscribe "+token {
		t.Errorf("%s is to %q (%v), subject %q", got, to, err, u.Query().Get("subject"))
	}
}
