package activities

import (
	"context"
	"crypto/x509"
	"os"

	"github.com/dealwright/dealwright/definitions"
)

// password reads the secret anew at each login, so that a changed one is taken
// up without a restart.
func password(s definitions.Server) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s.Password.Resolve() }
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
