package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// monday is when the tests' deal time begins: ten o'clock in Moscow.
var monday = time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)

// world is a server over a real store whose deals are run by the real Step.
type world struct {
	t         testing.TB
	store     *store.Store
	companies []*definitions.Company
	now       atomic.Int64
	down      atomic.Bool // no worker answers
	ready     atomic.Pointer[Readiness]
	server    *Server
	url       string
	uid       uint32 // of the last message in the mailbox
}

func newWorld(t testing.TB, change ...func(*Options)) *world {
	t.Helper()
	return newWorldIn(t, t.TempDir(), change...)
}

// newWorldIn is newWorld with its data in a folder.
func newWorldIn(t testing.TB, folder string, change ...func(*Options)) *world {
	t.Helper()
	w := &world{t: t}
	w.now.Store(monday.UnixNano())
	w.ready.Store(&Readiness{Ready: true})
	companies, faults := definitions.LoadAll("testdata")
	if faults.HasErrors() {
		t.Fatal(faults)
	}
	w.companies = companies
	s, err := store.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w.store = s
	for _, c := range companies {
		for _, p := range c.Processes {
			spec, err := p.JSON()
			if err != nil {
				t.Fatal(err)
			}
			if err := s.PutVersion(t.Context(), c.ID, p.Process, p.Hash, spec, monday); err != nil {
				t.Fatal(err)
			}
		}
	}
	o := Options{
		Store: s, Commander: w, Companies: func() []*definitions.Company { return w.companies },
		Process: w.process, Now: w.clock, Ready: func() Readiness { return *w.ready.Load() }, Version: "test",
	}
	w.desk(&o)
	for _, f := range change {
		f(&o)
	}
	w.server = New(o)
	h := httptest.NewServer(w.server)
	t.Cleanup(h.Close)
	w.url = h.URL
	return w
}

func (w *world) clock() time.Time { return time.Unix(0, w.now.Load()).UTC() }

// pass lets deal time pass; deals look at it when something happens to them.
func (w *world) pass(d time.Duration) { w.now.Add(int64(d)) }

func (w *world) process(_ context.Context, company, hash string) (*definitions.Process, error) {
	for _, c := range w.companies {
		for _, p := range c.Processes {
			if c.ID == company && p.Hash == hash {
				return p, nil
			}
		}
	}
	return nil, fmt.Errorf("no version %s of a process of %s", hash, company)
}

// Do runs the input as the Advance activity does.
func (w *world) Do(ctx context.Context, in store.Input) error {
	if w.down.Load() {
		return fmt.Errorf("take: %w", ErrUnavailable)
	}
	if err := w.store.AddInput(ctx, in); err != nil {
		return err
	}
	return w.take(ctx, in)
}

func (w *world) take(ctx context.Context, in store.Input) error {
	var said error
	err := w.store.UpdateDeal(ctx, in.DealID, func(tx *store.DealTx) error {
		row, err := tx.Input(in.ID)
		if err != nil {
			return err
		}
		o := store.Outcome{}
		if row.Outcome != nil {
			o = *row.Outcome
		} else if row.Revision != 0 && row.Revision != tx.Revision {
			o.Stale = true
		} else if err = w.step(tx, row.Event); err != nil {
			var refusal *deal.Refusal
			if !errors.As(err, &refusal) {
				return err
			}
			o = store.Outcome{Refused: true, Invalid: refusal.Invalid, Problems: refusal.Problems}
		}
		switch {
		case o.Stale:
			said = store.ErrStale
		case o.Refused:
			said = &deal.Refusal{Invalid: o.Invalid, Problems: o.Problems}
		}
		return tx.Apply(in.ID, o)
	})
	return errors.Join(err, said)
}

func (w *world) step(tx *store.DealTx, e deal.Event) error {
	var p *definitions.Process
	for _, c := range w.companies {
		if c.ID == tx.State.Company {
			p = c.Process(tx.State.Process)
		}
	}
	r, err := deal.Step(p, tx.State, e, w.clock())
	if err != nil {
		return err
	}
	if err := tx.Append(r.Timeline); err != nil {
		return err
	}
	_, currency := p.AmountOf(r.State.Fields)
	return tx.Save(r.State, store.SaveExtra{Amount: r.State.Amount(p), Currency: currency, NextWake: r.Wake, At: w.clock()})
}

// Open makes the deal and opens it.
func (w *world) Open(ctx context.Context, company, process string, in store.Input) error {
	if w.down.Load() {
		return fmt.Errorf("open: %w", ErrUnavailable)
	}
	state := &deal.State{ID: in.DealID, Company: company, Process: process, Status: deal.Open, Contact: *in.Event.Contact, OpenedAt: w.clock()}
	if err := w.store.CreateDeal(ctx, state, in); err != nil {
		return err
	}
	return w.take(ctx, in)
}

// tick lets the deal do what is due by itself.
func (w *world) tick(id string) {
	w.t.Helper()
	in := store.Input{ID: store.NewID(), DealID: id, Event: deal.Event{Kind: deal.KindTimer}}
	if err := w.Do(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

// reply is what the server answered.
type reply struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

// send makes a request; headers are given as name, value, ….
func (w *world) send(method, path, body string, headers ...string) *reply {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return &reply{w.t, method + " " + path, res.StatusCode, res.Header, text}
}

func (w *world) get(path string) *reply { w.t.Helper(); return w.send("GET", path, "") }

func (w *world) post(path, body string) *reply { w.t.Helper(); return w.send("POST", path, body) }

// want checks the status, and for a problem its form.
func (r *reply) want(status int) *reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d: %s", r.what, r.status, status, r.body)
	}
	if status < 400 {
		return r
	}
	var p Problem
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Fatalf("%s: content type %q of a problem: %s", r.what, got, r.body)
	}
	if err := json.Unmarshal(r.body, &p); err != nil {
		r.t.Fatalf("%s: %v: %s", r.what, err, r.body)
	}
	if p.Status != status || p.Title == "" || !strings.HasPrefix(p.Type, "urn:dealwright:problem:") {
		r.t.Fatalf("%s: not a whole problem: %s", r.what, r.body)
	}
	return r
}

// at looks a value up by a path such as items.0.id.
func (r *reply) at(path string) any {
	r.t.Helper()
	var v any
	if err := json.Unmarshal(r.body, &v); err != nil {
		r.t.Fatalf("%s: %v: %s", r.what, err, r.body)
	}
	for key := range strings.SplitSeq(path, ".") {
		if key == "" {
			continue // "." is all of it
		}
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[key]
			if !ok {
				r.t.Fatalf("%s: no %q in %s", r.what, path, r.body)
			}
			v = next
		case []any:
			var i int
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(x) {
				r.t.Fatalf("%s: no %q in %s", r.what, path, r.body)
			}
			v = x[i]
		default:
			r.t.Fatalf("%s: no %q in %s", r.what, path, r.body)
		}
	}
	return v
}

// has checks values: path, value, ….
func (r *reply) has(pairs ...any) *reply {
	r.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		want, err := json.Marshal(pairs[i+1])
		if err != nil {
			r.t.Fatal(err)
		}
		got, err := json.Marshal(r.at(pairs[i].(string)))
		if err != nil {
			r.t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			r.t.Errorf("%s: %s is %s, want %s", r.what, pairs[i], got, want)
		}
	}
	return r
}

// open makes a deal and gives its id.
func (w *world) open(body string) string {
	w.t.Helper()
	id, _ := w.post("/api/v1/deals", body).want(http.StatusCreated).at("id").(string)
	if id == "" {
		w.t.Fatal("the new deal has no id")
	}
	return id
}

const petr = `{"company": "kitchens", "process": "sales", "contact": {"name": "Пётр", "email": "petr@client.test", "phone": "+7 921 123-45-67"}, "subject": "Нужна кухня", "body": "Хочу кухню"}`

var errTest = errors.New("a secret of the store")
