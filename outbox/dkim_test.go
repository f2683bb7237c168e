package outbox_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/dealwright/dealwright/outbox"
)

func pkcs1(key *rsa.PrivateKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func newRSA(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// record is what the DNS would answer for a public key.
func record(t *testing.T, public crypto.PublicKey) string {
	t.Helper()
	if key, ok := public.(ed25519.PublicKey); ok {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(key)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// verify returns the fault that a receiver finds with the one signature of a letter.
func verify(t *testing.T, raw []byte, name, answer string) error {
	t.Helper()
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
		if domain != name {
			return nil, fmt.Errorf("asked for %s, not for %s", domain, name)
		}
		return []string{answer}, nil
	}})
	if err != nil || len(found) != 1 {
		t.Fatalf("%d signatures, %v", len(found), err)
	}
	return found[0].Err
}

func TestSignedLetterVerifies(t *testing.T) {
	rsaKey := newRSA(t, 2048)
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := []struct {
		name, pem string
		public    crypto.PublicKey
	}{
		{"RSA in PKCS 1", pkcs1(rsaKey), rsaKey.Public()},
		{"RSA in PKCS 8", pkcs8(t, rsaKey), rsaKey.Public()},
		{"Ed25519", pkcs8(t, edKey), edPublic},
	}
	shapes := map[string]func(*outbox.Letter){
		"text":                 func(l *outbox.Letter) { l.HTML = "" },
		"text and HTML":        func(*outbox.Letter) {},
		"text, HTML, and file": func(l *outbox.Letter) { l.Attachments = []outbox.Attachment{{Name: "a.pdf", Bytes: []byte("%PDF")}} },
	}
	for _, key := range keys {
		signer, err := outbox.NewDKIM("shop.test", "mail2026", key.pem)
		if err != nil {
			t.Fatal(err)
		}
		for name, change := range shapes {
			t.Run(key.name+": "+name, func(t *testing.T) {
				l := sample()
				change(&l)
				raw := compose(t, l)
				signed, err := signer.Sign(raw)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.HasSuffix(signed, raw) {
					t.Error("the letter is not below its signature as it was composed")
				}
				if err := verify(t, signed, "mail2026._domainkey.shop.test", record(t, key.public)); err != nil {
					t.Errorf("a receiver refuses the signature: %v\n%s", err, signed)
				}
			})
		}
	}
}

func TestSignatureBreaksWithTheLetter(t *testing.T) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := outbox.NewDKIM("почта.рф", "s1", pkcs8(t, key))
	if err != nil {
		t.Fatal(err)
	}
	l := sample()
	l.HTML, l.Text, l.Subject = "", "Hello, Peter.\n", "Hello"
	l.ReplyTo, l.ListUnsubscribe = l.From, "https://shop.test/u/1"
	replace := func(old, new string) func(string) string {
		return func(raw string) string { return strings.Replace(raw, old, new, 1) }
	}
	add := func(field string) func(string) string {
		return func(raw string) string { return field + ": x\r\n" + raw }
	}
	cases := []struct {
		name   string
		change func(string) string
		intact bool
	}{
		{"nothing", func(raw string) string { return raw }, true},
		{"folding", replace("Subject: Hello", "Subject:\r\n\tHello"), true},
		{"a field of the way", add("Received"), true},
		{"the body", replace("Peter", "Petra"), false},
		{"the subject", replace("Subject: Hello", "Subject: Hell"), false},
		{"the sender", replace("<sales@shop.test>", "<evil@shop.test>"), false},
		{"the date", replace("Date: Mon, 02", "Date: Mon, 09"), false},
		{"the id", replace("Message-ID: <", "Message-ID: <x"), false},
		{"the thread", replace("In-Reply-To: <", "In-Reply-To: <x"), false},
		{"the references", replace("References: <", "References: <x"), false},
		{"the encoding", replace("Encoding: quoted-printable", "Encoding: 7bit"), false},
		{"the link for leaving", replace("/u/1", "/u/2"), false},
		{"what that link promises", replace("List-Unsubscribe=One-Click", "none"), false},
		{"another sender", add("From"), false},
		{"another answer address", add("Reply-To"), false},
		{"another subject", add("Subject"), false},
		{"another type", add("Content-Type"), false},
	}
	signed, err := signer.Sign(compose(t, l))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			changed := c.change(string(signed))
			if !c.intact && changed == string(signed) {
				t.Fatal("the case changes nothing")
			}
			err := verify(t, []byte(changed), "s1._domainkey.xn--80a1acny.xn--p1ai", record(t, public))
			if (err == nil) != c.intact {
				t.Errorf("verified with %v, want intact %v", err, c.intact)
			}
		})
	}
}

func TestKeysThatCannotSign(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0") // the library makes no short key otherwise
	short := pkcs1(newRSA(t, 768))
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := pkcs1(newRSA(t, 1024))
	cases := []struct{ name, domain, selector, key, fault string }{
		{"nothing", "shop.test", "s1", "", "no PEM"},
		{"no PEM", "shop.test", "s1", "hunter2", "no PEM"},
		{"a public key", "shop.test", "s1", "-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n", "PUBLIC KEY"},
		{"an elliptic curve", "shop.test", "s1", pkcs8(t, curve), "RSA and Ed25519"},
		{"a short key", "shop.test", "s1", short, "768 bits"},
		{"no domain", "", "s1", good, "domain"},
		{"a selector with a tag of its own", "shop.test", "s1; d=evil.test", good, "selector"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := outbox.NewDKIM(c.domain, c.selector, c.key)
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("error %v, want one about %q", err, c.fault)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the fault repeats the key: %v", err)
			}
		})
	}
}
