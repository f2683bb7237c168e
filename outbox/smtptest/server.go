// Package smtptest is an SMTP receiver inside the process that records what it takes and, by a script, refuses, stalls or
// cuts the connection at any point of the conversation. Tests, the demonstration and the system tests send to it.
package smtptest

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// Received is one message that the receiver took.
type Received struct {
	At   time.Time
	From string
	To   []string
	Raw  []byte
	// User is the login that sent it, empty without one.
	User string
	// TLS tells whether the connection was encrypted.
	TLS bool
	// Connection numbers the connections from 1, so that reuse can be seen.
	Connection int
}

// Option changes how a receiver is started.
type Option func(*Server)

// WithSTARTTLS offers STARTTLS with the configuration's certificate.
func WithSTARTTLS(config *tls.Config) Option {
	return func(s *Server) { s.smtp.TLSConfig = config }
}

// WithTLS speaks TLS from the first byte.
func WithTLS(config *tls.Config) Option {
	return func(s *Server) { s.implicitTLS = config }
}

// WithUsers takes mail only after a login; users maps names to passwords, which serve as XOAUTH2 tokens too.
func WithUsers(users map[string]string) Option {
	return func(s *Server) { s.users = users }
}

// WithMechanisms says which logins are offered instead of PLAIN, LOGIN and XOAUTH2.
func WithMechanisms(names ...string) Option {
	return func(s *Server) { s.mechanisms = names }
}

// WithSMTPUTF8 takes addresses outside ASCII.
func WithSMTPUTF8() Option {
	return func(s *Server) { s.smtp.EnableSMTPUTF8 = true }
}

// Server is a running receiver.
type Server struct {
	smtp        *smtp.Server
	listener    net.Listener
	implicitTLS *tls.Config
	users       map[string]string
	mechanisms  []string
	script      atomic.Pointer[script]
	connections atomic.Int64
	dropped     atomic.Int64
	closed      chan struct{}
	served      chan struct{}

	mu        sync.Mutex
	messages  []Received
	onMessage func(Received)
}

// Start runs a receiver on addr, such as 127.0.0.1:0.
func Start(addr string, options ...Option) (*Server, error) {
	s := &Server{mechanisms: []string{"PLAIN", "LOGIN", "XOAUTH2"}, closed: make(chan struct{}), served: make(chan struct{})}
	s.script.Store(newScript(nil))
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.newSession))
	s.smtp.Domain = "smtptest"
	s.smtp.AllowInsecureAuth = true
	s.smtp.ErrorLog = log.New(io.Discard, "", 0) // cut connections are what this server is for
	for _, option := range options {
		option(s)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start SMTP receiver on %s: %w", addr, err)
	}
	s.listener = listener
	if s.implicitTLS != nil {
		listener = tls.NewListener(listener, s.implicitTLS)
	}
	go func() {
		defer close(s.served)
		_ = s.smtp.Serve(listener) // it ends when Close closes the listener
	}()
	return s, nil
}

// Addr is the address that the receiver listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Port is the port that the receiver listens on.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Close stops the receiver and cuts its connections.
func (s *Server) Close() {
	close(s.closed)
	_ = s.smtp.Close()
	_ = s.listener.Close() // the server closes it only if Serve has begun
	<-s.served
}

// Connections is how many connections were opened, STARTTLS or not.
func (s *Server) Connections() int { return int(s.connections.Load()) }

// Dropped is how many connections were cut by the script.
func (s *Server) Dropped() int { return int(s.dropped.Load()) }

// Messages returns what was taken so far, oldest first.
func (s *Server) Messages() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// OnMessage has f called for every message that is taken from now on, before its sender gets the answer.
// Calls come from several goroutines at once when there are several connections.
func (s *Server) OnMessage(f func(Received)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onMessage = f
}

// Script replaces the rules; without arguments the receiver says yes to everything. It panics on a malformed rule,
// which is a fault of the test.
func (s *Server) Script(rules ...Rule) {
	for _, rule := range rules {
		if err := rule.check(); err != nil {
			panic("smtptest: " + err.Error())
		}
	}
	s.script.Store(newScript(rules))
}

func (s *Server) take(message Received) {
	s.mu.Lock()
	s.messages = append(s.messages, message)
	notify := s.onMessage
	s.mu.Unlock()
	if notify != nil {
		notify(message)
	}
}

// answer turns a rule into what the SMTP library reports: nil for yes.
func (r Rule) answer() error {
	if r.Code == 0 {
		return nil
	}
	answer := &smtp.SMTPError{Code: r.Code, EnhancedCode: smtp.NoEnhancedCode, Message: r.Text}
	if r.Enhanced != "" {
		_, _ = fmt.Sscanf(r.Enhanced, "%d.%d.%d", &answer.EnhancedCode[0], &answer.EnhancedCode[1], &answer.EnhancedCode[2]) // checked by Script
	}
	if strings.TrimSpace(answer.Message) == "" {
		answer.Message = "scripted answer"
	}
	return answer
}
