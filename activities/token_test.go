package activities

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/outbox/smtptest"
)

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
	source := &accessToken{from: *server.Token}
	for range 3 {
		if got, err := source.get(t.Context()); err != nil || got != "a1" {
			t.Fatalf("token %q, %v", got, err)
		}
	}
	source.ends = time.Now().Add(tokenSpare / 2) // as an hour later
	if got, err := source.get(t.Context()); err != nil || got != "a2" {
		t.Errorf("token %q, %v, want a new one", got, err)
	}
	if len(*asked) != 2 || !strings.Contains((*asked)[0], "refresh_token=r1") || !strings.Contains((*asked)[0], "scope=mail") ||
		!strings.Contains((*asked)[1], "refresh_token=r2") {
		t.Errorf("asked %q", *asked)
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
			_, err := token(server)(t.Context())
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
	w.out.smtp = outbox.NewSender(outbox.Account{Host: "127.0.0.1", Port: receiver.Port(), TLS: outbox.NoTLS, Username: "sales", Token: token(server)})
	t.Cleanup(w.out.smtp.Close)
	w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen")
	if got := w.send("petr@client.test"); len(got) != 1 {
		t.Errorf("%d letters", len(got))
	}
}
