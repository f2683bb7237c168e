package outbox

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-msgauth/dkim"
)

// signedFields are the header fields that a signature covers: what a reader sees, what an answer goes by, what the links
// for leaving the list stand on (RFC 8058, section 4), and what the body is read by.
var signedFields = []string{
	"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References",
	"List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}

// shortestRSA is the least that receivers accept (RFC 8301, section 3.2), in bits.
const shortestRSA = 1024

// DKIM signs letters in the name of a domain (RFC 6376), so that receivers can tell them from forgeries. The public half of
// the key stands in the DNS at <selector>._domainkey.<domain>. It may be used by several goroutines.
type DKIM struct {
	options dkim.SignOptions
}

// NewDKIM takes a private key in PEM: RSA of at least 1024 bits, or Ed25519. Faults never repeat the key.
func NewDKIM(domain, selector, key string) (*DKIM, error) {
	signer, err := parseKey(key)
	if err != nil {
		return nil, fmt.Errorf("DKIM key %q of %s: %w", selector, domain, err)
	}
	name, err := normalDomain(domain)
	if err != nil {
		return nil, fmt.Errorf("DKIM domain: %w", err)
	}
	label, err := normalDomain(selector)
	if err != nil {
		return nil, fmt.Errorf("DKIM selector of %s: %w", domain, err)
	}
	return &DKIM{options: dkim.SignOptions{
		Domain: name, Selector: label, Signer: signer,
		// Relays fold header fields and trim white space anew; the relaxed forms outlive that.
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		// Each is named once more than it stands in a letter, so that none can be added on the way.
		HeaderKeys: slices.Repeat(signedFields, 2),
	}}, nil
}

func parseKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the file holds no PEM: write the private key as -----BEGIN PRIVATE KEY-----")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return longEnough(key)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("a PEM of type %q is no private key that can be read: write one without a passphrase", block.Type)
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return longEnough(key)
	case ed25519.PrivateKey:
		return key, nil
	default:
		return nil, fmt.Errorf("the key is of type %T: DKIM knows RSA and Ed25519", key)
	}
}

func longEnough(key *rsa.PrivateKey) (crypto.Signer, error) {
	if bits := key.N.BitLen(); bits < shortestRSA {
		return nil, fmt.Errorf("the key has %d bits, and receivers ignore signatures of fewer than %d: make one of 2048", bits, shortestRSA)
	}
	return key, nil
}

// Sign returns the letter with its signature on top. The signature holds the time it was made at, so that the same letter
// signed again is the same but for that field.
func (d *DKIM) Sign(raw []byte) ([]byte, error) {
	options := d.options
	var out bytes.Buffer
	if err := dkim.Sign(&out, bytes.NewReader(raw), &options); err != nil {
		return nil, fmt.Errorf("sign for %s: %w", options.Domain, err)
	}
	return out.Bytes(), nil
}
