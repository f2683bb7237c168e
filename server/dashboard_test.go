//nolint:bodyclose // the helpers close what they answer
package server

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/store"
)

// look reads a page as a browser does, without following where it leads.
func (w *world) look(method, path string, form url.Values, headers ...string) (*http.Response, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res, string(body)
}

func contains(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

const lead = `{"company": "kitchens", "contact": {"name": "Pavel", "email": "p@client.test"}, "subject": "A kitchen", "fields": {"budget": 450000}}`

func TestEveryPageReadsInBothLanguages(t *testing.T) {
	w := newWorld(t)
	id := w.open(lead)
	paths := []string{"/", "/attention", "/funnel", "/people", "/forecast", "/process", "/mail", "/deals/" + id, "/?q=nobody&age=7&stalled=1"}
	for _, lang := range []string{"en", "ru"} {
		for _, path := range paths {
			res, page := w.look("GET", path, nil, "Accept-Language", lang)
			if res.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d\n%s", path, res.StatusCode, page)
			}
			policy := res.Header.Get("Content-Security-Policy")
			if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "script-src 'self'") {
				t.Errorf("%s: policy %q", path, policy)
			}
			contains(t, page, `<html lang="`+lang+`"`, `<main id="main"`)
			// What has no phrase shows its key.
			if key := regexp.MustCompile(`>\s*[a-z]+\.[a-z_]+\s*<`).FindString(page); key != "" {
				t.Errorf("%s in %s: %s is not said", path, lang, key)
			}
			if regexp.MustCompile(`%!|<no value>| style="|<style`).MatchString(page) {
				t.Errorf("%s in %s: badly drawn", path, lang)
			}
			if len(page) > 100_000 {
				t.Errorf("%s: %d bytes", path, len(page))
			}
		}
	}
}

func TestFirstViewIsLight(t *testing.T) {
	w := newWorld(t)
	w.open(lead)
	_, page := w.look("GET", "/", nil)
	total := len(page)
	for _, m := range regexp.MustCompile(`/assets/[^"]+`).FindAllString(page, -1) {
		res, body := w.look("GET", strings.ReplaceAll(m, "&amp;", "&"), nil, "Accept-Encoding", "gzip")
		if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d", m, res.StatusCode)
		}
		total += len(body)
	}
	if total > 100_000 {
		t.Errorf("a first view is %d bytes", total)
	}
}

func TestRefusedMoveIsPutRightOnTheSpot(t *testing.T) {
	w := newWorld(t)
	id := w.open(lead)
	res, page := w.look("POST", "/deals/"+id+"/move", url.Values{"to": {"presentation"}, "back": {"/"}})
	if res.StatusCode != http.StatusConflict {
		t.Fatalf("%d", res.StatusCode)
	}
	if res, _ := w.look("GET", "/deals/"+id+"/move", nil); res.Header.Get("Location") != "/deals/"+id {
		t.Errorf("a reload of the refusal: %d to %s", res.StatusCode, res.Header.Get("Location"))
	}
	contains(t, page, `class="refusal"`, "Call the client", `name="done" value="first-call"`, `name="field.need"`, `data-stage="presentation"`)

	res, _ = w.look("POST", "/deals/"+id+"/fix", url.Values{"to": {"presentation"}, "back": {"/"}, "done": {"first-call"}, "field.need": {"white, 4 m"}})
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/" {
		t.Fatalf("%d to %s", res.StatusCode, res.Header.Get("Location"))
	}
	w.get("/api/v1/deals/"+id).has("stage", "presentation", "fields.need", "white, 4 m", "tasks.0.status", "done")
}

func TestFormsWorkWithoutScripts(t *testing.T) {
	w := newWorld(t)
	id := w.open(lead)
	at := "/deals/" + id
	post := func(action string, form url.Values, want int) string {
		t.Helper()
		res, page := w.look("POST", at+"/"+action, form)
		if res.StatusCode != want {
			t.Fatalf("%s: %d, want %d\n%s", action, res.StatusCode, want, page)
		}
		return page
	}
	post("card", url.Values{"contact.name": {"Pavel Petrov"}, "contact.email": {""}, "contact.phone": {"8 495 123-45-67"}, "field.budget": {"500000"}, "field.need": {""}, "field.solo": {"true"}}, 303)
	w.get("/api/v1"+at).has("contact.name", "Pavel Petrov", "contact.email", "", "fields.budget", 500000.0, "fields.solo", true)
	contains(t, post("card", url.Values{"field.budget": {"much"}}, 422), `class="refusal"`, `value="500000"`)
	twice := url.Values{"once": {"n1"}, "text": {"Call in the evening"}}
	post("note", twice, 303)
	post("note", twice, 303)
	post("note", url.Values{"once": {"n2"}, "text": {"Call in the evening"}}, 303)
	_, page := w.look("GET", at, nil)
	if n := strings.Count(page, "Call in the evening"); n != 2 {
		t.Errorf("three notes, one of them sent twice, show %d times", n)
	}
	post("task", url.Values{"name": {"Send samples"}, "kind": {"todo"}, "due": {"2026-03-05T12:00"}}, 303)
	post("pause", url.Values{"until": {"2026-03-20"}}, 303)
	_, page = w.look("GET", at, nil)
	contains(t, page, "Send samples", "Paused", "Thu 5")
	post("resume", nil, 303)
	contains(t, post("resume", nil, 409), "The deal is not paused")
	post("owner", url.Values{"owner": {"anna@kitchens.test"}}, 303)
	post("move", url.Values{"to": {"lost"}, "reason": {"rival"}}, 303)
	w.get("/api/v1"+at).has("status", "lost", "owner", "anna@kitchens.test")
	post("reopen", url.Values{"reason": {"came back"}}, 303)
	w.get("/api/v1"+at).has("status", "open", "visit", 2.0)
	post("dance", nil, 404)
	if res, _ := w.look("GET", "/deals/none", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("no deal: %d", res.StatusCode)
	}
}

func TestStalledDealSaysWhy(t *testing.T) {
	w := newWorld(t)
	id := w.open(lead)
	w.pass(30 * 24 * time.Hour / 4)
	w.tick(id)
	_, page := w.look("GET", "/", nil, "Accept-Language", "ru")
	contains(t, page, "card stuck", "Застряла", "Просрочена задача: Call the client", "1 застряла")
	_, page = w.look("GET", "/attention", nil)
	contains(t, page, "450,000", "Finish the task", `action="/deals/`+id+`/complete"`, "Call the client")
}

func TestHostileTextIsText(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("W", 10_000)
	id := w.open(`{"company": "kitchens", "contact": {"name": "<script>alert(1)</script>\u202eevil", "email": "p@client.test"},
		"subject": "<b onclick=x>{{.Secret}}</b>", "body": "<img src=x onerror=alert(1)> ` + long + `\u202e", "fields": {"need": "\"><script>x()</script>"}}`)
	for _, path := range []string{"/", "/deals/" + id, "/attention"} {
		_, page := w.look("GET", path, nil)
		for _, bad := range []string{"<script>alert", "<script>x", "<img", "<b onclick", "\u202e"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: %q acts on the page", path, bad)
			}
		}
	}
	_, page := w.look("GET", "/deals/"+id, nil)
	contains(t, page, "&lt;script&gt;alert(1)", "{{.Secret}}", long)
}

func TestOtherSitesChangeNothing(t *testing.T) {
	w := newWorld(t)
	id := w.open(lead)
	for name, headers := range map[string][]string{
		"another origin": {"Origin", "https://evil.test"},
		"another site":   {"Sec-Fetch-Site", "cross-site"},
		"a sister site":  {"Sec-Fetch-Site", "same-site"},
	} {
		if res, _ := w.look("POST", "/deals/"+id+"/note", url.Values{"text": {"x"}}, headers...); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	res, _ := w.look("POST", "/viewer", url.Values{"lang": {"ru"}, "theme": {"dark"}, "back": {"//evil.test"}}, "Sec-Fetch-Site", "same-origin")
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/" || len(res.Cookies()) != 2 {
		t.Errorf("%d to %s with %v", res.StatusCode, res.Header.Get("Location"), res.Cookies())
	}
}

func TestRepSeesTheirOwnDealsOnly(t *testing.T) {
	w := newWorld(t)
	id := w.open(lead)
	w.give(t, "rep-token", "anna@kitchens.test", RoleRep)
	w.give(t, "viewer-token", "boris@kitchens.test", RoleViewer)
	for _, c := range []struct {
		token, method, path string
		want                int
	}{
		{"rep-token", "GET", "/", 200},
		{"rep-token", "GET", "/deals/" + id, 404},
		{"rep-token", "GET", "/mail", 403},
		{"rep-token", "GET", "/funnel", 200},
		{"rep-token", "GET", "/people", 200},
		{"rep-token", "GET", "/forecast", 200},
		{"rep-token", "POST", "/deals/" + id + "/note", 404},
		{"viewer-token", "GET", "/deals/" + id, 200},
		{"viewer-token", "POST", "/deals/" + id + "/note", 403},
		{"none", "GET", "/", 401},
	} {
		form := url.Values(nil)
		if c.method == "POST" {
			form = url.Values{"text": {"x"}}
		}
		res, page := w.look(c.method, c.path, form, "Authorization", "Bearer "+c.token)
		if res.StatusCode != c.want || (c.token == "rep-token" && strings.Contains(page, "Pavel")) {
			t.Errorf("%s %s as %s: %d, want %d", c.method, c.path, c.token, res.StatusCode, c.want)
		}
	}
}

func (w *world) give(t *testing.T, token, name, role string) {
	t.Helper()
	hash := sha256.Sum256([]byte(token))
	err := w.store.AddToken(t.Context(), &store.Token{Name: name, Role: role, Hash: hex.EncodeToString(hash[:]), CreatedAt: w.clock()})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNoWorkerIsSaid(t *testing.T) {
	w := newWorld(t)
	id := w.open(lead)
	w.down.Store(true)
	res, page := w.look("POST", "/deals/"+id+"/note", url.Values{"text": {"x"}}, "Accept-Language", "ru")
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("%d", res.StatusCode)
	}
	contains(t, page, "Сервер сейчас не может это сделать")
}
