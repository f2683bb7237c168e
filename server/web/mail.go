package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dealwright/dealwright/store"
)

// outcomes of the ledger, in the order of the menu.
var outcomes = []string{"lead", "reply", "quarantined", "bounce", "auto_reply", "duplicate", "ignored"}

type mailView struct {
	Rows     []store.LedgerRow
	Total    int
	Outcome  string
	Q        string
	Outcomes []option
	Next     string
	First    bool
}

func (w *Web) mail(q *request) error {
	if q.who.Own != "" {
		return errForbidden
	}
	v := mailView{Q: clip(strings.TrimSpace(q.FormValue("q")), 200), Outcome: q.FormValue("outcome")}
	if !slices.Contains(outcomes, v.Outcome) {
		v.Outcome = ""
	}
	for _, o := range outcomes {
		v.Outcomes = append(v.Outcomes, option{o, q.viewer.T("outcome." + o), o == v.Outcome})
	}
	if q.company != nil {
		page, err := w.Store.Messages(q.Context(), store.MessageFilter{
			Companies: []string{q.company.ID}, Outcome: v.Outcome, Q: v.Q, Limit: 50, Cursor: q.FormValue("cursor"),
		})
		if err != nil {
			return err
		}
		v.Rows, v.Total, v.First = page.Items, page.Total, q.FormValue("cursor") == ""
		if page.Next != "" {
			next := url.Values{"cursor": {page.Next}, "outcome": {v.Outcome}, "q": {v.Q}, "company": {q.company.ID}}
			v.Next = "/mail?" + next.Encode()
		}
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
	return v.Or("rule."+rule, readable(why))
}

type messageView struct {
	store.LedgerRow
	Raw     string
	Cut     bool
	Missing bool
}

// longestRaw is how much of a message's bytes the page shows.
const longestRaw = 64 << 10

func (w *Web) message(q *request) error {
	if q.who.Own != "" {
		return errForbidden
	}
	row, err := w.Store.Message(q.Context(), q.PathValue("message"))
	if err != nil {
		return err
	}
	if !q.of(row.Company) {
		return errNotFound
	}
	v := messageView{LedgerRow: *row}
	raw, err := w.Store.RawMessage(q.Context(), row.ID)
	v.Missing = err != nil
	if len(raw) > longestRaw {
		raw, v.Cut = raw[:longestRaw], true
	}
	v.Raw = string(raw)
	title := readable(row.Subject)
	if title == "" {
		title = q.viewer.T("mail.no_subject")
	}
	w.render(q, http.StatusOK, "message", title, v)
	return nil
}
