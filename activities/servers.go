package activities

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/outbox"
)

// password reads the secret anew at each login, so that a changed one is taken
// up without a restart.
func password(s definitions.Server) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s.Password.Resolve() }
}

// letterSigner reads the key that signs a company's letters. A letter that cannot be
// signed is not sent: receivers may take it for a forgery.
func letterSigner(d *definitions.DKIM) (*outbox.DKIM, error) {
	key, err := d.Key.Resolve()
	if err != nil {
		return nil, fmt.Errorf("sending.dkim: %w", err)
	}
	signer, err := outbox.NewDKIM(d.Domain, d.Selector, key)
	if err != nil {
		return nil, fmt.Errorf("sending.dkim: %w", err)
	}
	return signer, nil
}

// roots trusts the system's authorities and a private one. A file that cannot
// be read trusts nobody, so that the connection fails and says so.
func roots(file string) *x509.CertPool {
	if file == "" {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pem, err := os.ReadFile(file)
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		return x509.NewCertPool()
	}
	return pool
}
