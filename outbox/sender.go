package outbox

import (
	"context"
	"crypto/x509"
	"net"
	"sync"
	"time"
)

// The ways a connection is secured, as company files write them.
const (
	ImplicitTLS = "implicit"
	StartTLS    = "starttls"
	NoTLS       = "none"
)

const (
	defaultTimeout = time.Minute
	// finalPatience is how many times longer than for a command the answer to a whole letter is awaited: giving up early makes duplicates.
	finalPatience = 5
	// finalGrace is how long a stopping process still waits for that answer.
	finalGrace = 5 * time.Second
	// idleLimit is the age from which a kept connection is not trusted any more.
	idleLimit    = 30 * time.Second
	quitPatience = 2 * time.Second
)

// Account is an SMTP server and a login on it.
type Account struct {
	Host string
	Port int
	// TLS is implicit, starttls (the default) or none. With starttls a server that does not offer it gets no letter.
	TLS string
	// Username is empty where the server wants no login; else Token (XOAUTH2) or Password is asked at every login. Stale is a
	// token that the server has just refused; it is empty at the first attempt.
	Username string
	Password func(ctx context.Context) (string, error)
	Token    func(ctx context.Context, stale string) (string, error)
	// RootCAs are trusted instead of the system's when set.
	RootCAs *x509.CertPool
	// HELO is the name to greet with; the connection's own address by default.
	HELO string
	// Timeout bounds each wait for the server, one minute by default; the answer to a whole letter gets five times as long.
	Timeout time.Duration
}

func (a Account) timeout() time.Duration {
	if a.Timeout > 0 {
		return a.Timeout
	}
	return defaultTimeout
}

// greetingName is the configured name or the address literal of RFC 5321, section 4.1.3.
func (a Account) greetingName(conn net.Conn) string {
	if a.HELO != "" {
		return a.HELO
	}
	host, _, err := net.SplitHostPort(conn.LocalAddr().String())
	ip := net.ParseIP(host)
	switch {
	case err != nil || ip == nil:
		return "localhost"
	case ip.To4() != nil:
		return "[" + ip.String() + "]"
	default:
		return "[IPv6:" + ip.String() + "]"
	}
}

// Sender sends letters one after another over one connection, which it keeps between them.
// It may be used by several goroutines; their letters wait for each other.
//
// Letters are composed with go-mail, but its client cannot send them. Where in the conversation a fault happened decides
// whether a letter may be sent again: until its last byte has left it may, and after that it may have been taken. That
// client takes the leaving of the last bytes and the wait for the answer as one step, calls every lost connection a
// permanent fault, reports a failed reset after an accepted letter as a letter that failed, and sends without a context
// that could end it.
type Sender struct {
	account Account
	mu      sync.Mutex
	kept    *connection
}

// NewSender makes a sender for the account. It connects at the first letter.
func NewSender(account Account) *Sender {
	return &Sender{account: account}
}

// Send hands one message to the server for one recipient and says what became of it. When ctx ends, Send gives up at
// once, or within five seconds when the whole message has already been handed over.
func (s *Sender) Send(ctx context.Context, from, to string, raw []byte) Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	sender, err := NormalEmail(from)
	if err != nil {
		return Result{Status: Hold, Stage: StageMail, Text: "sender: " + brief(err.Error())}
	}
	recipient, err := NormalEmail(to)
	if err != nil {
		return Result{Status: BadAddress, Stage: StageRcpt, Text: brief(err.Error())}
	}

	if s.kept != nil && time.Since(s.kept.lastUsed) > idleLimit {
		s.drop()
	}
	if s.kept != nil {
		result := s.transmit(ctx, sender, recipient, raw)
		if !isStale(result) || ctx.Err() != nil {
			return result
		}
	}
	connection, stage, err := dial(ctx, s.account)
	if err != nil {
		return judge(stage, err)
	}
	s.kept = connection
	return s.transmit(ctx, sender, recipient, raw)
}

// isStale tells a kept connection that the server has meanwhile ended from a fault worth reporting: nothing of the letter was said on it.
func isStale(r Result) bool {
	return r.Stage == StageMail && r.Status == Retry && (r.Code == 0 || r.Code == 421)
}

func (s *Sender) transmit(ctx context.Context, from, to string, raw []byte) Result {
	result := s.kept.transmit(ctx, from, to, raw)
	if s.kept.broken {
		s.drop()
	}
	return result
}

func (s *Sender) drop() {
	s.kept.close()
	s.kept = nil
}

// Close ends the kept connection, if any. The sender may be used again; call it when no letter is due for a while.
func (s *Sender) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept != nil {
		s.drop()
	}
}
