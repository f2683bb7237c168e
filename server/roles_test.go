package server

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dealwright/dealwright/store"
)

// bodies are good requests of the operations that take a body.
var bodies = map[string]string{
	"create-deal":        `{"company": "kitchens", "subject": "role test"}`,
	"patch-deal":         `{"fields": {"need": "x"}}`,
	"add-note":           `{"text": "x"}`,
	"move-deal":          `{"to": "lost", "reason": "rival"}`,
	"signal-deal":        `{"name": "x"}`,
	"pause-deal":         `{}`,
	"resume-deal":        ``,
	"reopen-deal":        `{}`,
	"merge-deal":         `{"into": "{other}"}`,
	"add-task":           `{"name": "x"}`,
	"complete-task":      `{}`,
	"patch-task":         `{"due_at": "2026-03-05T12:00:00+03:00"}`,
	"add-document":       `{"note": "x"}`,
	"generate-document":  `{}`,
	"delete-suppression": ``,
	"bulk-deals":         `{"filter": {"company": "kitchens"}, "action": "close", "reason": "rival"}`,
	"capture-lead":       `{"name": "x"}`,
	"attach-message":     `{"deal_id": "{id}"}`,
	"reclassify-message": `{"as": "ignored"}`,
	"replay-message":     `{}`,
	"try-outbox":         ``,
	"resend-letter":      ``,
}

// TestEveryRouteAsEveryRole calls every operation of the OpenAPI document as
// every role of the deal's company, of another one, and as nobody.
func TestEveryRouteAsEveryRole(t *testing.T) {
	tokens := map[string]string{}
	w := newWorld(t, func(o *Options) {
		for _, company := range []string{"kitchens", "yachts"} {
			for _, role := range []string{RoleForm, RoleViewer, RoleRep, RoleManager, RoleAdmin} {
				name := role + "@" + company + ".test"
				tokens[company+" "+role] = name
				o.Tokens = append(o.Tokens, Token{sha256.Sum256([]byte(name)), Holder{Name: name, Role: role, Companies: []string{company}}})
			}
		}
		owner := "ivan@kitchens.test"
		tokens["kitchens owner"] = owner
		o.Tokens = append(o.Tokens, Token{sha256.Sum256([]byte(owner)), Holder{Name: owner, Role: RoleRep, Companies: []string{"kitchens"}}})
		o.Rate = 1e6
	})
	admin := "admin@kitchens.test"
	open := func() string {
		id, _ := w.send("POST", "/api/v1/deals", petr, "Authorization", "Bearer "+admin).want(http.StatusCreated).at("id").(string)
		return id
	}
	other := open()
	id := open()
	message := w.receive("ignored", "ignored.newsletter", newsletter)
	api := w.server.api.OpenAPI()
	for _, path := range slices.Sorted(maps.Keys(api.Paths)) {
		item := api.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Put, item.Delete} {
			if op == nil {
				continue
			}
			body, known := bodies[op.OperationID]
			if !known && op.Method != http.MethodGet {
				t.Fatalf("%s: give it a good body in this test", op.OperationID)
			}
			least, _ := op.Extensions[roleKey].(string)
			if !slices.Contains(roles, least) {
				t.Errorf("%s: %s is %q, which is no role", op.OperationID, roleKey, least)
			}
			t.Run(op.OperationID, func(t *testing.T) {
				w.t = t
				ask := func(token string) *reply {
					at := strings.NewReplacer("{id}", id, "{company}", "kitchens", "{process}", "sales", "{task}", "first-call",
						"{document}", "offer", "{address}", "a@b.test", "{attachment}", "x", "{message}", message, "{file}", "0", "{letter}", "x").Replace(path)
					if op.OperationID == "stream-events" {
						at += "?after=x" // or it would never end
					}
					headers := []string{}
					if token != "" {
						headers = append(headers, "Authorization", "Bearer "+token)
					}
					return w.send(op.Method, at, strings.NewReplacer("{other}", other, "{id}", id).Replace(body), headers...)
				}
				w.forget()
				ask("").want(http.StatusUnauthorized)
				ask("nonsense").want(http.StatusUnauthorized)

				before, deals := w.revision(id), w.count()
				for _, role := range roles {
					r := ask(tokens["yachts "+role])
					if (Holder{Role: role}).may(least) {
						foreign(t, op, path, r)
					} else {
						r.want(http.StatusForbidden)
					}
				}
				// Who is of the company, and may not: a lower role, and a rep whose deal it is not.
				for _, role := range roles {
					if !(Holder{Role: role}).may(least) {
						ask(tokens["kitchens "+role]).want(http.StatusForbidden)
					}
				}
				if strings.Contains(path, "{id}") {
					if r := ask(tokens["kitchens rep"]); r.status != http.StatusNotFound && r.status != http.StatusForbidden {
						t.Errorf("a rep reaches another's deal: %d %s", r.status, r.body)
					}
				}
				if w.revision(id) != before || w.count() != deals {
					t.Fatal("somebody changed what is not theirs")
				}
				// Who may, may: what the deal then says to it is its own affair.
				able := []string{tokens["kitchens admin"]}
				if strings.Contains(path, "{id}") && (Holder{Role: RoleRep}).may(least) {
					able = append(able, tokens["kitchens owner"])
				}
				for _, token := range able {
					if r := ask(token); r.status == http.StatusForbidden || r.status == http.StatusUnauthorized || r.status >= 500 {
						t.Errorf("%s: status %d: %s", token, r.status, r.body)
					}
				}
				id = open() // whatever was done to this one
			})
		}
	}
}

// foreign checks that an answer to one of another company says nothing of this one.
func foreign(t *testing.T, op *huma.Operation, path string, r *reply) {
	t.Helper()
	switch {
	case strings.Contains(path, "{id}") || strings.Contains(path, "{company}"):
		r.want(http.StatusNotFound)
	case r.status >= 500:
		t.Errorf("status %d: %s", r.status, r.body)
	}
	for _, secret := range []string{"petr@client.test", "ivan@kitchens.test", "Кухни", "Нужна кухня"} {
		if strings.Contains(string(r.body), secret) {
			t.Errorf("%s tells one of another company %q: %s", op.OperationID, secret, r.body)
		}
	}
}

// forget lets every caller begin anew.
func (w *world) forget() {
	w.server.limits.mu.Lock()
	defer w.server.limits.mu.Unlock()
	clear(w.server.limits.callers)
}

// revision is the deal's, by the store.
func (w *world) revision(id string) int64 {
	w.t.Helper()
	row, err := w.store.Deal(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return row.Revision
}

// count is how many deals there are, by the store.
func (w *world) count() int {
	w.t.Helper()
	page, err := w.store.Deals(w.t.Context(), store.Filter{Limit: 1})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Total
}

func TestRepSeesTheirOwn(t *testing.T) {
	rep := Holder{Name: "ivan@kitchens.test", Role: RoleRep, Companies: []string{"kitchens"}}
	anna := Holder{Name: "Anna@kitchens.test", Role: RoleRep, Companies: []string{"kitchens"}}
	boss := Holder{Name: "boss", Role: RoleManager, Companies: []string{"kitchens"}}
	w := newWorld(t, func(o *Options) {
		for _, h := range []Holder{rep, anna, boss} {
			o.Tokens = append(o.Tokens, Token{sha256.Sum256([]byte(h.Name)), h})
		}
	})
	as := func(h Holder, method, path, body string) *reply {
		t.Helper()
		return w.send(method, "/api/v1"+path, body, "Authorization", "Bearer "+h.Name)
	}
	id, _ := as(boss, "POST", "/deals", petr).want(http.StatusCreated).at("id").(string)
	as(rep, "GET", "/deals", "").want(http.StatusOK).has("total", 1)
	as(anna, "GET", "/deals", "").want(http.StatusOK).has("total", 0)
	as(anna, "GET", "/deals?owner=ivan@kitchens.test", "").want(http.StatusOK).has("total", 0)
	as(rep, "GET", "/companies", "").want(http.StatusOK).has("total", 1, "items.0.id", "kitchens")
	as(rep, "GET", "/companies/kitchens/funnel", "").want(http.StatusOK).has("items.0.entered", 1)
	as(anna, "GET", "/companies/kitchens/funnel", "").want(http.StatusOK).has("items.0.entered", 0)
	as(anna, "GET", "/companies/kitchens/funnel?owner=ivan@kitchens.test", "").want(http.StatusForbidden)
	as(rep, "GET", "/companies/kitchens/quotas", "").want(http.StatusOK).has("total", 2)
	as(anna, "GET", "/companies/kitchens/quotas", "").want(http.StatusOK).has("total", 0)
	as(rep, "GET", "/companies/kitchens/messages", "").want(http.StatusForbidden)
	as(rep, "GET", "/companies/kitchens/messages?deal="+id, "").want(http.StatusOK)
	as(anna, "GET", "/companies/kitchens/messages?deal="+id, "").want(http.StatusNotFound)
	as(rep, "GET", "/companies/kitchens/suppressions", "").want(http.StatusForbidden)
	as(rep, "PATCH", "/deals/"+id, `{"owner": "anna@kitchens.test"}`).want(http.StatusForbidden)
	as(rep, "PATCH", "/deals/"+id, `{"fields": {"need": "x"}}`).want(http.StatusOK)
	as(boss, "PATCH", "/deals/"+id, `{"owner": "anna@kitchens.test"}`).want(http.StatusOK)
	as(rep, "GET", "/deals/"+id, "").want(http.StatusNotFound)
	as(anna, "GET", "/deals/"+id+"/events", "").want(http.StatusOK)

	// The audit names everybody, and what was refused.
	as(boss, "GET", "/companies/kitchens/audit?limit=3", "").want(http.StatusOK).has(
		"total", 4, "items.0.actor", "boss", "items.0.operation", "patch-deal", "items.0.status", 200, "items.0.deal_id", id,
		"items.1.actor", "ivan@kitchens.test", "items.1.status", 200, "items.2.status", 403, "items.2.role", "rep")
	as(boss, "GET", "/companies/kitchens/audit?actor=boss&deal="+id, "").want(http.StatusOK).has("total", 2)
	as(rep, "GET", "/companies/kitchens/audit", "").want(http.StatusForbidden)
}

func TestTokensOfTheStore(t *testing.T) {
	w := newWorld(t)
	w.get("/api/v1/deals").want(http.StatusOK) // nobody has a token yet
	text, token, err := NewToken(Holder{Name: "site", Role: RoleAdmin})
	if err != nil {
		t.Fatal(err)
	}
	kept := &store.Token{Hash: fmt.Sprintf("%x", token.Hash), Name: token.Name, Role: token.Role}
	if err := w.store.AddToken(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	w.get("/api/v1/deals").want(http.StatusUnauthorized)
	id, _ := w.send("POST", "/api/v1/deals", petr, "Authorization", "Bearer "+text).want(http.StatusCreated).at("id").(string)
	w.send("GET", "/api/v1/deals/"+id+"/events", "", "Authorization", "Bearer "+text, "Host", "crm.test").want(http.StatusOK).has("items.0.actor", "site")
	if err := w.store.RevokeToken(t.Context(), kept.ID); err != nil {
		t.Fatal(err)
	}
	w.send("GET", "/api/v1/deals", "", "Authorization", "Bearer "+text).want(http.StatusUnauthorized)
	w.get("/api/v1/deals").want(http.StatusUnauthorized) // and nobody is let in again without one
}

func TestRateLimit(t *testing.T) {
	h := Holder{Name: "busy", Role: RoleViewer}
	w := newWorld(t, func(o *Options) {
		o.Tokens, o.Rate = []Token{{sha256.Sum256([]byte("t")), h}}, 1
	})
	last := 0
	for range 10 {
		r := w.send("GET", "/api/v1/companies", "", "Authorization", "Bearer t")
		if last = r.status; last == http.StatusTooManyRequests {
			r.want(http.StatusTooManyRequests)
			if r.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("status %d after ten requests of one in a second", last)
	}
	for range 100 {
		if last = w.send("GET", "/api/v1/companies", "", "Authorization", "Bearer guess").status; last == http.StatusTooManyRequests {
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("status %d after a hundred guesses", last)
	}
}

func TestCallersAreForgotten(t *testing.T) {
	l := &limits{callers: map[string]*caller{}}
	for i := range manyCallers {
		l.allow(fmt.Sprint(i), 1)
	}
	l.callers["0"].seen = time.Now().Add(-2 * forgotten)
	l.allow("new", 1)
	if n := len(l.callers); n != manyCallers {
		t.Errorf("%d callers, want the old one replaced", n)
	}
	l.allow("another", 1)
	if n := len(l.callers); n != 1 {
		t.Errorf("%d callers, want all cleared", n)
	}
}

func TestNoOpenCORS(t *testing.T) {
	w := newWorld(t)
	for _, method := range []string{"GET", "OPTIONS", "POST"} {
		r := w.send(method, "/api/v1/deals", "", "Origin", "https://evil.test", "Access-Control-Request-Method", "POST")
		for name := range r.header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: %s", method, name)
			}
		}
	}
}

func TestProxiesAreTrustedByName(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.TrustedProxies = []string{"proxy.example"} })
	if err := w.server.Run(t.Context(), "127.0.0.1:0"); err == nil || !strings.Contains(err.Error(), "trusted proxies") {
		t.Errorf("a proxy without an address: %v", err)
	}
}
