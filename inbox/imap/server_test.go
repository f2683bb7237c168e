package imap_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/dealwright/dealwright/inbox/imap"
)

// server is an IMAP server with one user, sales, whose password is secret.
type server struct {
	t    testing.TB
	user *imapmemserver.User
	port int
}

// setup is what a test wants of its server besides the defaults.
type setup struct {
	tls  string // implicit, starttls or none
	caps goimap.CapSet
	// conn is told of each connection.
	conn func(*imapserver.Conn)
	// session wraps each session.
	session func(imapserver.SessionIMAP4rev2) imapserver.Session
}

func revision1(more ...goimap.Cap) goimap.CapSet {
	caps := goimap.CapSet{goimap.CapIMAP4rev1: {}}
	for _, c := range more {
		caps[c] = struct{}{}
	}
	return caps
}

// certificate lends the certificate that the standard library keeps for tests, valid for 127.0.0.1.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	pool := x509.NewCertPool()
	pool.AddCert(web.Certificate())
	return &tls.Config{Certificates: web.TLS.Certificates}, pool
}

func start(t testing.TB, s setup) *server {
	t.Helper()
	if s.caps == nil {
		s.caps = revision1(goimap.CapMove, goimap.CapUIDPlus)
	}
	memory := imapmemserver.New()
	user := imapmemserver.NewUser("sales", "secret")
	memory.AddUser(user)
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	options := &imapserver.Options{
		Caps: s.caps, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
		NewSession: func(conn *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			if s.conn != nil {
				s.conn(conn)
			}
			session := memory.NewSession().(imapserver.SessionIMAP4rev2)
			if s.session != nil {
				return s.session(session), nil, nil
			}
			return session, nil, nil
		},
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if s.tls == imap.StartTLS || s.tls == imap.ImplicitTLS {
		config, _ := certificate(t)
		if s.tls == imap.ImplicitTLS {
			listener = tls.NewListener(listener, config)
		} else {
			options.TLSConfig = config
		}
	}
	running := imapserver.New(options)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = running.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		_ = running.Close()
		<-served
	})
	return &server{t: t, user: user, port: port}
}

// account is plain; tests with TLS change it.
func (s *server) account() imap.Account {
	return imap.Account{
		Host: "127.0.0.1", Port: s.port, TLS: imap.NoTLS, Username: "sales", Timeout: 10 * time.Second,
		Password: func(context.Context) (string, error) { return "secret", nil },
	}
}

func body(i, size int) string {
	head := fmt.Sprintf("Message-ID: <%d@client.test>\r\nSubject: %d\r\n\r\n", i, i)
	return head + strings.Repeat("x", max(0, size-len(head)))
}

// deliver puts messages first to last, of size bytes, into a folder.
func (s *server) deliver(folder string, first, last, size int) {
	s.t.Helper()
	for i := first; i <= last; i++ {
		s.put(folder, body(i, size), time.Date(2026, 3, 2, 10, i, 0, 0, time.UTC))
	}
}

func (s *server) put(folder, raw string, at time.Time) {
	s.t.Helper()
	if _, err := s.user.Append(folder, literal{strings.NewReader(raw)}, &goimap.AppendOptions{Time: at}); err != nil {
		s.t.Fatal(err)
	}
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// status counts the messages of a folder: all, unseen, deleted.
func (s *server) status(folder string) (all, unseen, deleted uint32) {
	s.t.Helper()
	data, err := s.user.Status(folder, &goimap.StatusOptions{NumMessages: true, NumUnseen: true, NumDeleted: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return *data.NumMessages, *data.NumUnseen, *data.NumDeleted
}

// hooked lets a test step into a session.
type hooked struct {
	imapserver.SessionIMAP4rev2
	idle  func(w *imapserver.UpdateWriter, stop <-chan struct{}) error
	fetch func(w *imapserver.FetchWriter, set goimap.NumSet, options *goimap.FetchOptions) (handled bool, err error)
	copy  func() error
	move  func() error
	store func() error
	flags []goimap.Flag // that the server keeps; nil: all
}

func (h *hooked) Select(folder string, options *goimap.SelectOptions) (*goimap.SelectData, error) {
	data, err := h.SessionIMAP4rev2.Select(folder, options)
	if err == nil && h.flags != nil {
		data.PermanentFlags = h.flags
	}
	return data, err
}

func (h *hooked) Store(w *imapserver.FetchWriter, set goimap.NumSet, flags *goimap.StoreFlags, options *goimap.StoreOptions) error {
	if h.store != nil {
		if err := h.store(); err != nil {
			return err
		}
	}
	return h.SessionIMAP4rev2.Store(w, set, flags, options)
}

func (h *hooked) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	if h.idle != nil {
		return h.idle(w, stop)
	}
	return h.SessionIMAP4rev2.Idle(w, stop)
}

func (h *hooked) Fetch(w *imapserver.FetchWriter, set goimap.NumSet, options *goimap.FetchOptions) error {
	if h.fetch != nil {
		if handled, err := h.fetch(w, set, options); handled {
			return err
		}
	}
	return h.SessionIMAP4rev2.Fetch(w, set, options)
}

func (h *hooked) Copy(set goimap.NumSet, folder string) (*goimap.CopyData, error) {
	if h.copy != nil {
		if err := h.copy(); err != nil {
			return nil, err
		}
	}
	return h.SessionIMAP4rev2.Copy(set, folder)
}

func (h *hooked) Move(w *imapserver.MoveWriter, set goimap.NumSet, folder string) error {
	if h.move != nil {
		if err := h.move(); err != nil {
			return err
		}
	}
	return h.SessionIMAP4rev2.Move(w, set, folder)
}

func hook(h hooked) func(imapserver.SessionIMAP4rev2) imapserver.Session {
	return func(session imapserver.SessionIMAP4rev2) imapserver.Session {
		own := h
		own.SessionIMAP4rev2 = session
		return &own
	}
}

// proxy stands between reader and server and, when told, cuts or stalls connections in the middle of what the server says.
type proxy struct {
	port int
	// allowed is how many more bytes of the server's pass; what comes after is cut off, or with stall withheld.
	allowed atomic.Int64
	stall   atomic.Bool
}

func newProxy(t testing.TB, target int) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{port: listener.Addr().(*net.TCPAddr).Port}
	p.allowed.Store(1 << 40)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			behind, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", target))
			if err != nil {
				_ = client.Close()
				continue
			}
			all.Go(func() {
				_, _ = io.Copy(behind, client)
				_ = behind.Close()
			})
			all.Go(func() { p.pass(client, behind) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	return p
}

func (p *proxy) pass(client, behind net.Conn) {
	buffer := make([]byte, 4096)
	for {
		n, err := behind.Read(buffer)
		left := p.allowed.Add(-int64(n)) + int64(n)
		if left < int64(n) {
			_, _ = client.Write(buffer[:max(0, left)])
			if p.stall.Load() {
				_, _ = io.Copy(io.Discard, behind) // until the reader gives up
			}
			err = io.EOF
		} else {
			_, _ = client.Write(buffer[:n])
		}
		if err != nil {
			_ = client.Close()
			_ = behind.Close()
			return
		}
	}
}
