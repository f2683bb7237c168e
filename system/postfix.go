//go:build system

package system

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// postfix is an SMTP server of its own that delivers to a dovecot beside it and to nobody else.
type postfix struct {
	Dir         string
	Plain, TLS  int    // ports: the first also answers STARTTLS, the second speaks TLS from its first byte
	Mailboxes   string // where to ask which addresses have a mailbox
	Access      string // where to ask which recipients to refuse
	Dovecot     *dovecot
	Certificate certificates
	output      transcript
	process     *process
}

// Whom it knows and whom it keeps waiting Postfix asks the test itself (see serveLookups), so a change holds at once.
var mainCf = template.Must(template.New("main.cf").Parse(`
compatibility_level = 3.6
queue_directory = {{.Dir}}/spool
data_directory = {{.Dir}}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file_prefixes = {{.Dir}}
maillog_file = {{.Dir}}/postfix.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
biff = no
smtpd_peername_lookup = no
smtpd_client_event_limit_exceptions = 127.0.0.0/8
message_size_limit = 52428800
mailbox_size_limit = 0

virtual_mailbox_domains = regexp:{{.Dir}}/conf/domains
virtual_mailbox_maps = tcp:{{.Mailboxes}}
virtual_transport = dovecot
dovecot_destination_recipient_limit = 1
default_transport = nowhere
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access tcp:{{.Access}}

smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {{.Dovecot.Dir}}/run/auth-postfix
smtpd_tls_security_level = may
smtpd_tls_cert_file = {{.Certificate.Server}}
smtpd_tls_key_file = {{.Certificate.Key}}

in_flow_delay = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
`))

var masterCf = template.Must(template.New("master.cf").Parse(`
127.0.0.1:{{.Plain}} inet n - n - - smtpd
127.0.0.1:{{.TLS}} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup     unix  n - n 60  1 pickup
cleanup    unix  n - n -   0 cleanup
qmgr       unix  n - n 300 1 qmgr
tlsmgr     unix  - - n 1000? 1 tlsmgr
rewrite    unix  - - n -   - trivial-rewrite
bounce     unix  - - n -   0 bounce
defer      unix  - - n -   0 bounce
trace      unix  - - n -   0 bounce
verify     unix  - - n -   1 verify
proxymap   unix  - - n -   - proxymap
proxywrite unix  - - n -   1 proxymap
showq      unix  n - n -   - showq
error      unix  - - n -   - error
retry      unix  - - n -   - error
discard    unix  - - n -   - discard
anvil      unix  - - n -   1 anvil
postlog    unix-dgram n - n - 1 postlogd
dovecot    unix  - n n -   8 pipe
  flags=DRhu user=nobody:nogroup null_sender= argv=/usr/lib/dovecot/dovecot-lda -c {{.Dovecot.Dir}}/dovecot.conf -f ${sender} -d ${recipient}
nowhere    unix  - n n -   8 pipe
  flags=R user=nobody:nogroup argv=/bin/sh -c {echo 5.1.1 nobody lives there; exit 67}
`))

// Every domain that is reserved for examples and tests is at home here; mail to any other comes back as a bounce.
var domains = template.Must(template.New("domains").Parse(`
/^(.+\.)?(test|example)$/       local
/^(.+\.)?example\.(com|net|org)$/ local
`))

// newPostfix writes the configuration of a server that is not started yet and makes its queue.
func newPostfix(t testing.TB, dir, mailboxes, access string, delivery *dovecot) *postfix {
	t.Helper()
	p := &postfix{
		Dir: dir, Plain: freePort(t), TLS: freePort(t),
		Mailboxes: mailboxes, Access: access, Dovecot: delivery, Certificate: delivery.Certificate,
	}
	for _, path := range []string{filepath.Join(dir, "conf"), filepath.Join(dir, "spool"), filepath.Join(dir, "data")} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatalf("Postfix: %v", err)
		}
	}
	writeConfiguration(t, filepath.Join(dir, "conf", "main.cf"), mainCf, p)
	writeConfiguration(t, filepath.Join(dir, "conf", "master.cf"), masterCf, p)
	writeConfiguration(t, filepath.Join(dir, "conf", "domains"), domains, p)
	if err := os.Chown(filepath.Join(dir, "data"), userID(t, "postfix"), -1); err != nil {
		t.Fatalf("Postfix: %v", err)
	}
	if err := p.makeQueue(installed(t, "postfix")); err != nil {
		t.Fatalf("Postfix: make its queue: %v", err)
	}
	return p
}

// emptyQueue is the archive of a queue that Postfix has made, kept because making one takes it seconds.
var emptyQueue struct {
	sync.Mutex
	archive []byte
}

// makeQueue has Postfix check its configuration and make its queue, or copies the one it made before.
func (p *postfix) makeQueue(program string) error {
	emptyQueue.Lock()
	defer emptyQueue.Unlock()
	queue := filepath.Join(p.Dir, "spool")
	if emptyQueue.archive != nil {
		unpack := exec.Command("tar", "--extract", "--preserve-permissions", "--same-owner", "--directory", queue)
		unpack.Stdin = bytes.NewReader(emptyQueue.archive)
		if out, err := unpack.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	if out, err := exec.Command(program, "-c", filepath.Join(p.Dir, "conf"), "check").CombinedOutput(); err != nil {
		return fmt.Errorf("it finds fault with its configuration: %w: %s", err, out)
	}
	archive, err := exec.Command("tar", "--create", "--directory", queue, ".").Output()
	emptyQueue.archive = archive
	return err
}

func (p *postfix) start(t testing.TB) {
	t.Helper()
	p.process = startProcess(t, "Postfix", exec.Command("/usr/lib/postfix/sbin/master", "-d", "-c", filepath.Join(p.Dir, "conf")), &p.output)
	p.process.awaitGreeting(t, address(p.Plain), "220 ")
}

func (p *postfix) stop(t testing.TB) {
	t.Helper()
	if !p.process.stop(20 * time.Second) {
		t.Errorf("Postfix had to be killed:\n%s", p.log())
	}
	p.process.awaitSilence(t, address(p.Plain))
}

// drain waits until everything is handed over. A message that Postfix looked for
// again while its delivery had not quite ended it forgets for minutes, and finds
// when it reads its configuration anew.
func (p *postfix) drain(t testing.TB) {
	t.Helper()
	looked := 0
	Eventually(t, time.Minute, func() error {
		out, err := exec.Command(installed(t, "postqueue"), "-c", filepath.Join(p.Dir, "conf"), "-p").CombinedOutput()
		if err != nil {
			return fmt.Errorf("ask for the queue of Postfix: %w: %s", err, out)
		}
		if bytes.Contains(out, []byte("queue is empty")) {
			return nil
		}
		if looked++; looked%200 == 0 {
			_ = p.process.cmd.Process.Signal(syscall.SIGHUP)
		}
		return fmt.Errorf("the queue of Postfix:\n%s", out)
	})
}

// log is what the server wrote into its log file and, where it could not, to its output.
func (p *postfix) log() string {
	written, _ := os.ReadFile(filepath.Join(p.Dir, "postfix.log"))
	return string(written) + p.output.String()
}

func userID(t testing.TB, name string) int {
	t.Helper()
	account, err := user.Lookup(name)
	if err != nil {
		t.Fatalf("%v: run scripts/debian.sh", err)
	}
	id, err := strconv.Atoi(account.Uid)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
