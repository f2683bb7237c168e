//nolint:bodyclose // the helpers close what they answer
package server

import (
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// people is who the provider of the tests knows: all by the password "pw".
const people = `{
	"1": {"ID": "1", "Username": "anna", "Password": "pw", "Email": "Anna@kitchens.test", "EmailVerified": true},
	"2": {"ID": "2", "Username": "mallory", "Password": "pw", "Email": "anna@kitchens.test", "EmailVerified": false},
	"3": {"ID": "3", "Username": "stranger", "Password": "pw", "Email": "stranger@elsewhere.test", "EmailVerified": true}
}`

// signInWorld is a server beside a real OpenID Connect provider.
func signInWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	users := filepath.Join(t.TempDir(), "users.json")
	if err := os.WriteFile(users, []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	known, err := storage.StoreFromFile(users)
	if err != nil {
		t.Fatal(err)
	}
	var at http.Handler
	idp := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { at.ServeHTTP(rw, r) }))
	t.Cleanup(idp.Close)
	var site http.Handler
	own := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { site.ServeHTTP(rw, r) }))
	t.Cleanup(own.Close)
	clients := map[string]*storage.Client{"dealwright": storage.WebClient("dealwright", "s3cret", own.URL+callbackPath)}
	at = exampleop.SetupServer(idp.URL, storage.NewStorageWithClients(known, clients), slog.New(slog.DiscardHandler), false)

	o := w.server.Options
	o.Metrics, o.PublicURL = nil, own.URL
	o.SignIn = &SignIn{Issuer: idp.URL, ClientID: "dealwright", ClientSecret: "s3cret", People: map[string]Holder{
		"anna@kitchens.test": {Name: "anna@kitchens.test", Role: RoleManager, Companies: []string{"kitchens"}},
	}}
	o.Tokens = []Token{{sha256.Sum256([]byte("root")), Holder{Name: "root", Role: RoleAdmin}}}
	w.server = New(o)
	site, w.url = w.server, own.URL
	return w
}

// browser keeps cookies and follows redirects.
type browser struct {
	t *testing.T
	*http.Client
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, &http.Client{Jar: jar}}
}

func (b *browser) do(method, at, body string, headers ...string) (*http.Response, string) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, at, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res, string(text)
}

var requestID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn goes through the provider's page and gives where it ended.
func (b *browser) signIn(w *world, name, next string) (*http.Response, string) {
	b.t.Helper()
	page, text := b.do("GET", w.url+loginPath+"?next="+url.QueryEscape(next), "")
	id := requestID.FindStringSubmatch(text)
	if id == nil {
		b.t.Fatalf("no page to sign in: %d %s", page.StatusCode, text)
	}
	form := url.Values{"id": {id[1]}, "username": {name}, "password": {"pw"}}
	return b.do("POST", page.Request.URL.Scheme+"://"+page.Request.URL.Host+"/login/username", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

func TestSignIn(t *testing.T) {
	w := signInWorld(t)
	b := newBrowser(t)
	if res, _ := b.do("GET", w.url+"/api/v1/me", ""); res.StatusCode != http.StatusUnauthorized {
		t.Fatalf("before: status %d", res.StatusCode)
	}
	res, text := b.signIn(w, "anna", "/api/v1/me")
	if res.StatusCode != http.StatusOK || !strings.Contains(text, `"role":"manager"`) || !strings.Contains(text, `"companies":["kitchens"]`) {
		t.Fatalf("after: status %d at %s: %s", res.StatusCode, res.Request.URL, text)
	}
	address, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	if cookies := b.Jar.Cookies(address); len(cookies) != 1 || cookies[0].Name != sessionCookie {
		t.Errorf("cookies %v, want the session alone", cookies)
	}

	// She works as herself; a page of another site cannot make her.
	kind := []string{"Content-Type", "application/json"}
	if res, text := b.do("POST", w.url+"/api/v1/deals", petr, kind...); res.StatusCode != http.StatusCreated {
		t.Fatalf("status %d: %s", res.StatusCode, text)
	}
	if res, _ := b.do("GET", w.url+"/api/v1/companies/yachts", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("another company: status %d", res.StatusCode)
	}
	for name, headers := range map[string][]string{
		"by its origin":  {"Origin", "https://evil.test"},
		"by the browser": {"Sec-Fetch-Site", "cross-site"},
		"a sandbox":      {"Origin", "null"},
	} {
		if res, _ := b.do("POST", w.url+"/api/v1/deals", petr, append(headers, kind...)...); res.StatusCode != http.StatusForbidden {
			t.Errorf("another site's page, known %s: status %d", name, res.StatusCode)
		}
		if res, _ := b.do("POST", w.url+logoutPath, "", headers...); res.StatusCode != http.StatusForbidden {
			t.Errorf("another site's logout, known %s: status %d", name, res.StatusCode)
		}
	}
	// A token needs no cookie, and a cookie no longer counts once she is struck off or has left.
	w.server.SignIn.People["anna@kitchens.test"] = Holder{Name: "anna@kitchens.test", Role: RoleViewer}
	if res, _ := b.do("POST", w.url+"/api/v1/deals", petr, kind...); res.StatusCode != http.StatusForbidden {
		t.Errorf("as a viewer: status %d", res.StatusCode)
	}
	if res, _ := b.do("POST", w.url+logoutPath, ""); res.StatusCode != http.StatusNoContent {
		t.Errorf("logout: status %d", res.StatusCode)
	}
	if res, _ := b.do("GET", w.url+"/api/v1/me", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("after logout: status %d", res.StatusCode)
	}
}

func TestSignInOfOthers(t *testing.T) {
	w := signInWorld(t)
	for name, want := range map[string]int{"mallory": http.StatusUnauthorized, "stranger": http.StatusForbidden} {
		if res, text := newBrowser(t).signIn(w, name, "/"); res.StatusCode != want || strings.Contains(text, "s3cret") {
			t.Errorf("%s: status %d: %s", name, res.StatusCode, text)
		}
		w.forget()
	}
}

func TestForgedSignIns(t *testing.T) {
	w := signInWorld(t)
	seal := func(kind string, v any) string {
		t.Helper()
		text, err := w.server.seal(t.Context(), kind, v)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	soon := time.Now().Add(time.Minute).Unix()
	good := seal(sessionCookie, session{Email: "anna@kitchens.test", Ends: soon})
	body, mark, _ := strings.Cut(good, ".")
	for name, c := range map[string]struct {
		value  string
		status int
	}{
		"good":                  {good, 200},
		"over":                  {seal(sessionCookie, session{Email: "anna@kitchens.test", Ends: time.Now().Add(-time.Minute).Unix()}), 401},
		"of somebody unknown":   {seal(sessionCookie, session{Email: "x@y.test", Ends: soon}), 401},
		"another cookie's seal": {seal(loginCookie, session{Email: "anna@kitchens.test", Ends: soon}), 401},
		"unsigned":              {body, 401},
		"signed by nobody":      {body + ".", 401},
		"a changed body":        {body[:len(body)-1] + "A." + mark, 401},
		"a changed mark":        {body + "." + mark[:len(mark)-4] + "AAAA", 401},
		"nonsense":              {"x.y.z", 401},
	} {
		w.forget()
		if r := w.send("GET", "/api/v1/me", "", "Cookie", sessionCookie+"="+c.value); r.status != c.status {
			t.Errorf("%s: status %d, want %d", name, r.status, c.status)
		}
	}
	for name, c := range map[string]struct{ path, cookie string }{
		"without a beginning": {"?code=x&state=y", ""},
		"another's state":     {"?code=x&state=y", seal(loginCookie, login{State: "z", Ends: soon})},
		"no state":            {"?code=x", seal(loginCookie, login{State: "z", Ends: soon})},
		"too late":            {"?code=x&state=z", seal(loginCookie, login{State: "z", Ends: 1})},
		"a made-up code":      {"?code=x&state=z", seal(loginCookie, login{State: "z", Ends: soon})},
		"refused there":       {"?error=access_denied&state=z", seal(loginCookie, login{State: "z", Ends: soon})},
	} {
		w.forget()
		if r := w.send("GET", callbackPath+c.path, "", "Cookie", loginCookie+"="+c.cookie); r.status != http.StatusUnauthorized {
			t.Errorf("%s: status %d", name, r.status)
		}
	}
}

func TestNextStaysHere(t *testing.T) {
	for next, want := range map[string]string{
		"/deals?q=a":          "/deals?q=a",
		"":                    "/",
		"deals":               "/",
		"//evil.test":         "/",
		"https://evil.test":   "/",
		`/\evil.test`:         "/",
		"/\r\nSet-Cookie: a":  "/",
		"javascript:alert(1)": "/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("next %q leads to %q, want %q", next, got, want)
		}
	}
}

func TestProviderDown(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.SignIn, o.PublicURL = &SignIn{Issuer: "http://127.0.0.1:1", ClientID: "x"}, "https://crm.test"
	})
	if r := w.get(loginPath).want(http.StatusServiceUnavailable); r.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	w.get("/healthz").want(http.StatusOK)
	if c := w.server.cookie("a", "b", time.Minute); !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %v", c)
	}
}

func TestLoadPeople(t *testing.T) {
	for name, c := range map[string]struct{ text, fault string }{
		"good":              {"# all\nAnna@kitchens.test manager kitchens,yachts\n\nivan@kitchens.test rep\n", ""},
		"no address":        {"anna manager\n", ":1:"},
		"no role":           {"anna@kitchens.test\n", ":1: a line has"},
		"an unknown role":   {"anna@kitchens.test king\n", `no role "king"`},
		"one word too many": {"anna@kitchens.test rep kitchens yachts\n", ":1: a line has"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "people")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			people, err := LoadPeople(path)
			if c.fault == "" {
				if err != nil || len(people) != 2 || len(people["anna@kitchens.test"].Companies) != 2 {
					t.Errorf("%v, %v", people, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("error %v, want %q", err, c.fault)
			}
		})
	}
}
