//go:build system

package system_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

// authority issues access tokens for refresh tokens, each of which is good once, and tells the mail servers whose token is good.
type authority struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	refresh string // the one that is good
	lives   int    // seconds that a token is good for
	issued  int
	good    map[string]bool
	refused []string // tokens that a mail server has turned away
}

func startAuthority(t *testing.T, refresh string) *authority {
	t.Helper()
	a := &authority{t: t, refresh: refresh, lives: 3600, good: map[string]bool{}}
	paths := http.NewServeMux()
	paths.HandleFunc("POST /token", a.token)
	paths.HandleFunc("POST /introspect", a.introspect)
	a.Server = httptest.NewServer(paths)
	t.Cleanup(a.Close)
	return a
}

func (a *authority) token(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.FormValue("refresh_token") != a.refresh || r.FormValue("client_id") != "crm" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error": "invalid_grant"}`)
		return
	}
	a.issued++
	a.refresh = fmt.Sprint("refresh-", a.issued)
	token := fmt.Sprint("access-", a.issued)
	a.good[token] = true
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "refresh_token": a.refresh, "expires_in": a.lives})
}

func (a *authority) introspect(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	token := r.FormValue("token")
	if !a.good[token] {
		a.refused = append(a.refused, token)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"active": a.good[token], "username": "sales@crm.test"})
}

// withdraw makes all tokens that were issued worth nothing.
func (a *authority) withdraw() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.good = map[string]bool{}
}

// liveFor changes how many seconds new tokens are good for.
func (a *authority) liveFor(seconds int) { a.mu.Lock(); defer a.mu.Unlock(); a.lives = seconds }

func (a *authority) told() (issued int, refused string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.issued, strings.Join(a.refused, " ")
}

// Mail is read and sent by tokens alone, through Dovecot and Postfix. A token that was withdrawn and one that has run out are
// replaced, and a refresh token that was replaced is known after a restart.
func TestMailByTokens(t *testing.T) {
	a := startAuthority(t, "refresh-0")
	m := system.StartMailWithTokens(t, a.URL+"/introspect")
	t.Setenv("CRM_REFRESH", "refresh-0")
	dir := company(t, m, "none", `password: "${CRM_PASSWORD}"`, `token: {url: "`+a.URL+`/token", client_id: crm, refresh_token: "${CRM_REFRESH}"}`)
	for _, client := range []string{"alice@client.test", "bob@client.test", "carol@client.test", "dora@client.test"} {
		m.AddUser(client, mailPassword) // before anybody logs in: Dovecot looks at its users once a second
	}
	s := system.StartServer(t, dir)
	exchange := func(client string) {
		t.Helper()
		placeLead(m, client)
		m.AwaitInbox(client, 1, 30*time.Second)
	}
	reconnect := func() {
		t.Helper()
		m.StopSMTP()
		m.StopIMAP()
		m.StartIMAP()
		m.StartSMTP()
	}
	exchange("alice@client.test")
	if issued, refused := a.told(); issued != 1 || refused != "" {
		t.Errorf("%d tokens were issued and %q refused, want one for reading and sending", issued, refused)
	}

	a.withdraw()
	reconnect()
	exchange("bob@client.test")
	if issued, refused := a.told(); issued != 2 || !strings.HasPrefix(refused, "access-1") {
		t.Errorf("after one was withdrawn %d tokens were issued and %q refused", issued, refused)
	}

	a.liveFor(60) // about to run out as soon as it is had
	a.withdraw()
	s.Stop()
	s.Restart()
	exchange("carol@client.test")
	before, refused := a.told()
	reconnect()
	exchange("dora@client.test")
	if issued, again := a.told(); issued < before+2 || again != refused {
		t.Errorf("of tokens that had run out %q were used; %d were issued after %d", again, issued, before)
	}
	if log := s.Log(); strings.Contains(log, "access-") || strings.Contains(log, "refresh-") {
		t.Error("the log holds a token")
	}
}
