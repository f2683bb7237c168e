package web

import (
	"cmp"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/dealwright/dealwright/ledger"
	"github.com/dealwright/dealwright/store"
)

type messageView struct {
	store.LedgerRow
	Letter  *ledger.Letter // nil: its bytes are not kept
	Parts   []part
	HTML    template.HTML
	Files   []messageFile
	Raw     string
	Cut     bool
	Address string // of the message in the API
	Deal    *card  // that it belongs to
	Who     string // had it read again
	Works   bool   // the viewer may work on it

	Search  string // for a deal to attach it to
	Found   []card
	Asked   bool
	Refusal *deskRefusal
	Again   *againView
}

// messageFile is a file of the message, with where it is to be had.
type messageFile struct {
	ledger.File
	Href string
}

// Size64 is its size for the page.
func (f messageFile) Size64() int64 { return int64(f.Size) }

// deskRefusal is why something was not done with a message.
type deskRefusal struct {
	Text string
	Deal string // that would help
}

// againView is what the rules of today make of the message.
type againView struct {
	*ledger.Reread
	Same bool
}

// longestRaw is how much of a message's bytes the page shows.
const longestRaw = 64 << 10

// mailRow reads the message of the request, if the viewer may see it.
func (w *Web) mailRow(q *request) (*store.LedgerRow, error) {
	if q.who.Own != "" {
		return nil, errForbidden
	}
	row, err := w.Store.Message(q.Context(), q.PathValue("message"))
	if err != nil {
		return nil, err
	}
	if !q.of(row.Company) {
		return nil, errNotFound
	}
	return row, nil
}

func (w *Web) message(q *request) error {
	row, err := w.mailRow(q)
	if err != nil {
		return err
	}
	return w.showMessage(q, row, http.StatusOK, nil)
}

func (w *Web) showMessage(q *request, row *store.LedgerRow, status int, refused *deskRefusal) error {
	v := messageView{
		LedgerRow: *row, Works: q.who.Manages, Refusal: refused, Who: ledger.By(row.Why),
		Address: "/api/v1/companies/" + url.PathEscape(row.Company) + "/messages/" + url.PathEscape(row.ID),
	}
	if ledger.ByHand(row.Rule) {
		v.Who = "" // the reason names them
	}
	v.Who = q.viewer.Or("actor."+v.Who, personOf(q, v.Who))
	raw, err := w.Store.RawMessage(q.Context(), row.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil {
		v.read(q, w.Desk.Read(raw), raw)
	}
	if row.DealID != "" {
		held, err := w.Store.Deal(q.Context(), row.DealID)
		if err == nil {
			c := w.subject(q.Context(), q, held).card()
			v.Deal = &c
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if v.Works && q.Method == http.MethodGet {
		if err := w.aids(q, row, &v); err != nil {
			return err
		}
	}
	w.render(q, status, "message", cmp.Or(clip(readable(row.Subject), 80), q.viewer.T("mail.no_subject")), v)
	return nil
}

// personOf is what somebody of the team is called.
func personOf(q *request, email string) string { return person(q.company, readable(email)) }

// read shows what stands in the message.
func (v *messageView) read(q *request, l *ledger.Letter, raw []byte) {
	v.Letter, v.Parts, v.HTML = l, folded(l.Text), letterHTML(l.HTML)
	for i, f := range l.Files {
		v.Files = append(v.Files, messageFile{f, v.Address + "/files/" + q.viewer.plain(i)})
	}
	if v.Cut = len(raw) > longestRaw; v.Cut {
		raw = raw[:longestRaw]
	}
	v.Raw = string(raw)
}

// aids is what helps to work on the message: deals to attach it to, and what
// the rules of today say.
func (w *Web) aids(q *request, row *store.LedgerRow, v *messageView) error {
	if strings.HasSuffix(q.URL.Path, "/replay") {
		said, err := w.Desk.Reread(q.Context(), row.ID, q.who.Name, false)
		if r, refused := errors.AsType[*ledger.Refusal](err); refused {
			v.Refusal = q.viewer.deskRefusal(r)
		} else if err != nil {
			return err
		} else {
			v.Again = &againView{said, len(said.Changes) == 0}
		}
	}
	v.Search, v.Asked = clip(strings.TrimSpace(q.FormValue("deal")), 200), q.URL.Query().Has("deal")
	find := v.Search
	if !v.Asked {
		find = row.From // whoever wrote may be known already
	}
	if find == "" {
		return nil
	}
	page, err := w.Store.Deals(q.Context(), store.Filter{Companies: []string{row.Company}, Q: find, Sort: "-updated_at", Limit: 8})
	if err != nil {
		return err
	}
	for i := range page.Items {
		if s := page.Items[i].State; s.ID != row.DealID && s.MergedTo == "" {
			v.Found = append(v.Found, w.subject(q.Context(), q, &page.Items[i]).card())
		}
	}
	return nil
}

func (v viewer) deskRefusal(r *ledger.Refusal) *deskRefusal {
	return &deskRefusal{Text: v.Or("desk."+r.Code, readable(r.Text)), Deal: r.Deal}
}

// handle does with a message what a form asks for.
func (w *Web) handle(q *request) error {
	row, err := w.mailRow(q)
	if err != nil {
		return err
	}
	if !q.who.Manages {
		return errForbidden
	}
	q.about(row.Company, row.DealID)
	deal := strings.TrimSpace(q.PostFormValue("deal"))
	switch action := q.PathValue("action"); action {
	case "attach":
		err = w.Desk.Judge(q.Context(), row.ID, ledger.Judgement{Actor: q.who.Name, DealID: deal})
	case ledger.Reply:
		err = w.Desk.Judge(q.Context(), row.ID, ledger.Judgement{Actor: q.who.Name, Outcome: action, DealID: deal})
	case ledger.Lead, ledger.Ignored:
		err = w.Desk.Judge(q.Context(), row.ID, ledger.Judgement{Actor: q.who.Name, Outcome: action})
	case "replay":
		_, err = w.Desk.Reread(q.Context(), row.ID, q.who.Name, true)
	default:
		return errNotFound
	}
	if r, refused := errors.AsType[*ledger.Refusal](err); refused {
		return w.showMessage(q, row, http.StatusConflict, q.viewer.deskRefusal(r))
	}
	if err != nil {
		return err
	}
	if now, err := w.Store.Message(q.Context(), row.ID); err == nil && now.DealID != "" {
		q.about(row.Company, now.DealID) // the audit names the deal that has it now
	}
	q.redirect("/mail/" + url.PathEscape(row.ID))
	return nil
}
