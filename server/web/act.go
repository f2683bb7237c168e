package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/ledger"
	"github.com/dealwright/dealwright/store"
)

// act makes a change that a form asks for and leads back to where it was asked
// for; what the deal refuses is shown with what would clear the way.
func (w *Web) act(q *request) error {
	row, err := w.Store.Deal(q.Context(), q.PathValue("id"))
	if err != nil {
		return err
	}
	if !q.reaches(row) {
		return errNotFound
	}
	q.about(row.State.Company, row.State.ID)
	q.process = q.company.Process(row.State.Process)
	if q.PathValue("action") == "resend" {
		return w.resend(q, row)
	}
	d := w.subject(q.Context(), q, row)
	if d.p == nil {
		return store.ErrUnavailable
	}
	events, err := w.events(q, d)
	if err != nil {
		return err
	}
	for i, e := range events {
		if err := w.do(q, d, e, i); err != nil {
			return w.notDone(q, d, e, err)
		}
	}
	back := q.FormValue("back")
	if back == "" {
		back = "/deals/" + url.PathEscape(d.s.ID)
	}
	q.redirect(back)
	return nil
}

// do hands one change to the deal. A form that is sent twice is one change: the
// input's id is made from the form's own number.
func (w *Web) do(q *request, d subject, e deal.Event, n int) error {
	e.Actor = q.who.Name
	in := store.Input{ID: "web/" + store.NewID(), DealID: d.s.ID, Event: e}
	if once := q.FormValue("once"); once != "" {
		form := sha256.Sum256([]byte(e.Actor + "\n" + d.s.ID + "\n" + q.PathValue("action") + "\n" + q.PostForm.Encode() + string(rune('0'+n))))
		id := "web/" + hex.EncodeToString(form[:20])
		earlier, err := w.Store.Input(q.Context(), id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			in.ID = id
		case err != nil:
			return err
		case earlier.Outcome == nil || !earlier.Outcome.Refused:
			in.ID = id
		}
	}
	return w.Commander.Do(q.Context(), in)
}

// notDone shows why a change was not made, on the page that asked for it.
func (w *Web) notDone(q *request, d subject, e deal.Event, err error) error {
	var r *deal.Refusal
	if !errors.As(err, &r) {
		if errors.Is(err, ErrUnavailable) {
			return store.ErrUnavailable
		}
		return err
	}
	// An earlier part of the form may have been taken.
	row, err := w.Store.Deal(q.Context(), d.s.ID)
	if err != nil {
		return err
	}
	d = w.subject(q.Context(), q, row)
	v := d.refusal(r, e)
	v.Back, v.Once = q.FormValue("back"), store.NewID()
	status := http.StatusConflict
	if r.Invalid {
		status = http.StatusUnprocessableEntity
	}
	switch {
	case strings.HasPrefix(v.Back, "/deals/"), v.Back == "":
		return w.showDeal(q, row, status, v)
	case strings.HasPrefix(v.Back, "/attention"):
		return w.showAttention(q, status, v)
	}
	return w.showBoard(q, status, v)
}

// events are what a form asks for, in the order they are done.
func (w *Web) events(q *request, d subject) ([]deal.Event, error) {
	text := func(name string) string { return strings.TrimSpace(q.FormValue(name)) }
	switch q.PathValue("action") {
	case "move":
		return []deal.Event{move(text("to"), text("reason"), text("force") != "")}, nil
	case "fix":
		return fix(q, d), nil
	case "card":
		return []deal.Event{clientCard(q, d)}, nil
	case "owner":
		return []deal.Event{{Kind: deal.KindSet, Owner: text("owner")}}, nil
	case "complete":
		return []deal.Event{{Kind: deal.KindComplete, Task: text("task"), Fields: changedFields(q, d), Note: text("note")}}, nil
	case "waive":
		return []deal.Event{{Kind: deal.KindChangeTask, Task: text("task"), Waive: true, Reason: text("reason")}}, nil
	case "task":
		return []deal.Event{newTask(q, d)}, nil
	case "note":
		if text("text") == "" {
			return nil, nil
		}
		return []deal.Event{{Kind: deal.KindNote, Text: text("text")}}, nil
	case "document":
		return w.document(q, d)
	case "pause":
		e := deal.Event{Kind: deal.KindPause, Reason: text("reason")}
		if day := text("until"); day != "" {
			until, err := time.ParseInLocation("2006-01-02", day, q.viewer.zone)
			if err == nil {
				e.Until = d.p.Company.Calendar.NextOpen(until)
			}
		}
		return []deal.Event{e}, nil
	case "resume":
		return []deal.Event{{Kind: deal.KindResume}}, nil
	case "merge":
		return w.merge(q, d, text("into"))
	case "reopen":
		return []deal.Event{{Kind: deal.KindReopen, Reason: text("reason")}}, nil
	}
	return nil, errNotFound
}

func move(to, reason string, force bool) deal.Event {
	return deal.Event{Kind: deal.KindMove, To: to, Reason: reason, Force: force}
}

// merge ends the deal in another one of the company that the viewer may see.
func (w *Web) merge(q *request, d subject, into string) ([]deal.Event, error) {
	other, err := w.Store.Deal(q.Context(), into)
	if err != nil {
		return nil, err
	}
	if other.State.Company != d.s.Company || (q.who.Own != "" && !strings.EqualFold(q.who.Own, other.State.Owner)) {
		return nil, errNotFound
	}
	return []deal.Event{{Kind: deal.KindMerge, To: into}}, nil
}

// resend sends a letter once more that did not go out.
func (w *Web) resend(q *request, row *store.DealRow) error {
	err := w.Desk.Resend(q.Context(), row.State.ID, q.PostFormValue("letter"), q.who.Name)
	if r, refused := errors.AsType[*ledger.Refusal](err); refused {
		v := &refusal{ID: row.State.ID, Title: q.viewer.T("refusal.resend"), Gates: []gate{{Message: q.viewer.deskRefusal(r).Text}}}
		return w.showDeal(q, row, http.StatusConflict, v)
	}
	if err != nil {
		return err
	}
	q.redirect("/deals/" + url.PathEscape(row.State.ID) + "#mail")
	return nil
}

// fix fills in what a refused move lacked, finishes its tasks and moves again.
func fix(q *request, d subject) []deal.Event {
	var events []deal.Event
	fields := changedFields(q, d)
	for _, id := range q.PostForm["done"] {
		events = append(events, deal.Event{Kind: deal.KindComplete, Task: id, Fields: fields})
		fields = nil // with the first
	}
	if len(fields) > 0 {
		events = append(events, deal.Event{Kind: deal.KindSet, Fields: fields})
	}
	to := q.FormValue("to")
	if to == "" || (len(events) > 0 && movesBySelf(d, q.PostForm["done"], to)) {
		return events
	}
	return append(events, move(to, strings.TrimSpace(q.FormValue("reason")), q.FormValue("force") != ""))
}

// movesBySelf reports whether the deal goes there by itself once the tasks are
// done, so that a second move would find it there already.
func movesBySelf(d subject, done []string, to string) bool {
	st := d.stage()
	if st == nil || len(done) == 0 {
		return false
	}
	for _, m := range st.Next {
		if m.To == to && m.When == nil && (m.On == "tasks_done" || slices.Contains(done, strings.TrimPrefix(m.On, "task:"))) {
			for _, t := range d.s.Tasks {
				if t.Stage == st.ID && t.Required && t.Status == deal.TaskOpen && !slices.Contains(done, t.ID) {
					return false
				}
			}
			return true
		}
	}
	return false
}

// changedFields are the fields of a form that say something new.
func changedFields(q *request, d subject) map[string]any {
	fields := map[string]any{}
	for name, values := range q.PostForm {
		id, ok := strings.CutPrefix(name, "field.")
		if !ok || len(values) == 0 {
			continue
		}
		var given any
		if text := strings.TrimSpace(values[0]); text != "" {
			given = text
		}
		if f := d.p.Field(id); f != nil && f.Type == definitions.TypeBool && given != nil {
			given = given == "true"
		}
		if was, ok := d.s.Fields[id].(string); ok && given == strings.TrimSpace(readable(was)) {
			continue // as the form showed it
		}
		checked, err := d.p.CheckField(id, given)
		if err == nil && (checked == d.s.Fields[id] || checked == nil && !d.p.Filled(d.s.Fields, id)) {
			continue
		}
		fields[id] = given // a wrong one goes along, for the deal to say what is wrong
	}
	if len(fields) == 0 {
		return nil
	}
	return fields
}

func clientCard(q *request, d subject) deal.Event {
	e := deal.Event{Kind: deal.KindSet, Fields: changedFields(q, d)}
	c := definitions.Contact{}
	for _, part := range []struct {
		name string
		now  string
		to   *string
	}{{"name", d.s.Contact.Name, &c.Name}, {"email", d.s.Contact.Email, &c.Email}, {"phone", d.s.Contact.Phone, &c.Phone}} {
		given, sent := q.PostForm["contact."+part.name]
		if !sent {
			continue
		}
		text := strings.Join(strings.Fields(given[0]), " ")
		switch {
		case text == readable(part.now): // as the form showed it
		case text == "":
			e.Clear = append(e.Clear, part.name)
		default:
			*part.to = text
		}
	}
	if c != (definitions.Contact{}) || len(e.Clear) > 0 {
		e.Contact = &c
	}
	return e
}

func newTask(q *request, d subject) deal.Event {
	n := &deal.NewTask{
		ID: "t-" + strings.ToLower(store.NewID()), Name: strings.Join(strings.Fields(q.FormValue("name")), " "),
		Kind: q.FormValue("kind"), Assignee: q.FormValue("assignee"),
	}
	if due, err := time.ParseInLocation("2006-01-02T15:04", q.FormValue("due"), q.viewer.zone); err == nil {
		n.Due = due
	}
	return deal.Event{Kind: deal.KindAddTask, NewTask: n}
}

// document keeps the file of a form, or notes where the document is.
func (w *Web) document(q *request, d subject) ([]deal.Event, error) {
	e := deal.Event{Kind: deal.KindDocument, Document: q.FormValue("document"), Note: strings.TrimSpace(q.FormValue("note"))}
	if at, err := url.Parse(strings.TrimSpace(q.FormValue("url"))); err == nil && at.Host != "" && (at.Scheme == "http" || at.Scheme == "https") && at.User == nil {
		e.URL = at.String()
	}
	file, header, err := q.FormFile("file")
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
	case err != nil:
		return nil, err
	default:
		if err := w.keep(q, d, &e, file, header); err != nil {
			return nil, err
		}
	}
	if e.File == "" && e.URL == "" && e.Note == "" {
		return nil, nil
	}
	return []deal.Event{e}, nil
}

func (w *Web) keep(q *request, d subject, e *deal.Event, file multipart.File, header *multipart.FileHeader) error {
	defer file.Close()
	data, err := io.ReadAll(file) // the server bounds the request
	if err != nil || len(data) == 0 {
		return err
	}
	e.FileName = clip(readable(header.Filename), 200)
	e.File, err = w.Store.PutFile(q.Context(), d.s.ID, e.FileName, "application/octet-stream", data)
	return err
}
