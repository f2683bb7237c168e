package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// session is one connection that has logged in.
type session struct {
	account Account
	ctx     context.Context // its end closes the connection
	stop    func() bool
	wire    *wire
	client  *imapclient.Client
	news    chan struct{} // holds one mark when the server has announced something
}

// open connects and logs in. The connection is closed when ctx ends. A token that is refused is replaced once: it may have been
// withdrawn before its time.
func open(ctx context.Context, account Account) (*session, error) {
	stale := ""
	for {
		// Where a secret comes from may be slow, so it is had before anything waits for it.
		secret, err := account.secret(ctx, stale)
		if err != nil {
			return nil, err
		}
		s, err := connect(ctx, account, secret)
		var refused *LoginError
		if account.Token == nil || stale != "" || !errors.As(err, &refused) {
			return s, err
		}
		stale = secret
	}
}

func connect(ctx context.Context, account Account, secret string) (*session, error) {
	dialer := net.Dialer{Timeout: account.timeout()}
	raw, err := dialer.DialContext(ctx, "tcp", account.address())
	if err != nil {
		return nil, &ConnectError{account.name(), err}
	}
	s := &session{account: account, ctx: ctx, wire: &wire{Conn: raw}, news: make(chan struct{}, 1)}
	s.stop = context.AfterFunc(ctx, func() { _ = raw.Close() })
	err = s.ask(s.greet)
	if err == nil {
		err = s.ask(func() error { return s.login(secret) })
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// secret asks for the token, in place of a stale one, or for the password.
func (a Account) secret(ctx context.Context, stale string) (string, error) {
	var secret string
	var err error
	what := "password"
	switch {
	case a.Token != nil:
		what = "token"
		secret, err = a.Token(ctx, stale)
	case a.Password != nil:
		secret, err = a.Password(ctx)
	default:
		return "", &LoginError{a.name(), errors.New("neither a password nor a token is configured")}
	}
	if err != nil {
		return "", fmt.Errorf("mailbox %s: get the %s: %w", a.name(), what, err)
	}
	return secret, nil
}

func (s *session) close() {
	s.stop()
	_ = s.wire.Close() // nothing is lost with it: the mailbox needs no goodbye
}

// greet secures the connection and waits for the server's greeting.
func (s *session) greet() error {
	config := &tls.Config{ServerName: s.account.Host, RootCAs: s.account.RootCAs, MinVersion: tls.VersionTLS12, NextProtos: []string{"imap"}}
	options := &imapclient.Options{
		TLSConfig:             config,
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: s.announced},
	}
	var err error
	switch s.account.TLS {
	case ImplicitTLS, "":
		encrypted := tls.Client(s.wire, config)
		if err = encrypted.HandshakeContext(s.ctx); err == nil {
			s.client = imapclient.New(encrypted, options)
		}
	case StartTLS:
		s.client, err = imapclient.NewStartTLS(s.wire, options)
	case NoTLS:
		s.client = imapclient.New(s.wire, options)
	default:
		err = fmt.Errorf("tls: %q is not known: write implicit, starttls or none", s.account.TLS)
	}
	if err == nil {
		err = s.client.WaitGreeting()
	}
	if err != nil {
		return &ConnectError{s.account.name(), s.cause(err)}
	}
	return nil
}

// announced leaves a mark that something happened in the folder; one is enough.
func (s *session) announced(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	select {
	case s.news <- struct{}{}:
	default:
	}
}

func (s *session) login(secret string) error {
	if s.client.State() == goimap.ConnStateAuthenticated {
		return nil
	}
	caps := s.client.Caps()
	if caps.Has(goimap.CapLoginDisabled) {
		return &LoginError{s.account.name(), errors.New("the server wants encryption first: set tls to starttls or implicit")}
	}
	var err error
	switch {
	case s.account.Token != nil:
		err = s.client.Authenticate(xoauth2{s.account.Username, secret})
	case caps.Has(goimap.AuthCap(sasl.Plain)):
		err = s.client.Authenticate(sasl.NewPlainClient("", s.account.Username, secret))
	default:
		err = s.client.Login(s.account.Username, secret).Wait()
	}
	var refused tokenRefused
	answer, ok := refusal(err)
	switch {
	case err == nil:
		return nil
	case ok && !isPassing(answer), errors.As(err, &refused):
		return &LoginError{s.account.name(), err}
	default:
		return s.fail("log in", err)
	}
}

// ask runs one exchange with the server, bounded in silence.
func (s *session) ask(exchange func() error) error {
	s.wire.await(s.account.timeout())
	defer s.wire.await(0)
	return exchange()
}

// fail names the mailbox and the action, and finds out what lies behind an error of the library.
func (s *session) fail(action string, err error) error {
	return fmt.Errorf("mailbox %s: %s: %w", s.account.name(), action, s.cause(err))
}

func (s *session) cause(err error) error {
	if _, ok := refusal(err); ok {
		return err
	}
	fault := s.wire.lastFault()
	switch {
	case s.ctx.Err() != nil:
		return s.ctx.Err()
	case errors.Is(fault, os.ErrDeadlineExceeded):
		return fmt.Errorf("the server has been silent for %v: %w", s.account.timeout(), fault)
	case fault != nil:
		return fmt.Errorf("%w (%w)", err, fault)
	default:
		return err
	}
}

// look opens the folder anew, which tells how it stands now: read-only unless messages are to be moved out of it.
func (s *session) look(folder string, readOnly bool) (*goimap.SelectData, error) {
	var data *goimap.SelectData
	err := s.ask(func() (err error) {
		data, err = s.client.Select(folder, &goimap.SelectOptions{ReadOnly: readOnly}).Wait()
		return err
	})
	if _, ok := refusal(err); ok {
		return nil, &FolderError{s.account.name(), folder, err}
	}
	if err != nil {
		return nil, s.fail(fmt.Sprintf("open folder %q", folder), err)
	}
	return data, nil
}

// wait returns when it is time to look again: something was announced, the caller asks for it, or Poll has passed.
func (s *session) wait(ctx context.Context, options Options) error {
	timer := time.NewTimer(options.Poll)
	defer timer.Stop()
	var idle *imapclient.IdleCommand
	if s.client.Caps().Has(goimap.CapIdle) {
		err := s.ask(func() (err error) {
			idle, err = s.client.Idle()
			return err
		})
		if _, refused := refusal(err); err != nil && !refused {
			return s.fail("begin IDLE", err)
		}
	}
	select {
	case <-s.news:
	case <-options.Wake:
	case <-timer.C:
	case <-ctx.Done():
		return s.fail("wait for mail", ctx.Err())
	case <-s.client.Closed():
		return s.fail("wait for mail", errors.New("the server closed the connection"))
	}
	if idle == nil {
		return nil
	}
	err := s.ask(func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
	if _, refused := refusal(err); err != nil && !refused {
		return s.fail("end IDLE", err)
	}
	return nil // a refused IDLE costs nothing but the announcement
}
