package smtptest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one connection's conversation.
type session struct {
	server *Server
	conn   *smtp.Conn
	number int
	user   string
	from   string
	to     []string
}

var errCut = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "connection cut by script"}

func (s *Server) newSession(conn *smtp.Conn) (smtp.Session, error) {
	_, encrypted := conn.TLSConnectionState()
	// After STARTTLS the same connection says EHLO again.
	number := s.connections.Load()
	if s.implicitTLS != nil || !encrypted {
		number = s.connections.Add(1)
	}
	session := &session{server: s, conn: conn, number: int(number)}
	if err := session.obey(s.script.Load().next(AtHello, nil)); err != nil {
		return nil, err
	}
	return session, nil
}

// obey carries out the acting rule; the error, if any, is the answer.
func (s *session) obey(rule Rule) error {
	switch {
	case rule.Drop:
		s.server.dropped.Add(1)
		s.cut()
		return errCut
	case rule.Stall:
		s.stall()
		return errCut
	default:
		return rule.answer()
	}
}

// cut resets the connection, so that an answer that the library still writes goes nowhere.
func (s *session) cut() {
	conn := s.conn.Conn()
	if encrypted, ok := conn.(*tls.Conn); ok {
		conn = encrypted.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// stall waits until the client has gone or the receiver is closed. What the client sends meanwhile is lost.
func (s *session) stall() {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, s.conn.Conn())
	}()
	select {
	case <-gone:
	case <-s.server.closed:
	}
	s.cut()
}

// Reset forgets the message under way.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the session.
func (s *session) Logout() error { return nil }

// Mail takes the sender.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.users != nil && s.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	if err := s.obey(s.server.script.Load().next(AtMail, nil)); err != nil {
		return err
	}
	s.from = from
	return nil
}

// Rcpt takes a recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.obey(s.server.script.Load().next(AtRcpt, []string{to})); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data reads the message, records it and answers.
func (s *session) Data(r io.Reader) error {
	script := s.server.script.Load()
	var raw bytes.Buffer
	if _, err := io.CopyN(&raw, r, 1024); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if rule := script.next(InData, s.to); rule.Drop || rule.Stall {
		return s.obey(rule)
	}
	if _, err := raw.ReadFrom(r); err != nil {
		return err
	}
	rule := script.next(AtEnd, s.to)
	refused := rule.Drop || rule.Stall || rule.Code/100 > 2
	if !refused || rule.Keep {
		_, encrypted := s.conn.TLSConnectionState()
		s.server.take(Received{
			At: time.Now(), From: s.from, To: s.to, Raw: raw.Bytes(),
			User: s.user, TLS: encrypted, Connection: s.number,
		})
	}
	return s.obey(rule)
}

// AuthMechanisms lists the logins offered.
func (s *session) AuthMechanisms() []string {
	if s.server.users == nil {
		return nil
	}
	return s.server.mechanisms
}

// Auth begins a login.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if err := s.obey(s.server.script.Load().next(AtAuth, nil)); err != nil {
		return nil, err
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, username, password string) error { return s.login(username, password) }), nil
	case sasl.Login:
		return &loginServer{login: s.login}, nil
	case "XOAUTH2":
		return &xoauth2Server{login: s.login}, nil
	default:
		return nil, smtp.ErrAuthUnknownMechanism
	}
}

func (s *session) login(username, password string) error {
	if known, ok := s.server.users[username]; !ok || known != password {
		return smtp.ErrAuthFailed
	}
	s.user = username
	return nil
}

// loginServer is the LOGIN mechanism, of which the library has the client's half only.
type loginServer struct {
	login    func(username, password string) error
	username *string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil:
		return []byte("Username:"), false, nil
	case l.username == nil:
		username := string(response)
		l.username = &username
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.login(*l.username, string(response))
	}
}

// xoauth2Server takes "user=…^Aauth=Bearer …^A^A"; a wrong token is answered with a challenge first, as the big providers do.
type xoauth2Server struct {
	login   func(username, token string) error
	refusal error
}

func (x *xoauth2Server) Next(response []byte) (challenge []byte, done bool, err error) {
	if x.refusal != nil {
		return nil, true, x.refusal
	}
	user, rest, _ := strings.Cut(string(response), "\x01")
	token, _, _ := strings.Cut(rest, "\x01")
	err = x.login(strings.TrimPrefix(user, "user="), strings.TrimPrefix(token, "auth=Bearer "))
	if err != nil {
		x.refusal = err
		return []byte(`{"status":"400"}`), false, nil
	}
	return nil, true, nil
}
