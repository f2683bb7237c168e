package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dealwright/dealwright/ledger"
	"github.com/dealwright/dealwright/store"
)

// outcomes of the ledger, in the order of the menu.
var outcomes = []string{"lead", "reply", "quarantined", "bounce", "auto_reply", "duplicate", "ignored"}

type mailView struct {
	Rows      []store.LedgerRow
	Total     int
	Q         string
	Outcomes  []option
	Mailboxes []option
	Narrowed  bool
	Next      string
	Newest    string // the address of the first page; empty: this is it
}

func (w *Web) mail(q *request) error {
	if q.who.Own != "" {
		return errForbidden
	}
	f := store.MessageFilter{Q: clip(strings.TrimSpace(q.FormValue("q")), 200), Outcome: q.FormValue("outcome"), Mailbox: q.FormValue("mailbox"), Limit: 50}
	if !slices.Contains(outcomes, f.Outcome) {
		f.Outcome = ""
	}
	v := mailView{Q: f.Q}
	for _, o := range outcomes {
		v.Outcomes = append(v.Outcomes, option{o, q.viewer.T("outcome." + o), o == f.Outcome})
	}
	if q.company == nil {
		w.render(q, http.StatusOK, "mail", q.viewer.T("nav.mail"), v)
		return nil
	}
	f.Companies = []string{q.company.ID}
	boxes, err := w.Store.Mailboxes(q.Context())
	if err != nil {
		return err
	}
	known := false
	for _, b := range boxes {
		if b.Company == q.company.ID {
			v.Mailboxes = append(v.Mailboxes, option{b.ID, b.ID, b.ID == f.Mailbox})
			known = known || b.ID == f.Mailbox
		}
	}
	if !known {
		f.Mailbox = ""
	}
	v.Narrowed = f.Q != "" || f.Outcome != "" || f.Mailbox != ""
	f.Cursor = q.FormValue("cursor")
	page, err := w.Store.Messages(q.Context(), f)
	if _, bad := errors.AsType[*store.BadQuery](err); bad {
		f.Cursor = "" // an address that was cut off shows the newest
		page, err = w.Store.Messages(q.Context(), f)
	}
	if err != nil {
		return err
	}
	v.Rows, v.Total = page.Items, page.Total
	at := func(cursor string) string {
		values := url.Values{"company": {q.company.ID}}
		for key, value := range map[string]string{"cursor": cursor, "outcome": f.Outcome, "q": f.Q, "mailbox": f.Mailbox} {
			if value != "" {
				values.Set(key, value)
			}
		}
		return "/mail?" + values.Encode()
	}
	if page.Next != "" {
		v.Next = at(page.Next)
	}
	if f.Cursor != "" {
		v.Newest = at("")
	}
	w.render(q, http.StatusOK, "mail", q.viewer.T("nav.mail"), v)
	return nil
}

// Why says by which rule a message became what it did; a rule without a phrase
// speaks for itself.
func (v viewer) Why(rule, why string) string {
	if name, ok := strings.CutPrefix(rule, "capture:"); ok {
		return v.T("rule.capture", readable(name))
	}
	if ledger.ByHand(rule) {
		return v.T("rule.hand", v.Or("actor."+ledger.By(why), readable(ledger.By(why))))
	}
	return v.Or("rule."+rule, readable(why))
}
