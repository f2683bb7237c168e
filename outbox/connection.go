package outbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// wire is the network connection under a conversation. The SMTP library sets deadlines of minutes for a command and
// none for the body; wire shortens the first, adds the second, and remembers whether all that was written left.
type wire struct {
	net.Conn
	mu       sync.Mutex
	patience time.Duration // bounds every wait for the server
	writeErr error
}

// SetDeadline takes over the library's deadline, no further away than patience.
func (w *wire) SetDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if latest := time.Now().Add(w.patience); t.After(latest) {
		t = latest
	}
	return w.Conn.SetDeadline(t)
}

// setPatience bounds the waits from now on, the one that goes on included.
func (w *wire) setPatience(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.patience = d
	_ = w.Conn.SetDeadline(time.Now().Add(d)) // a closed connection says so at the next read
}

// Write sends b and bounds the wait for a server that does not read.
func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	_ = w.SetWriteDeadline(time.Now().Add(w.patience))
	w.mu.Unlock()
	n, err := w.Conn.Write(b)
	if err != nil {
		w.mu.Lock()
		w.writeErr = err
		w.mu.Unlock()
	}
	return n, err
}

func (w *wire) wroteAll() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writeErr == nil
}

// connection is one authenticated SMTP conversation.
type connection struct {
	wire     *wire
	client   *smtp.Client
	timeout  time.Duration
	lastUsed time.Time
	broken   bool // nothing more can be said on it
}

// dial opens a conversation and logs in; the stage tells how far it came.
func dial(ctx context.Context, a Account) (*connection, Stage, error) {
	address := net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
	dialer := net.Dialer{Timeout: a.timeout()}
	raw, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, StageConnect, err
	}
	c := &connection{wire: &wire{Conn: raw, patience: a.timeout()}, timeout: a.timeout()}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()

	stage, err := c.begin(ctx, a)
	if err != nil {
		_ = raw.Close()
		return nil, stage, fmt.Errorf("%s: %w", address, err)
	}
	return c, stage, nil
}

func (c *connection) begin(ctx context.Context, a Account) (Stage, error) {
	config := &tls.Config{ServerName: a.Host, RootCAs: a.RootCAs, MinVersion: tls.VersionTLS12}
	var err error
	switch a.TLS {
	case ImplicitTLS:
		c.client = smtp.NewClient(tls.Client(c.wire, config))
	case StartTLS, "":
		if c.client, err = smtp.NewClientStartTLS(c.wire, config); err != nil {
			return StageConnect, err
		}
	case NoTLS:
		c.client = smtp.NewClient(c.wire)
	default:
		return StageConnect, fmt.Errorf("tls: %q is not known: write implicit, starttls or none", a.TLS)
	}
	// The library never waits longer than wire allows; these only lift its own limits out of the way.
	c.client.CommandTimeout, c.client.SubmissionTimeout = time.Hour, time.Hour
	if err := c.client.Hello(a.greetingName(c.wire)); err != nil {
		return StageConnect, err
	}
	if a.Username == "" {
		return StageAuth, nil
	}
	return StageAuth, c.login(ctx, a)
}

func (c *connection) login(ctx context.Context, a Account) error {
	var mechanism sasl.Client
	offered, mechanisms := c.client.Extension("AUTH")
	switch {
	case a.Token != nil:
		return c.loginByToken(ctx, a)
	case a.Password == nil:
		return fmt.Errorf("user %s has neither a password nor a token", a.Username)
	default:
		password, err := a.Password(ctx)
		if err != nil {
			return fmt.Errorf("read the password of %s: %w", a.Username, err)
		}
		switch {
		case c.client.SupportsAuth(sasl.Plain):
			mechanism = sasl.NewPlainClient("", a.Username, password)
		case c.client.SupportsAuth(sasl.Login):
			mechanism = sasl.NewLoginClient(a.Username, password)
		case !offered:
			return errors.New("the server offers no login here: check port and tls, or leave out the username")
		default:
			return fmt.Errorf("the server offers the logins %q and none of PLAIN, LOGIN", mechanisms)
		}
	}
	return c.client.Auth(mechanism)
}

// loginByToken replaces a token that is refused once: it may have been withdrawn before its time.
func (c *connection) loginByToken(ctx context.Context, a Account) error {
	stale := ""
	for {
		token, err := a.Token(ctx, stale)
		if err != nil {
			return tokenFault{fmt.Errorf("get a token for %s: %w", a.Username, err)}
		}
		err = c.client.Auth(xoauth2{a.Username, token})
		var refusal *smtp.SMTPError
		if stale != "" || !errors.As(err, &refusal) || refusal.Code/100 != 5 {
			return err
		}
		stale = token
	}
}

// tokenFault is a token that could not be had now: whoever issues it is reached over the network.
type tokenFault struct{ error }

func (tokenFault) Timeout() bool   { return false }
func (tokenFault) Temporary() bool { return true }
func (t tokenFault) Unwrap() error { return t.error }

// transmit sends one letter. After anything but success the transaction is reset, so that the next letter starts clean.
func (c *connection) transmit(ctx context.Context, from, to string, raw []byte) Result {
	stop := context.AfterFunc(ctx, func() { _ = c.wire.Close() })
	defer func() { stop() }()
	defer func() { c.lastUsed = time.Now() }()

	options := &smtp.MailOptions{Size: int64(len(raw))}
	if utf8Needed := !isASCII(from) || !isASCII(to); utf8Needed {
		if offered, _ := c.client.Extension("SMTPUTF8"); !offered {
			return refuseUTF8(from)
		}
		options.UTF8 = true
	}
	if err := c.client.Mail(from, options); err != nil {
		return c.fail(StageMail, err)
	}
	if err := c.client.Rcpt(to, nil); err != nil {
		return c.fail(StageRcpt, err)
	}
	body, err := c.client.Data()
	if err != nil {
		return c.fail(StageData, err)
	}
	if _, err := bytes.NewReader(raw).WriteTo(body); err != nil {
		return c.fail(StageData, err)
	}

	// From here on the server may take the letter, so a stop of ours grants it a little time to say so.
	stop()
	c.wire.setPatience(finalPatience * c.timeout)
	stop = context.AfterFunc(ctx, func() { c.wire.setPatience(finalGrace) })
	reply, err := body.CloseWithResponse()
	switch {
	case err == nil:
		stop()
		c.wire.setPatience(c.timeout)
		enhanced, text := splitCode(reply.StatusText)
		return Result{Status: Sent, Code: 250, Enhanced: enhanced, Text: brief(text), Stage: StageFinal}
	case !c.wire.wroteAll():
		// The end of the letter never left: the server cannot have taken it.
		return c.fail(StageData, err)
	default:
		return c.fail(StageFinal, err)
	}
}

func (c *connection) fail(stage Stage, err error) Result {
	var answer *smtp.SMTPError
	if !errors.As(err, &answer) || answer.Code == 421 || !c.wire.wroteAll() {
		c.broken = true
	}
	if !c.broken {
		c.wire.setPatience(c.timeout)
		c.broken = c.client.Reset() != nil
	}
	return judge(stage, err)
}

// refuseUTF8 answers for an address outside ASCII on a server that cannot carry it.
func refuseUTF8(from string) Result {
	if !isASCII(from) {
		return Result{Status: Hold, Stage: StageMail, Text: fmt.Sprintf("the sender's address %q is not ASCII and the server offers no SMTPUTF8", from)}
	}
	return Result{Status: BadAddress, Stage: StageRcpt, Text: "the recipient's address is not ASCII and the server offers no SMTPUTF8"}
}

// splitCode parts the enhanced code at the start of a reply from its text.
func splitCode(reply string) (enhanced, text string) {
	code, text, _ := strings.Cut(reply, " ")
	if strings.Count(code, ".") == 2 && strings.Trim(code, "0123456789.") == "" {
		return code, text
	}
	return "", reply
}

// close says goodbye when the other side still listens.
func (c *connection) close() {
	if !c.broken {
		c.wire.setPatience(quitPatience)
		if c.client.Quit() == nil {
			return
		}
	}
	_ = c.wire.Close()
}
