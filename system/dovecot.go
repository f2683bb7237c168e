//go:build system

package system

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
	"time"
)

// dovecot is an IMAP server of its own: its configuration, users, mail and sockets all lie under one folder.
type dovecot struct {
	Dir         string
	Plain, TLS  int // ports: the first also answers STARTTLS, the second speaks TLS from its first byte
	Certificate certificates
	Tokens      string // where to ask whether an access token is good; empty: no login by tokens
	placed      int
	output      transcript
	process     *process
}

// dovecotConf is for Dovecot 2.3, which Debian 12 has. A wrong password costs no waiting (auth_failure_delay, the penalty of
// anvil). The mail belongs to nobody: the account that Postfix may deliver as.
var dovecotConf = template.Must(template.New("dovecot.conf").Parse(`
protocols = imap
listen = 127.0.0.1
base_dir = {{.Dir}}/run
state_dir = {{.Dir}}/state
log_path = /dev/stderr
mail_location = maildir:~/Maildir
mail_max_userip_connections = 200
auth_failure_delay = 0
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{{.Certificate.Server}}
ssl_key = <{{.Certificate.Key}}
postmaster_address = postmaster@mail.test
{{- if .Tokens}}
auth_mechanisms = plain login xoauth2
passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = {{.Dir}}/tokens.conf
}
{{- end}}
passdb {
  driver = passwd-file
  args = username_format=%Lu {{.Dir}}/users
}
userdb {
  driver = passwd-file
  args = username_format=%Lu {{.Dir}}/users
}
service imap-login {
  inet_listener imap {
    port = {{.Plain}}
  }
  inet_listener imaps {
    port = {{.TLS}}
    ssl = yes
  }
}
service auth {
  unix_listener auth-userdb {
    mode = 0666
  }
  unix_listener auth-postfix {
    mode = 0666
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
`))

// tokensConf has Dovecot ask who issues the tokens about each (RFC 7662).
var tokensConf = template.Must(template.New("tokens.conf").Parse(`
introspection_mode = post
introspection_url = {{.Tokens}}
username_attribute = username
active_attribute = active
active_value = true
`))

// newDovecot writes the configuration of a server that is not started yet.
func newDovecot(t testing.TB, dir string, certificate certificates, tokens string) *dovecot {
	t.Helper()
	d := &dovecot{Dir: dir, Plain: freePort(t), TLS: freePort(t), Certificate: certificate, Tokens: tokens}
	for _, path := range []string{filepath.Join(dir, "run"), filepath.Join(dir, "state"), filepath.Join(dir, "mail")} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatalf("Dovecot: %v", err)
		}
	}
	if err := os.Chown(filepath.Join(dir, "mail"), mailUID, mailGID); err != nil {
		t.Fatalf("Dovecot: %v", err)
	}
	writeConfiguration(t, filepath.Join(dir, "dovecot.conf"), dovecotConf, d)
	writeConfiguration(t, filepath.Join(dir, "tokens.conf"), tokensConf, d)
	if err := os.WriteFile(filepath.Join(dir, "users"), nil, 0o644); err != nil {
		t.Fatalf("Dovecot: %v", err)
	}
	return d
}

// addUser lets a user log in by the name and the address alike; Dovecot notices the change of the file by itself.
func (d *dovecot) addUser(address, password string) error {
	users, err := os.OpenFile(filepath.Join(d.Dir, "users"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	address = strings.ToLower(address)
	_, err = fmt.Fprintf(users, "%s:{PLAIN}%s:%d:%d::%s::\n", address, password, mailUID, mailGID, filepath.Join(d.Dir, "mail", address))
	if closed := users.Close(); err == nil {
		err = closed
	}
	return err
}

// place writes messages into a user's Maildir, as if they had arrived at a moment: under tmp first, then under names that order
// them by that time. Dovecot reads the size of a message from its name, where it is, rather than from the file.
func (d *dovecot) place(address string, at time.Time, messages ...[]byte) error {
	home := filepath.Join(d.Dir, "mail", strings.ToLower(address))
	folder := filepath.Join(home, "Maildir")
	for _, path := range []string{home, folder, filepath.Join(folder, "cur"), filepath.Join(folder, "new"), filepath.Join(folder, "tmp")} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
		if err := os.Chown(path, mailUID, mailGID); err != nil {
			return err
		}
	}
	for _, raw := range messages {
		d.placed++
		name := fmt.Sprintf("%d.M%06dP%dQ%d.mail.test,S=%d", at.Unix(), at.Nanosecond()/1000, os.Getpid(), d.placed, len(raw))
		unfinished := filepath.Join(folder, "tmp", name)
		if err := os.WriteFile(unfinished, raw, 0o600); err != nil {
			return err
		}
		if err := os.Chown(unfinished, mailUID, mailGID); err != nil {
			return err
		}
		if err := os.Chtimes(unfinished, at, at); err != nil {
			return err
		}
		if err := os.Rename(unfinished, filepath.Join(folder, "new", name)); err != nil {
			return err
		}
	}
	return nil
}

func (d *dovecot) start(t testing.TB) {
	t.Helper()
	d.process = startProcess(t, "Dovecot", exec.Command(installed(t, "dovecot"), "-F", "-c", filepath.Join(d.Dir, "dovecot.conf")), &d.output)
	d.process.awaitGreeting(t, address(d.Plain), "* OK")
}

func (d *dovecot) stop(t testing.TB) {
	t.Helper()
	if !d.process.stop(20 * time.Second) {
		t.Errorf("Dovecot had to be killed:\n%s", &d.output)
	}
	d.process.killChildren() // a session that idles outlives its master for a while
	d.process.awaitSilence(t, address(d.Plain))
}
