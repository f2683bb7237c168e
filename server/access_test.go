package server

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWithoutTokensOnlyThisMachine(t *testing.T) {
	w := newWorld(t)
	host := strings.TrimPrefix(w.url, "http://")
	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"plain":                      {nil, 200},
		"localhost":                  {[]string{"Host", "localhost:8080"}, 200},
		"IPv6":                       {[]string{"Host", "[::1]:8080"}, 200},
		"IPv6 without a port":        {[]string{"Host", "[::1]"}, 200},
		"another loopback address":   {[]string{"Host", "127.8.8.8"}, 200},
		"a token is not looked at":   {[]string{"Authorization", "Bearer nonsense"}, 200},
		"own origin":                 {[]string{"Origin", "http://" + host}, 200},
		"a name that points here":    {[]string{"Host", "evil.test"}, 403},
		"a name that only begins so": {[]string{"Host", "localhost.evil.test"}, 403},
		"an address of the network":  {[]string{"Host", "192.168.0.10:8080"}, 403},
		"any address":                {[]string{"Host", "0.0.0.0:8080"}, 403},
		"another site":               {[]string{"Origin", "https://evil.test"}, 403},
		"another port":               {[]string{"Origin", "http://127.0.0.1:1"}, 403},
		"a sandboxed page":           {[]string{"Origin", "null"}, 403},
		"a file":                     {[]string{"Origin", "file://"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.send("GET", "/api/v1/companies", "", c.headers...).want(c.status)
		})
	}
	w.t = t
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/nowhere"} {
		w.send("GET", path, "", "Host", "evil.test").want(http.StatusForbidden)
	}
}

func TestTokens(t *testing.T) {
	sum := sha256.Sum256([]byte("opensesame"))
	file := filepath.Join(t.TempDir(), "tokens")
	line := "# made for the test\n\n" + hex.EncodeToString(sum[:]) + " admin integration\n"
	if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	tokens, err := LoadTokens(file)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(o *Options) { o.Tokens = tokens })
	for name, c := range map[string]struct {
		authorization string
		status        int
	}{
		"the token":           {"Bearer opensesame", 200},
		"in small letters":    {"bearer opensesame", 200},
		"none":                {"", 401},
		"another":             {"Bearer opensesam", 401},
		"its hash":            {"Bearer " + hex.EncodeToString(sum[:]), 401},
		"in another scheme":   {"Basic opensesame", 401},
		"only the scheme":     {"Bearer", 401},
		"with something else": {"Bearer opensesame x", 401},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			r := w.send("GET", "/api/v1/companies", "", "Authorization", c.authorization, "Host", "crm.test").want(c.status)
			if c.status == 401 && r.header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate")
			}
		})
	}
	w.t = t
	w.send("GET", "/metrics", "").want(http.StatusUnauthorized)
	w.get("/healthz").want(http.StatusOK)
	w.ready.Store(&Readiness{Ready: true, Mailboxes: []MailboxState{{Company: "kitchens", ID: "sales", State: "connected"}}})
	if body := string(w.get("/readyz").want(http.StatusOK).body); strings.Contains(body, "kitchens") {
		t.Errorf("/readyz tells names to who has no token: %s", body)
	}
	w.send("GET", "/readyz", "", "Authorization", "Bearer opensesame").want(http.StatusOK).has("mailboxes.0.company", "kitchens", "definitions", []any{})

	created := w.send("POST", "/api/v1/deals", petr, "Authorization", "Bearer opensesame").want(http.StatusCreated)
	w.send("GET", created.header.Get("Location")+"/events", "", "Authorization", "Bearer opensesame").want(http.StatusOK).has("items.0.actor", "integration")
}

func TestBrokenTokenFiles(t *testing.T) {
	hash := strings.Repeat("ab", sha256.Size)
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"# nothing\n", "there is no token"},
		"too few words": {hash + " admin\n", ":1: a line has three words"},
		"no hash":       {"opensesame admin ci\n", ":1: the first word is not the SHA-256"},
		"a long hash":   {hash + "00 admin ci\n", "the first word is not the SHA-256"},
		"unknown role":  {"\n" + hash + " king ci\n", `:2: there is no role "king"`},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "tokens")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := LoadTokens(file)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "opensesame") {
				t.Errorf("the error repeats what may be a secret: %v", err)
			}
		})
	}
}

func TestRefusesToListenForOthersWithoutTokens(t *testing.T) {
	s := newWorld(t).server
	for _, listen := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "crm.test:80"} {
		if err := s.Run(t.Context(), listen); err == nil || !strings.Contains(err.Error(), "without tokens") {
			t.Errorf("listen on %q: %v", listen, err)
		}
	}
}
