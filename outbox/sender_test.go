package outbox_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/outbox/smtptest"
)

const (
	sender    = "sales@shop.test"
	recipient = "petr@client.test"
)

var letter = []byte("From: <sales@shop.test>\r\nTo: <petr@client.test>\r\nSubject: hi\r\n\r\n.one dot\r\nbody\r\n")

// certificate lends the certificate that the standard library keeps for tests, valid for 127.0.0.1.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	pool := x509.NewCertPool()
	pool.AddCert(web.Certificate())
	return &tls.Config{Certificates: web.TLS.Certificates}, pool
}

func receiver(t testing.TB, options ...smtptest.Option) *smtptest.Server {
	t.Helper()
	server, err := smtptest.Start("127.0.0.1:0", options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

func plainAccount(server *smtptest.Server) outbox.Account {
	return outbox.Account{Host: "127.0.0.1", Port: server.Port(), TLS: outbox.NoTLS, Timeout: 10 * time.Second}
}

func password(word string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return word, nil }
}

func newSender(t testing.TB, account outbox.Account) *outbox.Sender {
	t.Helper()
	s := outbox.NewSender(account)
	t.Cleanup(s.Close)
	return s
}

func TestSendJudgesEveryAnswer(t *testing.T) {
	huge := append(bytes.Clone(letter), bytes.Repeat([]byte("a line of a very long letter\r\n"), 1<<20)...)
	cases := []struct {
		name     string
		rule     smtptest.Rule
		raw      []byte
		want     outbox.Status
		stage    outbox.Stage
		code     int
		enhanced string
	}{
		{name: "taken", want: outbox.Sent, stage: outbox.StageFinal, code: 250, enhanced: "2.0.0"},
		{name: "greeted with 4xx", rule: smtptest.Rule{At: smtptest.AtHello, Code: 421}, want: outbox.Retry, stage: outbox.StageConnect, code: 421},
		{name: "greeted with 5xx", rule: smtptest.Rule{At: smtptest.AtHello, Code: 554}, want: outbox.Hold, stage: outbox.StageConnect, code: 554},
		{name: "cut at the greeting", rule: smtptest.Rule{At: smtptest.AtHello, Drop: true}, want: outbox.Retry, stage: outbox.StageConnect},
		{name: "sender postponed", rule: smtptest.Rule{At: smtptest.AtMail, Code: 451, Enhanced: "4.7.1"}, want: outbox.Retry, stage: outbox.StageMail, code: 451, enhanced: "4.7.1"},
		{name: "sender refused", rule: smtptest.Rule{At: smtptest.AtMail, Code: 550, Enhanced: "5.1.8"}, want: outbox.Hold, stage: outbox.StageMail, code: 550, enhanced: "5.1.8"},
		{name: "greylisted", rule: smtptest.Rule{At: smtptest.AtRcpt, Code: 451, Enhanced: "4.7.1"}, want: outbox.Retry, stage: outbox.StageRcpt, code: 451, enhanced: "4.7.1"},
		{name: "no such user", rule: smtptest.Rule{At: smtptest.AtRcpt, Code: 550, Enhanced: "5.1.1"}, want: outbox.BadAddress, stage: outbox.StageRcpt, code: 550, enhanced: "5.1.1"},
		{name: "domain without mail", rule: smtptest.Rule{At: smtptest.AtRcpt, Code: 556, Enhanced: "5.1.10"}, want: outbox.BadAddress, stage: outbox.StageRcpt, code: 556, enhanced: "5.1.10"},
		{name: "our domain unknown, said at RCPT", rule: smtptest.Rule{At: smtptest.AtRcpt, Code: 550, Enhanced: "5.1.8"}, want: outbox.Hold, stage: outbox.StageRcpt, code: 550, enhanced: "5.1.8"},
		{name: "no such user in words only", rule: smtptest.Rule{At: smtptest.AtRcpt, Code: 550, Text: "User unknown in virtual mailbox table"}, want: outbox.BadAddress, stage: outbox.StageRcpt, code: 550},
		{name: "no such user under a code that says nothing", rule: smtptest.Rule{At: smtptest.AtRcpt, Code: 550, Enhanced: "5.0.0", Text: "mailbox unavailable"}, want: outbox.BadAddress, stage: outbox.StageRcpt, code: 550, enhanced: "5.0.0"},
		{name: "bare refusal", rule: smtptest.Rule{At: smtptest.AtRcpt, Code: 550, Text: "no"}, want: outbox.Hold, stage: outbox.StageRcpt, code: 550},
		{name: "relay denied", rule: smtptest.Rule{At: smtptest.AtRcpt, Code: 554, Enhanced: "5.7.1", Text: "Relay access denied"}, want: outbox.Hold, stage: outbox.StageRcpt, code: 554, enhanced: "5.7.1"},
		{name: "relay denied in words only", rule: smtptest.Rule{At: smtptest.AtRcpt, Code: 550, Text: "relay not permitted: mailbox unavailable"}, want: outbox.Hold, stage: outbox.StageRcpt, code: 550},
		{name: "cut at RCPT", rule: smtptest.Rule{At: smtptest.AtRcpt, Drop: true}, want: outbox.Retry, stage: outbox.StageRcpt},
		{name: "cut amid the letter", rule: smtptest.Rule{At: smtptest.InData, Drop: true}, raw: huge, want: outbox.Retry, stage: outbox.StageData},
		{name: "letter postponed", rule: smtptest.Rule{At: smtptest.AtEnd, Code: 451, Enhanced: "4.3.0"}, want: outbox.Retry, stage: outbox.StageFinal, code: 451, enhanced: "4.3.0"},
		{name: "letter refused", rule: smtptest.Rule{At: smtptest.AtEnd, Code: 554, Enhanced: "5.7.1"}, want: outbox.Hold, stage: outbox.StageFinal, code: 554, enhanced: "5.7.1"},
		{name: "closing down instead of taking it", rule: smtptest.Rule{At: smtptest.AtEnd, Code: 421}, want: outbox.Retry, stage: outbox.StageFinal, code: 421},
		{name: "answer lost", rule: smtptest.Rule{At: smtptest.AtEnd, Drop: true, Keep: true}, want: outbox.Ambiguous, stage: outbox.StageFinal},
		{name: "answer outside the protocol", rule: smtptest.Rule{At: smtptest.AtEnd, Code: 354}, want: outbox.Ambiguous, stage: outbox.StageFinal, code: 354},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := receiver(t)
			if c.rule.At != "" {
				c.rule.Times = 1
				server.Script(c.rule)
			}
			if c.raw == nil {
				c.raw = letter
			}
			s := newSender(t, plainAccount(server))
			got := s.Send(t.Context(), sender, recipient, c.raw)
			if got.Status != c.want || got.Stage != c.stage || got.Code != c.code || got.Enhanced != c.enhanced {
				t.Errorf("got %+v, want %s at %s with %d %q", got, c.want, c.stage, c.code, c.enhanced)
			}
			if again := s.Send(t.Context(), sender, recipient, letter); again.Status != outbox.Sent {
				t.Errorf("the next letter: %+v", again)
			}
			wantKept := 1
			if c.want == outbox.Sent || c.rule.Keep {
				wantKept = 2
			}
			if n := len(server.Messages()); n != wantKept {
				t.Errorf("the receiver took %d messages, want %d", n, wantKept)
			}
		})
	}
}

func TestSendGivesUpOnAServerThatStalls(t *testing.T) {
	cases := []struct {
		at    smtptest.Point
		want  outbox.Status
		stage outbox.Stage
	}{
		{smtptest.AtMail, outbox.Retry, outbox.StageMail},
		{smtptest.AtRcpt, outbox.Retry, outbox.StageRcpt},
		{smtptest.AtEnd, outbox.Ambiguous, outbox.StageFinal},
	}
	for _, c := range cases {
		t.Run(string(c.at), func(t *testing.T) {
			server := receiver(t)
			server.Script(smtptest.Rule{At: c.at, Stall: true})
			account := plainAccount(server)
			account.Timeout = 100 * time.Millisecond
			if got := newSender(t, account).Send(t.Context(), sender, recipient, letter); got.Status != c.want || got.Stage != c.stage {
				t.Errorf("got %+v, want %s at %s", got, c.want, c.stage)
			}
		})
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	server := receiver(t)
	server.Script(smtptest.Rule{At: smtptest.AtRcpt, Stall: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	account := plainAccount(server)
	account.Timeout = time.Hour
	if got := newSender(t, account).Send(ctx, sender, recipient, letter); got.Status != outbox.Retry {
		t.Errorf("got %+v, want retry", got)
	}
}

func TestStopDuringTheFinalAnswerStillLearnsIt(t *testing.T) {
	server := receiver(t)
	ctx, cancel := context.WithCancel(t.Context())
	server.OnMessage(func(smtptest.Received) { cancel() })
	s := newSender(t, plainAccount(server))
	if got := s.Send(ctx, sender, recipient, letter); got.Status != outbox.Sent {
		t.Errorf("got %+v, want sent", got)
	}
}

func TestMessageArrivesUnchanged(t *testing.T) {
	server := receiver(t)
	if got := newSender(t, plainAccount(server)).Send(t.Context(), sender, recipient, letter); got.Status != outbox.Sent {
		t.Fatalf("got %+v", got)
	}
	received := server.Messages()[0]
	if !bytes.Equal(received.Raw, letter) {
		t.Errorf("received %q, want %q", received.Raw, letter)
	}
	if received.From != sender || len(received.To) != 1 || received.To[0] != recipient {
		t.Errorf("envelope %s -> %s", received.From, received.To)
	}
}

func TestConnectionIsKeptBetweenLetters(t *testing.T) {
	server := receiver(t)
	server.Script(smtptest.Rule{At: smtptest.AtRcpt, To: "gone@client.test", Code: 550, Enhanced: "5.1.1"})
	s := newSender(t, plainAccount(server))
	for i := range 10 {
		to, want := recipient, outbox.Sent
		if i%3 == 1 {
			to, want = "gone@client.test", outbox.BadAddress
		}
		if got := s.Send(t.Context(), sender, to, letter); got.Status != want {
			t.Fatalf("letter %d: %+v, want %s", i, got, want)
		}
	}
	if n := server.Connections(); n != 1 {
		t.Errorf("%d connections for ten letters, want 1", n)
	}
	s.Close()
	if got := s.Send(t.Context(), sender, recipient, letter); got.Status != outbox.Sent {
		t.Fatalf("after Close: %+v", got)
	}
	if n := server.Connections(); n != 2 {
		t.Errorf("%d connections after Close, want 2", n)
	}
}

func TestStaleConnectionIsReplaced(t *testing.T) {
	server := receiver(t)
	s := newSender(t, plainAccount(server))
	if got := s.Send(t.Context(), sender, recipient, letter); got.Status != outbox.Sent {
		t.Fatalf("first letter: %+v", got)
	}
	for name, rule := range map[string]smtptest.Rule{
		"cut":     {At: smtptest.AtMail, Drop: true, Times: 1},
		"421":     {At: smtptest.AtMail, Code: 421, Times: 1},
		"nothing": {At: smtptest.AtMail, Times: 1},
	} {
		server.Script(rule)
		if got := s.Send(t.Context(), sender, recipient, letter); got.Status != outbox.Sent {
			t.Errorf("%s: %+v, want sent over a new connection", name, got)
		}
	}
	if n := len(server.Messages()); n != 4 {
		t.Errorf("%d messages, want 4", n)
	}
}

// tokens answers them in turn, as long as each is said to be stale.
func tokens(list ...string) func(context.Context, string) (string, error) {
	return func(_ context.Context, stale string) (string, error) {
		if stale == list[0] {
			list = list[1:]
		}
		return list[0], nil
	}
}

func TestLogin(t *testing.T) {
	config, pool := certificate(t)
	users := map[string]string{"sales": "secret"}
	cases := []struct {
		name       string
		options    []smtptest.Option
		rules      []smtptest.Rule
		change     func(*outbox.Account)
		want       outbox.Status
		stage      outbox.Stage
		textHolds  string
		wantSecure bool
	}{
		{name: "PLAIN over STARTTLS", options: []smtptest.Option{smtptest.WithSTARTTLS(config)}, want: outbox.Sent, stage: outbox.StageFinal, wantSecure: true},
		{name: "LOGIN", options: []smtptest.Option{smtptest.WithSTARTTLS(config), smtptest.WithMechanisms("LOGIN")}, want: outbox.Sent, stage: outbox.StageFinal, wantSecure: true},
		{
			name: "implicit TLS", options: []smtptest.Option{smtptest.WithTLS(config)},
			change: func(a *outbox.Account) { a.TLS = outbox.ImplicitTLS }, want: outbox.Sent, stage: outbox.StageFinal, wantSecure: true,
		},
		{
			name: "XOAUTH2", options: []smtptest.Option{smtptest.WithSTARTTLS(config)},
			change: func(a *outbox.Account) { a.Token = tokens("secret") }, want: outbox.Sent, stage: outbox.StageFinal, wantSecure: true,
		},
		{
			name: "XOAUTH2 refused", options: []smtptest.Option{smtptest.WithSTARTTLS(config)},
			change: func(a *outbox.Account) { a.Token = tokens("stale", "stale", "secret") }, want: outbox.Hold, stage: outbox.StageAuth, textHolds: "Authentication failed",
		},
		{
			name: "XOAUTH2 withdrawn and had anew", options: []smtptest.Option{smtptest.WithSTARTTLS(config)},
			change: func(a *outbox.Account) { a.Token = tokens("withdrawn", "secret") }, want: outbox.Sent, stage: outbox.StageFinal, wantSecure: true,
		},
		{
			name: "token service unreachable", options: []smtptest.Option{smtptest.WithSTARTTLS(config)},
			change: func(a *outbox.Account) {
				a.Token = func(context.Context, string) (string, error) { return "", errors.New("no answer") }
			},
			want: outbox.Retry, stage: outbox.StageAuth, textHolds: "no answer",
		},
		{
			name: "wrong password", options: []smtptest.Option{smtptest.WithSTARTTLS(config)},
			change: func(a *outbox.Account) { a.Password = password("guess") }, want: outbox.Hold, stage: outbox.StageAuth, textHolds: "Authentication failed",
		},
		{
			name: "login postponed", options: []smtptest.Option{smtptest.WithSTARTTLS(config)},
			rules: []smtptest.Rule{{At: smtptest.AtAuth, Code: 454, Enhanced: "4.7.0"}}, want: outbox.Retry, stage: outbox.StageAuth,
		},
		{
			name: "password file missing", options: []smtptest.Option{smtptest.WithSTARTTLS(config)},
			change: func(a *outbox.Account) {
				a.Password = func(context.Context) (string, error) { return "", errors.New("no such file") }
			},
			want: outbox.Hold, stage: outbox.StageAuth, textHolds: "no such file",
		},
		{name: "STARTTLS not offered", want: outbox.Hold, stage: outbox.StageConnect, textHolds: "STARTTLS"},
		{
			name: "certificate of nobody we know", options: []smtptest.Option{smtptest.WithSTARTTLS(config)},
			change: func(a *outbox.Account) { a.RootCAs = x509.NewCertPool() }, want: outbox.Hold, stage: outbox.StageConnect, textHolds: "certificate",
		},
		{
			name: "implicit TLS towards a plain port", change: func(a *outbox.Account) { a.TLS = outbox.ImplicitTLS },
			want: outbox.Hold, stage: outbox.StageConnect, textHolds: "TLS",
		},
		{
			name: "no mechanism in common", options: []smtptest.Option{smtptest.WithSTARTTLS(config), smtptest.WithMechanisms("CRAM-MD5")},
			want: outbox.Hold, stage: outbox.StageAuth, textHolds: "CRAM-MD5",
		},
		{
			name: "login forgotten", options: []smtptest.Option{smtptest.WithSTARTTLS(config)},
			change: func(a *outbox.Account) { a.Username = "" }, want: outbox.Hold, stage: outbox.StageMail, textHolds: "Authentication required",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := receiver(t, append(c.options, smtptest.WithUsers(users))...)
			server.Script(c.rules...)
			account := outbox.Account{
				Host: "127.0.0.1", Port: server.Port(), TLS: outbox.StartTLS, RootCAs: pool,
				Username: "sales", Password: password("secret"), Timeout: 10 * time.Second,
			}
			if c.change != nil {
				c.change(&account)
			}
			got := newSender(t, account).Send(t.Context(), sender, recipient, letter)
			if got.Status != c.want || got.Stage != c.stage || !strings.Contains(got.Text, c.textHolds) {
				t.Fatalf("got %+v, want %s at %s with %q", got, c.want, c.stage, c.textHolds)
			}
			if c.want == outbox.Sent {
				if message := server.Messages()[0]; message.User != "sales" || message.TLS != c.wantSecure {
					t.Errorf("sent by %q, encrypted %v", message.User, message.TLS)
				}
			}
		})
	}
}

func TestUnreachableServerIsRetried(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	s := newSender(t, outbox.Account{Host: "127.0.0.1", Port: port, TLS: outbox.NoTLS})
	if got := s.Send(t.Context(), sender, recipient, letter); got.Status != outbox.Retry || got.Stage != outbox.StageConnect {
		t.Errorf("got %+v, want retry at connect", got)
	}
}

func TestAddressesThatCannotBeSentTo(t *testing.T) {
	server := receiver(t)
	s := newSender(t, plainAccount(server))
	for _, to := range []string{"", "petr", "petr@", "@client.test", "pe tr@client.test", "petr@client.test>\r\nRCPT TO:<x@y.test", "пётр@client.test"} {
		if got := s.Send(t.Context(), sender, to, letter); got.Status != outbox.BadAddress {
			t.Errorf("to %q: %+v, want bad_address", to, got)
		}
	}
	if got := s.Send(t.Context(), "no sender", recipient, letter); got.Status != outbox.Hold {
		t.Errorf("bad sender: %+v, want hold", got)
	}
}

func TestInternationalAddresses(t *testing.T) {
	server := receiver(t, smtptest.WithSMTPUTF8())
	s := newSender(t, plainAccount(server))
	for to, want := range map[string]string{
		"petr@почта.рф":    "petr@xn--80a1acny.xn--p1ai",
		"пётр@client.test": "пётр@client.test",
	} {
		if got := s.Send(t.Context(), sender, to, letter); got.Status != outbox.Sent {
			t.Fatalf("to %s: %+v", to, got)
		}
		messages := server.Messages()
		if last := messages[len(messages)-1]; last.To[0] != want {
			t.Errorf("to %s: recipient %q, want %q", to, last.To[0], want)
		}
	}
}

func BenchmarkSendOverOneConnection(b *testing.B) {
	server := receiver(b)
	s := newSender(b, plainAccount(server))
	raw := append(bytes.Clone(letter), bytes.Repeat([]byte("a line of text\r\n"), 200)...)
	for b.Loop() {
		if got := s.Send(b.Context(), sender, recipient, raw); got.Status != outbox.Sent {
			b.Fatalf("%+v", got)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}
