//nolint:bodyclose // the helpers close what they answer
package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const asForm, forPeople = "application/x-www-form-urlencoded", "text/html"

func TestPeopleSignInWithAToken(t *testing.T) {
	w := newWorld(t)
	w.give(t, "anna-token", "anna@kitchens.test", RoleManager)
	w.give(t, "site-token", "site", RoleForm)
	b := newBrowser(t)
	enter := func(token string, headers ...string) (*http.Response, string) {
		form := url.Values{"token": {token}, "next": {"/attention"}}
		return b.do("POST", w.url+tokenPath, form.Encode(), append([]string{"Content-Type", asForm}, headers...)...)
	}

	res, page := b.do("GET", w.url+"/funnel?days=30", "", "Accept", forPeople)
	if res.Request.URL.Path != tokenPath || res.Request.URL.Query().Get("next") != "/funnel?days=30" {
		t.Fatalf("a stranger is led to %s", res.Request.URL)
	}
	contains(t, page, `name="token"`, `value="/funnel?days=30"`)
	if strings.Contains(page, "<nav") || strings.Contains(page, "EventSource") {
		t.Error("the page tells a stranger what there is")
	}
	if res, _ := b.do("GET", w.url+"/assets/app.css", ""); res.StatusCode != http.StatusOK {
		t.Errorf("its styles: %d", res.StatusCode)
	}
	if res, page := enter("guessed"); res.StatusCode != http.StatusUnauthorized || !strings.Contains(page, `role="alert"`) {
		t.Errorf("an unknown token: %d", res.StatusCode)
	}
	if res, _ := enter("site-token"); res.StatusCode != http.StatusForbidden {
		t.Errorf("a form's token: %d", res.StatusCode)
	}
	if res, _ := enter("anna-token", "Sec-Fetch-Site", "cross-site"); res.StatusCode != http.StatusForbidden {
		t.Errorf("another site's form: %d", res.StatusCode)
	}
	res, page = enter(" anna-token ")
	if res.StatusCode != http.StatusOK || res.Request.URL.Path != "/attention" {
		t.Fatalf("%d at %s", res.StatusCode, res.Request.URL)
	}
	contains(t, page, "anna@kitchens.test", logoutPath)
	if res, _ := b.do("POST", w.url+logoutPath, "", "Accept", forPeople); res.Request.URL.Path != tokenPath {
		t.Errorf("signing out leads to %s", res.Request.URL)
	}
	if res, _ := b.do("GET", w.url+"/api/v1/me", ""); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("signed out: %d", res.StatusCode)
	}
}

// A session ends with the token that it was opened by.
func TestARevokedTokenEndsItsSession(t *testing.T) {
	w := newWorld(t)
	w.give(t, "anna-token", "anna@kitchens.test", RoleManager)
	b := newBrowser(t)
	me := func() int {
		res, _ := b.do("GET", w.url+"/api/v1/me", "")
		return res.StatusCode
	}
	b.do("POST", w.url+tokenPath, "token=anna-token", "Content-Type", asForm)
	if got := me(); got != http.StatusOK {
		t.Fatalf("signed in: %d", got)
	}
	tokens, err := w.store.Tokens(t.Context())
	if err != nil || len(tokens) != 1 {
		t.Fatalf("%d tokens, %v", len(tokens), err)
	}
	if err := w.store.RevokeToken(t.Context(), tokens[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := me(); got != http.StatusUnauthorized {
		t.Errorf("after its token was revoked: %d", got)
	}
}

func TestNobodyIsAskedWithoutTokens(t *testing.T) {
	w := newWorld(t)
	res, _ := newBrowser(t).do("GET", w.url+tokenPath+"?next=/mail", "")
	if res.StatusCode != http.StatusOK || res.Request.URL.Path != "/mail" {
		t.Errorf("%d at %s", res.StatusCode, res.Request.URL)
	}
}
