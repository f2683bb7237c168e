// Package web is the dashboard: pages for people, made on the server from the
// same store and changed through the same commands as the API. Every page
// reads and every form works without JavaScript.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/ledger"
	"github.com/dealwright/dealwright/store"
)

// Commander hands a change to a deal; the API has the same one.
type Commander interface {
	Do(ctx context.Context, in store.Input) error
}

// ErrUnavailable says that no worker took a change in time.
var ErrUnavailable = errors.New("no worker answered in time")

// Options are what the dashboard works with. All but Log are needed.
type Options struct {
	Store     *store.Store
	Commander Commander
	// Desk is where people work on mail by hand.
	Desk ledger.Desk
	// Companies are the live ones, in a stable order.
	Companies func() []*definitions.Company
	// Process is the process version of that hash, bound to the live company.
	Process func(ctx context.Context, company, hash string) (*definitions.Process, error)
	// Now is deal time.
	Now func() time.Time
	// Who is the viewer.
	Who func(ctx context.Context) Who
	// Health is how the surroundings of the deals are.
	Health func() Health
	// Log takes what goes wrong; nil: nowhere.
	Log *slog.Logger
}

// Who is somebody who looks at the dashboard, and what they may see and do.
type Who struct {
	Name    string // the actor of their changes
	Known   bool   // they have signed in, or a token says who they are
	Sees    func(company string) bool
	Own     string // the only owner whose deals they may see; empty: all
	Reads   bool
	Changes bool
	Manages bool   // mail, and what is of the whole company
	Role    string // for the audit
}

// Health is what stands in the way of all deals of a company.
type Health struct {
	Mailboxes   []Trouble
	Outboxes    []Trouble
	Definitions []Trouble
}

// Trouble is one thing that does not work.
type Trouble struct {
	Company string
	Name    string // the mailbox; empty for what a company has one of
	Detail  string
	Waiting int // letters
	Faults  definitions.Diagnostics
}

// Paths are the addresses of the dashboard, as patterns of Gin.
var Paths = []string{
	"/", "/attention", "/attention/try", "/funnel", "/people", "/forecast", "/process", "/mail", "/viewer",
	"/deals/*path", "/mail/*path", "/assets/*path",
}

// Web serves the dashboard. It is an [http.Handler] for [Paths].
type Web struct {
	Options
	mux    *http.ServeMux
	pages  pages
	assets assets
}

// New makes the dashboard.
func New(o Options) *Web {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	w := &Web{Options: o, mux: http.NewServeMux(), assets: loadAssets()}
	w.pages = loadPages(w.assets)
	w.mux.HandleFunc("GET /{$}", w.page(w.board))
	w.mux.HandleFunc("GET /attention", w.page(w.attention))
	w.mux.HandleFunc("GET /process", w.page(w.process))
	w.mux.HandleFunc("GET /mail", w.page(w.mail))
	w.mux.HandleFunc("GET /mail/{message}", w.page(w.message))
	w.mux.HandleFunc("GET /mail/{message}/{action}", w.page(w.message))
	w.mux.HandleFunc("POST /mail/{message}/{action}", w.page(w.handle))
	w.mux.HandleFunc("POST /attention/try", w.page(w.tryOutbox))
	w.mux.HandleFunc("GET /funnel", w.page(w.funnel))
	w.mux.HandleFunc("GET /people", w.page(w.people))
	w.mux.HandleFunc("GET /forecast", w.page(w.forecast))
	w.mux.HandleFunc("GET /deals/{id}", w.page(w.deal))
	w.mux.HandleFunc("POST /deals/{id}/{action}", w.page(w.act))
	// A refused form leaves its own address behind, which a reload asks for.
	w.mux.HandleFunc("GET /deals/{id}/{action}", w.page(func(q *request) error {
		q.redirect("/deals/" + url.PathEscape(q.PathValue("id")))
		return nil
	}))
	w.mux.HandleFunc("POST /viewer", w.setViewer)
	w.mux.HandleFunc("GET /assets/{name}", w.assets.serve)
	w.mux.HandleFunc("/", w.page(func(*request) error { return errNotFound }))
	return w
}

// policy lets a page load what this server has, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func guarded(rw http.ResponseWriter) {
	rw.Header().Set("Content-Security-Policy", policy)
	rw.Header().Set("Referrer-Policy", "same-origin")
}

// ServeHTTP answers one request.
func (w *Web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	guarded(rw)
	if r.Method != http.MethodGet && r.Method != http.MethodHead && !sameOrigin(r) {
		http.Error(rw, "the request comes from another site", http.StatusForbidden)
		return
	}
	w.mux.ServeHTTP(rw, r)
}

// sameOrigin reports whether a change was asked for by a page of this server.
// Browsers say so themselves; who says nothing is not a browser.
func sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return false
	}
	origin := r.Header.Get("Origin")
	return origin == "" || origin == "http://"+r.Host || origin == "https://"+r.Host
}
