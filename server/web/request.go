package web

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

var (
	errNotFound  = errors.New("there is no such page")
	errForbidden = errors.New("the viewer may not do that")
)

// request is one view of a page by one viewer.
type request struct {
	*http.Request
	w       http.ResponseWriter
	viewer  viewer
	who     Who
	now     time.Time
	all     []*definitions.Company
	company *definitions.Company // nil: there is none
	process *definitions.Process
	record  *record
}

// page makes a handler of a function that may fail.
func (w *Web) page(show func(*request) error) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		q := &request{Request: r, w: rw, viewer: viewerOf(r), who: w.Who(r.Context()), now: w.Now()}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			q.record = &record{ResponseWriter: rw}
			q.w = q.record
			defer w.audit(q)
		}
		for _, c := range w.Companies() {
			if q.who.Sees(c.ID) {
				q.all = append(q.all, c)
			}
		}
		q.choose(r.FormValue("company"), r.FormValue("process"))
		err := errForbidden
		if q.who.Reads && (r.Method == http.MethodGet || q.who.Changes) {
			err = show(q)
		}
		if err == nil {
			return
		}
		status, what := http.StatusInternalServerError, "error.internal"
		switch {
		case errors.Is(err, errNotFound), errors.Is(err, store.ErrNotFound):
			status, what = http.StatusNotFound, "error.not_found"
		case errors.Is(err, errForbidden):
			status, what = http.StatusForbidden, "error.forbidden"
		case errors.Is(err, store.ErrUnavailable), r.Context().Err() != nil:
			status, what = http.StatusServiceUnavailable, "error.unavailable"
			q.w.Header().Set("Retry-After", "2")
		}
		if status >= http.StatusInternalServerError {
			w.Log.Error("a page cannot be shown", "path", r.URL.Path, "error", err)
		}
		w.render(q, status, "error", q.viewer.T(what), what)
	}
}

// choose settles whose process is looked at: the named, else the first.
func (q *request) choose(company, process string) {
	for _, c := range q.all {
		if q.company == nil || c.ID == company {
			q.company = c
		}
	}
	if q.company == nil {
		return
	}
	q.viewer.zone = q.company.Calendar.Location()
	if q.process = q.company.Process(process); q.process == nil && len(q.company.Processes) > 0 {
		q.process = q.company.Processes[0]
	}
}

// reaches makes the request one about a deal, if the viewer may know of it.
func (q *request) reaches(row *store.DealRow) bool {
	return q.of(row.State.Company) && (q.who.Own == "" || strings.EqualFold(q.who.Own, row.State.Owner))
}

// of makes the request one about a company, if the viewer may know of it.
func (q *request) of(company string) bool {
	for _, c := range q.all {
		if c.ID == company {
			q.company, q.viewer.zone = c, c.Calendar.Location()
			return true
		}
	}
	return false
}

// layout is what every page is drawn with.
type layout struct {
	viewer
	Title     string
	Page      string
	Path      string // this page's address, to come back to
	Query     url.Values
	Companies []*definitions.Company
	Company   *definitions.Company
	Process   *definitions.Process
	Now       time.Time
	Me        string // who has signed in; empty: nobody has to
	Manages   bool   // the viewer may do what is of the whole company
	Body      any
}

// Scope is the part of an address that keeps company and process.
func (l layout) Scope() string {
	v := url.Values{}
	if l.Company != nil && len(l.Companies) > 1 {
		v.Set("company", l.Company.ID)
	}
	if l.Company != nil && l.Process != nil && len(l.Company.Processes) > 1 {
		v.Set("process", l.Process.Process)
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// render writes a page. It is drawn whole before anything is sent.
func (w *Web) render(q *request, status int, page, title string, body any) {
	path := q.URL.RequestURI()
	if q.Method != http.MethodGet {
		path = cmp.Or(q.FormValue("back"), "/")
	}
	l := layout{
		viewer: q.viewer, Title: title, Page: page, Path: path, Query: q.URL.Query(),
		Companies: q.all, Company: q.company, Process: q.process, Now: q.now, Manages: q.who.Manages, Body: body,
	}
	if q.who.Known {
		l.Me = q.who.Name
	}
	var out bytes.Buffer
	if err := w.pages[page].ExecuteTemplate(&out, "layout", l); err != nil {
		w.Log.Error("a page cannot be drawn", "page", page, "error", err)
		http.Error(q.w, "the page cannot be drawn", http.StatusInternalServerError)
		return
	}
	h := q.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", q.viewer.Lang)
	h.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	if !strings.Contains(q.Header.Get("Accept-Encoding"), "gzip") {
		q.w.WriteHeader(status)
		_, _ = q.w.Write(out.Bytes()) // a viewer who has gone needs no page
		return
	}
	h.Set("Content-Encoding", "gzip")
	q.w.WriteHeader(status)
	z := gzip.NewWriter(q.w)
	_, _ = z.Write(out.Bytes())
	_ = z.Close()
}

// redirect leads on after a change, so that a reload does not repeat it.
func (q *request) redirect(to string) {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		to = "/"
	}
	http.Redirect(q.w, q.Request, to, http.StatusSeeOther)
}
