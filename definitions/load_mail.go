package definitions

import (
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

func (b *companyBuilder) smtp() *SMTP {
	if b.file.SMTP == nil {
		return nil
	}
	s := b.server("smtp", *b.file.SMTP, "starttls")
	if s.Port == 0 {
		s.Port = map[string]int{"implicit": 465, "starttls": 587, "none": 25}[s.TLS]
	}
	if b.file.From == "" && !b.src.has("from") {
		b.src.atKey("smtp", CodeMissingKey, "the key %s is missing: letters need a sender", quote("from"))
	}
	return &SMTP{Server: s}
}

// server checks what IMAP and SMTP have in common.
func (b *companyBuilder) server(at string, f serverFile, defaultTLS string) Server {
	s := Server{Host: f.Host, TLS: f.TLS, Username: f.Username}
	if s.TLS == "" {
		s.TLS = defaultTLS
	}
	if f.Port != nil {
		s.Port = *f.Port
		if s.Port < 1 || s.Port > 65535 {
			b.src.at(at+".port", CodeNumber, "a port is between 1 and 65535, got %d", s.Port)
		}
	}
	if b.src.has(at+".host") && !hostName.MatchString(f.Host) && f.Host != "" {
		b.src.at(at+".host", CodeAddress, "%s is no host name: write it without scheme, port and path", quote(f.Host))
	}
	s.Password = b.secret(at, "password", f.Password, f.PasswordFile)
	switch hasPassword := b.src.has(at+".password") || b.src.has(at+".password_file"); {
	case f.Token != nil && hasPassword:
		b.src.atKey(at+".token", CodeConflict, "a token and a password are both given: keep one of them")
	case f.Username != "" && !hasPassword && !b.src.has(at+".token"):
		b.src.at(at+".username", CodeMissingKey, "there is a username but no password: write password: ${NAME}, or password_file")
	case f.Username == "" && hasPassword && !b.src.has(at+".username"):
		b.src.atKey(at, CodeMissingKey, "there is a password but no username")
	}
	if f.Token != nil {
		t := at + ".token"
		if !b.src.has(t+".refresh_token") && !b.src.has(t+".refresh_token_file") {
			b.src.atKey(t, CodeMissingKey, "the key %s is missing: a new access token is got with it", quote("refresh_token"))
		}
		if u, err := url.Parse(f.Token.URL); f.Token.URL != "" && (err != nil || u.Host == "" || (u.Scheme != "https" && !local(u.Hostname()))) {
			b.src.at(t+".url", CodeAddress, "%s is no token endpoint: write its whole https address", quote(f.Token.URL))
		}
		if f.Username == "" && !b.src.has(at+".username") {
			b.src.atKey(t, CodeMissingKey, "there is a token but no username: a token speaks for one mailbox")
		}
		s.Token = &Token{
			URL: f.Token.URL, ClientID: f.Token.ClientID, Scope: f.Token.Scope,
			ClientSecret: b.secret(t, "client_secret", f.Token.ClientSecret, f.Token.ClientSecretFile),
			RefreshToken: b.secret(t, "refresh_token", f.Token.RefreshToken, f.Token.RefreshTokenFile),
		}
	}
	if f.CAFile != "" {
		s.CAFile = b.beside(f.CAFile)
	}
	return s
}

// local tells whether a host is this machine, to which secrets may go unencrypted.
func local(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

var hostName = regexp.MustCompile(`^(\[[0-9A-Fa-f:]+\]|[0-9A-Fa-f]*:[0-9A-Fa-f:]+|[\p{L}\p{N}]([\p{L}\p{N}_.-]*[\p{L}\p{N}.])?)$`)

// secret makes a secret of a reference or of a file. What is neither is a
// secret written out, and is not repeated in the diagnostic.
func (b *companyBuilder) secret(at, key string, value secretText, file string) Secret {
	switch {
	case value != "" && file != "":
		b.src.atKey(at+"."+key+"_file", CodeConflict, "%s and %s are both given: keep one of them", key, key+"_file")
	case file != "":
		return FileSecret(b.beside(file))
	case b.src.has(at + "." + key):
		if s, ok := parseSecret(string(value)); ok {
			return s
		}
		b.src.at(at+"."+key, CodeSecretInFile, "a secret does not belong in this file: write %s: ${NAME} and set the environment variable, or use %s", key, key+"_file")
	}
	return Secret{}
}

// beside takes a path in company.yaml from the company's folder.
func (b *companyBuilder) beside(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(b.dir, file)
}

func (b *companyBuilder) from() Address {
	if b.file.From == "" {
		return Address{}
	}
	a, err := parseAddress(b.file.From)
	if err != nil {
		b.src.at("from", CodeAddress, "%s is no address: write sales@example.com, or Name <sales@example.com>", quote(b.file.From))
	}
	return a
}

var domainName = regexp.MustCompile(`^[\p{L}\p{N}]([\p{L}\p{N}_.-]*[\p{L}\p{N}])?$`)

// dkim needs the company's address, whose domain signs unless another is given.
func (b *companyBuilder) dkim() *DKIM {
	f := b.file.Sending.DKIM
	if f == nil {
		return nil
	}
	const at = "sending.dkim"
	d := &DKIM{Domain: f.Domain, Selector: f.Selector}
	if !b.src.has(at + ".domain") {
		if d.Domain = b.company.From.Email[strings.LastIndexByte(b.company.From.Email, '@')+1:]; d.Domain == "" && !b.src.has("from") {
			b.src.atKey(at, CodeMissingKey, "the key %s is missing, and there is no from to take it of", quote("domain"))
		}
	}
	if d.Domain != "" && !domainName.MatchString(d.Domain) {
		b.src.at(at+".domain", CodeAddress, "%s is no domain: write it as example.com", quote(d.Domain))
	}
	if d.Selector != "" && !domainName.MatchString(d.Selector) {
		b.src.at(at+".selector", CodeAddress, "%s is no selector: write the name that stands before ._domainkey, such as mail2026", quote(d.Selector))
	}
	if f.KeyFile != "" {
		d.Key = FileSecret(b.beside(f.KeyFile))
	}
	return d
}

// bind checks what names processes, once they are known.
func (b *companyBuilder) bind(drafts []*draft, hasFiles bool) {
	known := make([]string, 0, len(drafts))
	for _, d := range drafts {
		known = append(known, d.spec.Process)
	}
	seen := map[string]bool{}
	for i, m := range b.file.Mailboxes {
		b.mailbox(index("mailboxes", i), m, known, seen)
	}
	b.capture(known, drafts)
	if !hasFiles {
		b.src.fault(position{1, 1}, CodeNoProcess, "the company has no process: write one to processes/sales.yaml")
	}
	if b.company.SMTP == nil {
		for _, d := range drafts {
			if len(d.letters) > 0 {
				b.src.fault(position{1, 1}, CodeNoSMTP, "the process %s sends letters, but there is no smtp to send them by", quote(d.spec.Process))
			}
		}
	}
}

func (b *companyBuilder) mailbox(at string, f mailboxFile, known []string, seen map[string]bool) {
	m := Mailbox{ID: f.ID, Folder: f.Folder, Process: f.Process, Archive: f.Archive}
	if m.ID != "" {
		b.src.checkID(at+".id", "mailbox", m.ID)
		if seen[m.ID] {
			b.src.at(at+".id", CodeDuplicateID, "there is a mailbox %s already: give one of them another id", quote(m.ID))
		}
		seen[m.ID] = true
	}
	if m.Folder == "" {
		m.Folder = "INBOX"
	}
	if m.Archive != "" && m.Archive == m.Folder {
		b.src.at(at+".archive", CodeConflict, "messages would be moved to the folder they are read from: name another one")
	}
	switch {
	case m.Process == "" && len(known) == 1:
		m.Process = known[0]
	case m.Process == "" && len(known) > 1:
		b.src.at(at, CodeMissingKey, "the key %s is missing: the company has several processes", quote("process"))
	default:
		b.process(at+".process", m.Process, known)
	}
	if f.IMAP != nil {
		m.IMAP = b.server(at+".imap", *f.IMAP, "implicit")
		if m.IMAP.Port == 0 {
			m.IMAP.Port = 143
			if m.IMAP.TLS == "implicit" {
				m.IMAP.Port = 993
			}
		}
	}
	if f.Since != nil {
		m.Since = b.moment(at+".since", string(*f.Since))
	}
	b.company.Mailboxes = append(b.company.Mailboxes, m)
}

func (b *companyBuilder) process(at, id string, known []string) {
	if len(known) > 0 && !slices.Contains(known, id) {
		b.src.at(at, CodeUnknownProcess, "unknown process %s%s", quote(id), oneOf(id, known))
	}
}

// moment reads a day, which begins at midnight in the company's zone, or a
// moment.
func (b *companyBuilder) moment(at, text string) *time.Time {
	zone := b.company.Calendar.Location()
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return &t
		}
	}
	b.src.at(at, CodeDate, "the moment %s is not understood or does not exist: write it as 2026-12-31 or 2026-12-31T09:00", quote(text))
	return nil
}
