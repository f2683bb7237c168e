//go:build system

package browser_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/dealwright/dealwright/demo"
	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/system"
	"github.com/dealwright/dealwright/system/browser"
)

const (
	// password is of every account of the tests.
	password = "secret-of-the-tests"
	// token lets the tests in, as a manager.
	token = "a-manager's-token"
)

func TestMain(m *testing.M) {
	for _, name := range []string{"KUHNI_IMAP_PASSWORD", "KUHNI_SMTP_PASSWORD", "FAIRLEA_IMAP_PASSWORD", "FAIRLEA_SMTP_PASSWORD"} {
		if err := os.Setenv(name, password); err != nil {
			panic(err)
		}
	}
	status := m.Run()
	browser.Stop()
	os.Exit(status)
}

// dashboard is a running server on the companies of the library.
type dashboard struct {
	*system.Server
	box     *demo.Mailbox // of the shop; the contractor's mail server is down
	session string
}

// serve runs the companies on the data in dir, which prepare fills.
func serve(t testing.TB, prepare func(dir string, edits ...string)) *dashboard {
	t.Helper()
	dir := t.TempDir()
	d := &dashboard{}
	box, err := demo.StartMailbox("sales", password)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	d.box = box
	letters, err := smtptest.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(letters.Close)
	smtp := "{host: 127.0.0.1, port: " + strconv.Itoa(letters.Port()) + ", tls: none}"
	prepare(dir,
		`{host: mail.kuhni-dom.test, port: 993, tls: implicit,`, `{host: 127.0.0.1, port: `+strconv.Itoa(box.Port())+`, tls: none,`,
		`{host: mail.fairlea.test, port: 993, tls: implicit,`, `{host: 127.0.0.1, port: 1, tls: none,`,
		`{host: mail.kuhni-dom.test, port: 587, tls: starttls, username: sales, password: "${KUHNI_SMTP_PASSWORD}"}`, smtp,
		`{host: mail.fairlea.test, port: 587, tls: starttls, username: sales@fairlea.test, password: "${FAIRLEA_SMTP_PASSWORD}"}`, smtp,
	)
	tokens := filepath.Join(dir, "tokens")
	if err := os.WriteFile(tokens, fmt.Appendf(nil, "%x manager anna@kuhni-dom.test\n", sha256.Sum256([]byte(token))), 0o600); err != nil {
		t.Fatal(err)
	}
	d.Server = system.StartServer(t, dir, "--tokens", tokens)
	d.session = d.signIn(t)
	return d
}

// signIn is the cookie of somebody who has signed in.
func (d *dashboard) signIn(t testing.TB) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&http.Client{Jar: jar}).PostForm(d.URL("/auth/token"), url.Values{"token": {token}, "next": {"/viewer-of-nothing"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	at, err := url.Parse(d.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range jar.Cookies(at) {
		if c.Name == sessionCookie {
			return c.Value
		}
	}
	t.Fatalf("signing in answers %s and no session", answer.Status)
	return ""
}

const sessionCookie = "dealwright_session"

// tab opens a tab of somebody who has signed in and reads in that language.
func (d *dashboard) tab(t testing.TB, lang, theme string) *browser.Tab {
	t.Helper()
	tab := browser.NewTab(t, d.URL(""), lang)
	tab.Cookie(sessionCookie, d.session)
	tab.Cookie("dealwright_theme", theme)
	return tab
}

// call is a call of the API.
func (d *dashboard) call(t testing.TB, method, path string, body, result any) {
	t.Helper()
	var content io.Reader = http.NoBody
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, d.URL("/api/v1"+path), content)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s %s answers %s: %s %v", method, path, answer.Status, text, err)
	}
	if result != nil {
		if err := json.Unmarshal(text, result); err != nil {
			t.Fatalf("%s %s: %v\n%s", method, path, err, text)
		}
	}
}

// dealJSON is what the tests look at of a deal.
type dealJSON struct {
	ID, Stage, Status, Owner string
	Contact                  struct{ Name, Email string }
	Fields                   map[string]any
	Stalled                  bool
	Tasks                    []struct{ ID, Name, Status string }
}

// deal finds the deal of a client.
func (d *dashboard) deal(t testing.TB, client string) dealJSON {
	t.Helper()
	var list struct{ Items []dealJSON }
	d.call(t, "GET", "/deals?limit=5&q="+url.QueryEscape(client), nil, &list)
	if len(list.Items) == 0 {
		t.Fatalf("nobody is called %q", client)
	}
	return list.Items[0]
}

// TestDashboard is everything that is tried on two companies with three months
// behind them.
func TestDashboard(t *testing.T) {
	d := serve(t, func(dir string, edits ...string) { live(t, dir, settle(t, dir, edits...)) })
	t.Run("pages", d.testPages) // first, before anything is changed
	for name, test := range map[string]func(*testing.T){
		"sign in":           d.testSignIn,
		"stuck money":       d.testStuckMoney,
		"a refused move":    d.testRefusedMove,
		"drag and drop":     d.testDragAndDrop,
		"filter":            d.testFilter,
		"news":              d.testNews,
		"keyboard":          d.testKeyboard,
		"without scripts":   d.testWithoutScripts,
		"hostile text":      d.testHostileText,
		"hostile mail":      d.testHostileMail,
		"choice of viewing": d.testViewerChoice,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t) })
	}
}
