package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/store"
)

// attentionView is what waits for somebody, the most money first.
type attentionView struct {
	Deals    []attentionDeal
	Troubles []troubleView
	Messages []store.LedgerRow
	Lost     []store.Suppression
	Waiting  int // deals, and what they are worth
	AtRisk   float64
	Currency string
	Unread   int // quarantined messages
	Hidden   int // deals that are not listed
	Once     string
	Back     string
	Refusal  *refusal
}

// attentionDeal is a deal that waits, with the one thing that helps: a task to
// finish, a field to fill in, a document to add, or an address to mend.
type attentionDeal struct {
	card
	Kind    string // stalled, overdue, address
	What    string
	Since   time.Time
	Task    *taskView
	Field   *field
	Doc     string // to add
	DocName string
	Address string
}

type troubleView struct {
	Trouble
	Kind string // definitions, mailbox, outbox
	What string
	Do   string
}

// mostWaiting is how many deals the page lists.
const mostWaiting = 100

func (w *Web) attention(q *request) error {
	return w.showAttention(q, http.StatusOK, nil)
}

func (w *Web) showAttention(q *request, status int, refused *refusal) error {
	v := attentionView{Once: store.NewID(), Back: "/attention", Refusal: refused}
	if q.company != nil {
		v.Back += "?company=" + url.QueryEscape(q.company.ID)
	}
	if q.company != nil {
		if err := w.risks(q, &v); err != nil {
			return err
		}
		if q.who.Own == "" {
			if err := w.badMail(q, &v); err != nil {
				return err
			}
		}
	}
	w.troubles(q, &v)
	w.render(q, status, "attention", q.viewer.T("nav.attention"), v)
	return nil
}

// risks finds the deals that wait for somebody.
func (w *Web) risks(q *request, v *attentionView) error {
	f := store.Filter{Companies: []string{q.company.ID}, Owner: q.who.Own, Waiting: true, Sort: "-amount", Limit: mostWaiting}
	var err error
	if f.Counted, v.AtRisk, err = w.Store.Worth(q.Context(), f); err != nil || f.Counted == 0 {
		return err
	}
	page, err := w.Store.Deals(q.Context(), f)
	if err != nil {
		return err
	}
	v.Waiting, v.Hidden = page.Total, page.Total-len(page.Items)
	rows := page.Items
	for i := range rows {
		d := w.subject(q.Context(), q, &rows[i])
		a := attentionDeal{card: d.card(), Kind: "stalled", What: d.why(), Since: d.s.StalledSince}
		t := late(d.s)
		switch {
		case d.s.BadAddress != "":
			a.Kind, a.What, a.Since = "address", d.T("attention.bad_address", readable(d.s.BadAddress)), d.s.LastProgress
		case t != nil && !d.s.Stalled():
			a.Kind, a.What, a.Since = "overdue", readable(t.Name), t.DueAt
		}
		if q.who.Changes {
			d.help(&a)
		}
		v.Currency = cmp.Or(v.Currency, a.Currency)
		v.Deals = append(v.Deals, a)
	}
	slices.SortStableFunc(v.Deals, func(a, b attentionDeal) int {
		return cmp.Or(cmp.Compare(b.Amount, a.Amount), a.Since.Compare(b.Since))
	})
	return nil
}

// help finds the one thing that helps a deal and can be done at once.
func (d subject) help(a *attentionDeal) {
	if a.Kind == "address" {
		a.Address = readable(d.s.Contact.Email)
		return
	}
	t := late(d.s)
	if t == nil {
		t = d.task()
	}
	if t != nil {
		a.Task = &taskView{Task: *t, Name: readable(t.Name)}
		for _, f := range d.asks(t) {
			a.Task.Asks = append(a.Task.Asks, d.field(f))
		}
		return
	}
	if d.p == nil {
		return
	}
	for _, b := range deal.Blocked(d.p, d.s) {
		if f := d.p.Field(b.Field); f != nil && f.Compute == nil {
			a.Field = d.field(f)
			return
		}
		if b.Document != "" {
			a.Doc, a.DocName = b.Document, d.documentName(b.Document)
			return
		}
	}
}

// late is the deal's task that has been overdue longest.
func late(s *deal.State) *deal.Task {
	var first *deal.Task
	for i := range s.Tasks {
		t := &s.Tasks[i]
		if t.Late() && (first == nil || t.DueAt.Before(first.DueAt)) {
			first = t
		}
	}
	return first
}

// badMail finds the messages that nobody could read and the addresses that do
// not exist.
func (w *Web) badMail(q *request, v *attentionView) error {
	page, err := w.Store.Messages(q.Context(), store.MessageFilter{Companies: []string{q.company.ID}, Outcome: "quarantined", Limit: 20})
	if err != nil {
		return err
	}
	v.Messages, v.Unread = page.Items, page.Total
	addresses, err := w.Store.Suppressions(q.Context(), q.company.ID, "", 50)
	for _, s := range addresses.Items {
		listed := slices.ContainsFunc(v.Deals, func(d attentionDeal) bool { return d.ID == s.DealID && d.Kind == "address" })
		if s.Reason == store.Undelivered && !listed {
			v.Lost = append(v.Lost, s)
		}
	}
	return err
}

func (w *Web) troubles(q *request, v *attentionView) {
	h := w.Health()
	for _, list := range []struct {
		kind     string
		troubles []Trouble
	}{{"definitions", h.Definitions}, {"mailbox", h.Mailboxes}, {"outbox", h.Outboxes}} {
		for _, t := range list.troubles {
			if q.company == nil || t.Company == q.company.ID {
				v.Troubles = append(v.Troubles, troubleView{t, list.kind, q.viewer.T("trouble."+list.kind, cmp.Or(t.Name, t.Company)), q.viewer.T("trouble." + list.kind + ".do")})
			}
		}
	}
}

// tryOutbox lets the company's letters go out at once that wait for their mail
// server.
func (w *Web) tryOutbox(q *request) error {
	if q.company == nil {
		return errNotFound
	}
	if !q.who.Manages {
		return errForbidden
	}
	q.about(q.company.ID, "")
	if err := w.Desk.TryNow(q.Context(), q.company.ID); err != nil {
		return err
	}
	q.redirect("/attention?company=" + url.QueryEscape(q.company.ID))
	return nil
}
