package definitions

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Secret is a reference to something that no file of the company holds: an
// environment variable, written `${NAME}`, or a file. It prints as <secret>.
type Secret struct {
	env  string
	file string
}

// hidden is what a secret shows of itself.
const hidden = "<secret>"

var secretReference = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// EnvSecret is the secret in the environment variable of that name.
func EnvSecret(name string) Secret { return Secret{env: name} }

// FileSecret is the secret in a file; a line break at its end does not count.
func FileSecret(path string) Secret { return Secret{file: path} }

// parseSecret reads `${NAME}`.
func parseSecret(text string) (Secret, bool) {
	found := secretReference.FindStringSubmatch(text)
	if found == nil {
		return Secret{}, false
	}
	return EnvSecret(found[1]), true
}

// IsZero reports whether there is no secret to be had.
func (s Secret) IsZero() bool { return s == Secret{} }

// String hides the secret and where it is.
func (s Secret) String() string { return hidden }

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return hidden }

// MarshalText hides the secret from JSON and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Resolve reads the secret from where it is kept. The zero Secret is the empty
// string. The error names the place, never the content.
func (s Secret) Resolve() (string, error) {
	switch {
	case s.env != "":
		value, set := os.LookupEnv(s.env)
		if !set || value == "" {
			return "", fmt.Errorf("environment variable %s is not set: export it before the server starts", s.env)
		}
		return value, nil
	case s.file != "":
		content, err := os.ReadFile(s.file)
		if err != nil {
			return "", fmt.Errorf("secret file: %w", err)
		}
		value := strings.TrimRight(string(content), "\r\n")
		if value == "" {
			return "", fmt.Errorf("secret file %s is empty: write the secret into it", s.file)
		}
		return value, nil
	}
	return "", nil
}

// ResolveSecrets tries every secret of the company and returns a fault for each
// that cannot be had, so that a server can name them all at its start.
func (c *Company) ResolveSecrets() []error {
	var faults []error
	try := func(what string, s Secret) {
		if _, err := s.Resolve(); err != nil {
			faults = append(faults, fmt.Errorf("company %q: %s: %w", c.ID, what, err))
		}
	}
	server := func(what string, s Server) {
		try(what, s.Password)
		if s.Token != nil {
			try(what+" client secret", s.Token.ClientSecret)
			try(what+" refresh token", s.Token.RefreshToken)
		}
	}
	for _, m := range c.Mailboxes {
		server(fmt.Sprintf("mailbox %q", m.ID), m.IMAP)
	}
	if c.SMTP != nil {
		server("smtp", c.SMTP.Server)
	}
	if c.Sending.DKIM != nil {
		try("sending.dkim", c.Sending.DKIM.Key)
	}
	for _, w := range c.Webhooks {
		try("webhook "+w.URL, w.Secret)
	}
	return faults
}
