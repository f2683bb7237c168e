package activities

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/store"
	"github.com/dealwright/dealwright/webhook"
)

// listener is the other side of a webhook: it answers what it is told to, and
// 200 from then on.
type listener struct {
	*httptest.Server
	mu      sync.Mutex
	answers []int
	heard   []webhook.Event
	forged  int
}

func newListener(t *testing.T, answers ...int) *listener {
	t.Helper()
	l := &listener{answers: answers}
	l.Server = httptest.NewServer(l)
	t.Cleanup(l.Close)
	return l
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if r.Header.Get(webhook.SignatureHeader) != webhook.Sign("s3cret", r.Header.Get(webhook.TimestampHeader), body) {
		l.forged++
	}
	var e webhook.Event
	if json.Unmarshal(body, &e) == nil {
		l.heard = append(l.heard, e)
	}
	if len(l.answers) > 0 {
		w.WriteHeader(l.answers[0])
		l.answers = l.answers[1:]
	}
}

// types lists what was heard, tries that failed included.
func (l *listener) types() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var types []string
	for _, e := range l.heard {
		types = append(types, e.Type)
	}
	return strings.Join(types, " ")
}

// calling makes a company with a webhook for new and won deals, and its caller,
// which has begun to listen.
func calling(t *testing.T, url string) (*world, *caller) {
	t.Helper()
	t.Setenv("HOOK_SECRET", "s3cret")
	w := newWorld(t, "webhooks: [{url: \""+url+"\", events: [deal.opened, deal.won], secret: \"${HOOK_SECRET}\"}]\n")
	c := newCaller(w.a, w.company, &w.company.Webhooks[0])
	c.backOff = func(int) time.Duration { return time.Millisecond }
	call(t, c)
	return w, c
}

func call(t *testing.T, c *caller) {
	t.Helper()
	if _, err := c.round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

const enquiry = "From: Carl <carl@client.test>\nSubject: Enquiry"

func TestWebhookIsToldInOrder(t *testing.T) {
	l := newListener(t)
	w, c := calling(t, l.URL)
	row := w.mail(enquiry, "I want a kitchen.")
	call(t, c)
	if err := w.a.Store.AddInput(t.Context(), store.Input{ID: "win", DealID: row.DealID, Event: deal.Event{Kind: deal.KindMove, To: "won"}}); err != nil {
		t.Fatal(err)
	}
	w.advanceAll()
	call(t, c)
	call(t, c)
	if got := l.types(); got != "deal.opened deal.won" {
		t.Errorf("heard %q", got)
	}
	if l.forged > 0 {
		t.Error("a post is not signed")
	}
	first := l.heard[0]
	if first.DealID != row.DealID || first.Company != "acme" || first.ID == "" || first.Data["subject"] != "Enquiry" {
		t.Errorf("heard %+v", first)
	}
	w.mail("From: Dora <dora@other.test>\nSubject: Enquiry", "Me too.")
	call(t, newCaller(w.a, w.company, &w.company.Webhooks[0])) // another process, while this one lives
	if len(l.heard) != 2 {
		t.Error("two processes call the webhook")
	}
}

// What is not taken is told again, with the same id, and nothing overtakes it;
// what is refused is not told again.
func TestWebhookInTrouble(t *testing.T) {
	l := newListener(t, 500, 503, 429, 200, 404)
	w, c := calling(t, l.URL)
	w.mail(enquiry, "I want a kitchen.")
	call(t, c)
	if got := l.types(); got != strings.Repeat(" deal.opened", 4)[1:] {
		t.Fatalf("heard %q, want the event until it was taken", got)
	}
	for _, e := range l.heard {
		if e.ID != l.heard[0].ID {
			t.Errorf("told again as %s, was %s", e.ID, l.heard[0].ID)
		}
	}
	w.mail("From: Dora <dora@other.test>\nSubject: Enquiry", "Me too.")
	call(t, c)
	w.mail("From: Eve <eve@third.test>\nSubject: Enquiry", "And me.")
	call(t, c)
	if n := len(l.heard); n != 6 || l.heard[4].ID == l.heard[5].ID {
		t.Errorf("heard %d times, want the refused event once", n)
	}
}

// An event that is not taken before the process ends is told by the next one.
func TestWebhookAfterARestart(t *testing.T) {
	l := newListener(t, 500)
	w, c := calling(t, l.URL)
	w.mail(enquiry, "I want a kitchen.")
	ctx, cancel := context.WithCancel(t.Context())
	c.backOff = func(int) time.Duration { cancel(); return time.Hour }
	if _, err := c.round(ctx); err != nil {
		t.Fatal(err)
	}
	w.a.release(c.name, c.holder)
	call(t, newCaller(w.a, w.company, &w.company.Webhooks[0]))
	if got := l.types(); got != "deal.opened deal.opened" || l.heard[0].ID != l.heard[1].ID {
		t.Errorf("heard %q, want the same event twice", got)
	}
}

// The loop as the server runs it, until it is told to end.
func TestCallWebhooks(t *testing.T) {
	l := newListener(t)
	w, c := calling(t, l.URL)
	w.a.release(c.name, c.holder)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ended := make(chan struct{})
	go func() { defer close(ended); w.a.CallWebhooks(ctx) }()
	w.mail(enquiry, "I want a kitchen.")
	for l.types() == "" && ctx.Err() == nil {
		pause(ctx, time.Millisecond)
	}
	cancel()
	<-ended
	if got := l.types(); got != "deal.opened" {
		t.Errorf("heard %q", got)
	}
}
