package server

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/optout"
	"github.com/dealwright/dealwright/store"
)

// visit calls a page as a browser or a mail program outside does: without a
// token, under the public name.
func (w *world) visit(method, path, body string) (status int, text string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Host = "crm.public.test"
	r.Header.Set("Origin", "https://mail.elsewhere.test")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.StatusCode, string(all)
}

func TestOneClickOptOut(t *testing.T) {
	for _, c := range []struct {
		name   string
		tokens []Token
	}{{"a server of this machine", nil}, {"a server with tokens", []Token{{Holder: Holder{Role: RoleAdmin, Name: "a"}}}}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(o *Options) { o.Tokens = c.tokens })
			company := w.companies[0]
			path := optout.Path + w.letterTo(company, "petr@client.test")

			if status, text := w.visit(http.MethodGet, path, ""); status != http.StatusOK || !strings.Contains(text, `<form method="post">`) {
				t.Errorf("the page: %d %s", status, text)
			}
			if listed, err := w.store.Suppressed(t.Context(), company.ID, "petr@client.test"); err != nil || listed != nil {
				t.Fatalf("looking at the page has opted out: %+v, %v", listed, err)
			}
			for range 2 { // the click, and the click once more
				if status, text := w.visit(http.MethodPost, path, "List-Unsubscribe=One-Click"); status != http.StatusOK {
					t.Fatalf("the click: %d %s", status, text)
				}
			}
			listed, err := w.store.Suppressed(t.Context(), company.ID, "petr@client.test")
			if err != nil || listed == nil || listed.Reason != store.Unsubscribed {
				t.Errorf("suppression %+v, %v", listed, err)
			}
			d, err := w.store.Deal(t.Context(), "d1")
			if err != nil || !d.State.Unsubscribed {
				t.Errorf("the deal does not know of it: %+v, %v", d, err)
			}
		})
	}
}

func TestOptOutNeedsItsToken(t *testing.T) {
	w := newWorld(t)
	token := w.letterTo(w.companies[0], "petr@client.test")
	id, _, _ := strings.Cut(token, ".")
	for _, bad := range []string{id, id + ".aaaaaaaaaaaaaaaa", "x", "<script>", token[1:]} {
		if status, text := w.visit(http.MethodPost, optout.Path+strings.ReplaceAll(bad, "<", "%3C"), ""); status != http.StatusNotFound || strings.Contains(text, "<script>") {
			t.Errorf("%q: %d %s", bad, status, text)
		}
	}
	if status, _ := w.visit(http.MethodGet, "/api/v1/deals", ""); status != http.StatusForbidden {
		t.Errorf("the API itself under a public name: %d, want 403", status)
	}
}

// letterTo puts a letter into the outbox of a deal and answers its token.
func (w *world) letterTo(company *definitions.Company, to string) string {
	w.t.Helper()
	ctx := w.t.Context()
	state := &deal.State{
		ID: "d1", Company: company.ID, Process: company.Processes[0].Process, Status: deal.Open, OpenedAt: monday,
		Contact: definitions.Contact{Email: to},
	}
	if err := w.store.CreateDeal(ctx, state, store.Input{ID: "open", Event: deal.Event{Kind: deal.KindOpen}}); err != nil {
		w.t.Fatal(err)
	}
	id := store.NewID()
	row := store.OutboxRow{ID: id, Key: id, Account: company.ID, Kind: store.KindLetter, To: to, MessageID: "<1@acme.test>"}
	err := w.store.UpdateDeal(ctx, "d1", func(tx *store.DealTx) error { return tx.Enqueue([]store.OutboxRow{row}, monday) })
	if err != nil {
		w.t.Fatal(err)
	}
	secret, err := w.store.Secret(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	return optout.Token(secret, id)
}
