package web

import "net/http"

// Door is the page at which one signs in with a token.
type Door struct {
	Action   string // where the form goes
	Next     string // where one goes from there
	Provider string // where people sign in otherwise; empty: nowhere
	Fault    string // the phrase for why the last try failed; empty: it is the first
}

// SignIn shows the page. Whoever asks is nobody yet, so it tells nothing of the
// companies.
func (w *Web) SignIn(rw http.ResponseWriter, r *http.Request, status int, d Door) {
	guarded(rw)
	q := &request{Request: r, w: rw, viewer: viewerOf(r), now: w.Now()}
	w.render(q, status, "signin", q.viewer.T("signin.title"), d)
}
