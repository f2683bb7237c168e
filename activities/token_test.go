package activities

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/store"
)

func newStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// endpoint is a token endpoint that answers in turn.
func endpoint(t *testing.T, answers ...string) (at definitions.Server, asked *[]string) {
	t.Helper()
	asked = &[]string{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		*asked = append(*asked, r.PostForm.Encode())
		answer := answers[min(len(*asked), len(answers))-1]
		if strings.Contains(answer, `"error"`) {
			w.WriteHeader(http.StatusBadRequest)
		}
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(s.Close)
	t.Setenv("TEST_REFRESH", "r1")
	return definitions.Server{Username: "sales", Token: &definitions.Token{
		URL: s.URL, ClientID: "crm", RefreshToken: definitions.EnvSecret("TEST_REFRESH"), Scope: "mail",
	}}, asked
}

func TestTokenIsKeptAndRenewed(t *testing.T) {
	server, asked := endpoint(t, `{"access_token":"a1","expires_in":3600,"refresh_token":"r2"}`, `{"access_token":"a2","expires_in":3600}`)
	source := &accessToken{from: *server.Token, keep: newStore(t)}
	for range 3 {
		if got, err := source.get(t.Context(), ""); err != nil || got != "a1" {
			t.Fatalf("token %q, %v", got, err)
		}
	}
	source.ends = time.Now().Add(tokenSpare / 2) // as an hour later
	if got, err := source.get(t.Context(), ""); err != nil || got != "a2" {
		t.Errorf("token %q, %v, want a new one", got, err)
	}
	if got, err := source.get(t.Context(), "a1"); err != nil || got != "a2" {
		t.Errorf("token %q, %v, want the one that has meanwhile taken the place of the stale one", got, err)
	}
	if len(*asked) != 2 || !strings.Contains((*asked)[0], "refresh_token=r1") || !strings.Contains((*asked)[0], "scope=mail") ||
		!strings.Contains((*asked)[1], "refresh_token=r2") {
		t.Errorf("asked %q", *asked)
	}
}

// What the endpoint gave last outlives the server; another configured refresh
// token begins anew.
func TestRefreshTokenIsKept(t *testing.T) {
	server, asked := endpoint(t, `{"access_token":"a1","expires_in":3600,"refresh_token":"r2"}`)
	keep := newStore(t)
	for _, configured := range []string{"r1", "r1", "other"} {
		t.Setenv("TEST_REFRESH", configured)
		if _, err := (&tokens{}).of(server, keep)(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"refresh_token=r1", "refresh_token=r2", "refresh_token=other"} {
		if !strings.Contains((*asked)[i], want) {
			t.Errorf("asked %q, want %q", (*asked)[i], want)
		}
	}
}

// A token that a server refuses before its time is replaced, and all who use it
// get the new one.
func TestWithdrawnTokenIsReplaced(t *testing.T) {
	server, asked := endpoint(t, `{"access_token":"a1","expires_in":3600}`, `{"access_token":"a2","expires_in":3600}`)
	var all tokens
	keep := newStore(t)
	reader, sender := all.of(server, keep), all.of(server, keep)
	var got []string
	for _, ask := range []struct {
		of    func(context.Context, string) (string, error)
		stale string
	}{{reader, ""}, {sender, ""}, {reader, "a1"}, {sender, "a1"}, {sender, ""}} {
		token, err := ask.of(t.Context(), ask.stale)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, token)
	}
	if want := []string{"a1", "a1", "a2", "a2", "a2"}; !slices.Equal(got, want) || len(*asked) != 2 {
		t.Errorf("tokens %v by %d requests, want %v by 2", got, len(*asked), want)
	}
}

func TestTokenRefused(t *testing.T) {
	for _, c := range []struct{ name, answer, says string }{
		{"access withdrawn", `{"error":"invalid_grant","error_description":"revoked"}`, "access anew"},
		{"another fault", `{"error":"invalid_client"}`, "invalid_client"},
		{"no token", `{}`, "no access token"},
		{"a page", `<html>`, "no access token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, _ := endpoint(t, c.answer)
			_, err := (&tokens{}).of(server, newStore(t))(t.Context(), "")
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "r1") {
				t.Errorf("%v, want it to say %q and no secret", err, c.says)
			}
		})
	}
}

// A letter goes out by a token that was got for it.
func TestLetterGoesOutByToken(t *testing.T) {
	server, _ := endpoint(t, `{"access_token":"a1","expires_in":3600}`)
	w := newWorld(t, "")
	receiver, err := smtptest.Start("127.0.0.1:0", smtptest.WithUsers(map[string]string{"sales": "a1"}), smtptest.WithMechanisms("XOAUTH2"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(receiver.Close)
	w.receiver = receiver
	w.out.smtp = outbox.NewSender(outbox.Account{Host: "127.0.0.1", Port: receiver.Port(), TLS: outbox.NoTLS, Username: "sales", Token: w.a.tokens.of(server, w.a.Store)})
	t.Cleanup(w.out.smtp.Close)
	w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen")
	if got := w.send("petr@client.test"); len(got) != 1 {
		t.Errorf("%d letters", len(got))
	}
}
