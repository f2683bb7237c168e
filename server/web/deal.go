package web

import (
	"cmp"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

type dealPage struct {
	card
	ID       string
	Once     string
	Back     string
	Status   string
	Visit    int
	Contact  definitions.Contact
	Writable bool // something may still be changed
	Lost     string
	Opened   time.Time
	Entered  time.Time
	Source   string
	Version  string
	OwnerID  string
	Flags    []string

	Steps    []stepView
	Refusal  *refusal
	Blocking []gate
	Upcoming []upcoming
	Tasks    []taskView
	Finished []taskView
	Fields   []*field
	Score    float64
	Method   string
	Criteria []criterion
	Docs     []docView
	Files    []store.Attachment
	Mail     []letter
	Unsent   []unsent
	Timeline []line
	Goal     string
	Needs    []string
	Playbook template.HTML
	Owners   []option
	Moves    []option
	Reasons  []option
}

type stepView struct {
	Name  string
	State string // done, now, ahead
}

type upcoming struct {
	What   string
	Unless string
	At     time.Time
}

type taskView struct {
	deal.Task
	Name     string
	Assignee string
	Asks     []*field
}

// unsent is a letter that did not go out, or of which nobody knows.
type unsent struct {
	ID, Subject, To, Why string
	State                string // failed, ambiguous, waiting
	At                   time.Time
}

type criterion struct {
	Name string
	Met  bool
}

type docView struct {
	ID, Name string
	Required bool
	Doc      *deal.Document
	URL      string
}

// field is a line of the client card, with how it is entered.
type field struct {
	ID, Name, Type, Input string
	Text                  string // as it is read
	Value                 string // as it is entered
	Currency              string
	Options               []string
	Computed              bool
	Filled                bool
}

func (w *Web) deal(q *request) error {
	row, err := w.Store.Deal(q.Context(), q.PathValue("id"))
	if err != nil {
		return err
	}
	if !q.reaches(row) {
		return errNotFound
	}
	q.process = q.company.Process(row.State.Process)
	return w.showDeal(q, row, http.StatusOK, nil)
}

func (w *Web) showDeal(q *request, row *store.DealRow, status int, refused *refusal) error {
	d := w.subject(q.Context(), q, row)
	s := d.s
	v := &dealPage{
		card: d.card(), ID: s.ID, Once: store.NewID(), Back: "/deals/" + url.PathEscape(s.ID), Status: s.Status, Visit: s.Visit,
		Contact: s.Contact, Writable: !s.Closed() && d.p != nil, Opened: s.OpenedAt, Entered: s.StageEnteredAt,
		Source: readable(s.Source), Version: clip(s.Version, 9), OwnerID: s.Owner, Refusal: refused,
	}
	v.Version = strings.TrimSuffix(v.Version, "…")
	if s.LostReason != "" {
		v.Lost = d.reasonName(s.LostReason)
	}
	v.Flags = d.flags()
	v.tasks(d)
	if d.p != nil {
		v.judge(d)
	}
	if err := w.story(q, d, v); err != nil {
		return err
	}
	w.render(q, status, "deal", v.Client, v)
	return nil
}

// flags are what else one should know before writing to the client.
func (d subject) flags() []string {
	var all []string
	for _, f := range []struct {
		on  bool
		key string
	}{
		{d.s.Paused(), "flag.paused"},
		{d.s.BadAddress != "", "flag.bad_address"},
		{d.s.Unsubscribed, "flag.unsubscribed"},
		{d.s.Muted, "flag.muted"},
		{d.s.Returning, "flag.returning"},
	} {
		if f.on {
			all = append(all, d.T(f.key))
		}
	}
	return all
}

func (v *dealPage) tasks(d subject) {
	for _, t := range d.s.Tasks {
		view := taskView{Task: t, Name: readable(t.Name), Assignee: person(d.company(), t.Assignee)}
		if t.Status != deal.TaskOpen {
			if t.Status == deal.TaskDone || t.Status == deal.TaskWaived {
				v.Finished = append(v.Finished, view)
			}
			continue
		}
		for _, f := range d.asks(&view.Task) {
			view.Asks = append(view.Asks, d.field(f))
		}
		v.Tasks = append(v.Tasks, view)
	}
	slices.SortStableFunc(v.Tasks, func(a, b taskView) int {
		return cmp.Or(boolCompare(b.Overdue, a.Overdue), boolCompare(b.Required, a.Required), a.DueAt.Compare(b.DueAt))
	})
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// judge is what the process makes of the deal.
func (v *dealPage) judge(d subject) {
	p, s := d.p, d.s
	at := p.StageIndex(s.Stage)
	for i := range p.Stages {
		step := stepView{Name: d.stageName(p.Stages[i].ID), State: "ahead"}
		switch {
		case i == at:
			step.State = "now"
		case i < at:
			step.State = "done"
		}
		v.Steps = append(v.Steps, step)
		v.Moves = append(v.Moves, option{p.Stages[i].ID, step.Name, i == at})
	}
	for _, b := range deal.Blocked(p, s) {
		g := gate{Message: d.gate(b.Message, b.Field, b.Task, b.Document), Document: b.Document}
		if f := p.Field(b.Field); f != nil {
			g.Field = d.field(f)
		}
		for i := range s.Tasks {
			if b.Task != "" && s.Tasks[i].ID == b.Task {
				g.Task = &s.Tasks[i]
			}
		}
		v.Blocking = append(v.Blocking, g)
	}
	if !s.Closed() || s.Status == deal.Lost {
		for _, u := range deal.Forecast(p, s, d.now) {
			if len(v.Upcoming) < 6 {
				v.Upcoming = append(v.Upcoming, d.upcoming(u))
			}
		}
	}
	for i := range p.Fields {
		v.Fields = append(v.Fields, d.field(&p.Fields[i]))
	}
	v.qualify(d)
	if st := d.stage(); st != nil {
		v.Goal, v.Needs = st.Goal, st.Resources
		v.Playbook = playbook(p.Playbooks[st.Playbook])
	}
	v.documents(d)
	v.Owners, v.Reasons = owners(p.Company, s.Owner), reasons(p)
}

func (v *dealPage) qualify(d subject) {
	if d.p.Qualification == nil {
		return
	}
	// What cannot be worked out counts as missing.
	score, missing, _ := d.p.Score(d.s.Facts(d.p))
	v.Score, v.Method = score, d.p.Qualification.Method
	for _, c := range d.p.Qualification.Criteria {
		name := c.Name
		if f := d.p.Field(c.ID); name == "" && f != nil {
			name = fieldName(f)
		}
		v.Criteria = append(v.Criteria, criterion{cmp.Or(name, c.ID), !slices.Contains(missing, c.ID)})
	}
}

func (v *dealPage) documents(d subject) {
	st := d.stage()
	held := map[string]*deal.Document{}
	for i := range d.s.Documents {
		held[d.s.Documents[i].ID] = &d.s.Documents[i]
	}
	add := func(id string, required bool) {
		doc := docView{ID: id, Name: d.documentName(id), Required: required, Doc: held[id]}
		if doc.Doc != nil && doc.Doc.File != "" {
			doc.URL = "/api/v1/deals/" + url.PathEscape(d.s.ID) + "/documents/" + url.PathEscape(id)
		} else if doc.Doc != nil {
			doc.URL = doc.Doc.URL
		}
		v.Docs = append(v.Docs, doc)
	}
	if st != nil {
		for _, doc := range st.Documents {
			add(doc.ID, doc.Required)
		}
	}
	for _, doc := range d.s.Documents {
		if !slices.ContainsFunc(v.Docs, func(have docView) bool { return have.ID == doc.ID }) {
			add(doc.ID, false)
		}
	}
}

// field is how a field is read and entered.
func (d subject) field(f *definitions.Field) *field {
	v := &field{
		ID: f.ID, Name: fieldName(f), Type: f.Type, Input: "text", Currency: f.Currency, Options: f.Options,
		Computed: f.Compute != nil, Filled: d.p.Filled(d.s.Fields, f.ID),
	}
	switch f.Type {
	case definitions.TypeDate:
		v.Input = "date"
	case definitions.TypeEmail:
		v.Input = "email"
	case definitions.TypePhone:
		v.Input = "tel"
	}
	switch value := d.s.Fields[f.ID].(type) {
	case float64:
		v.Value, v.Text = strconv.FormatFloat(value, 'f', -1, 64), d.Number(value)
		if f.Type == definitions.TypeMoney {
			v.Text = d.Money(value, f.Currency)
		}
	case bool:
		v.Value, v.Text = strconv.FormatBool(value), d.T("bool."+strconv.FormatBool(value))
	case string:
		v.Value, v.Text = readable(value), readable(value)
		if day, err := time.ParseInLocation("2006-01-02", value, d.zone); err == nil && f.Type == definitions.TypeDate {
			v.Text = d.Date(day)
		}
	}
	return v
}

func (d subject) reasonName(id string) string {
	if d.p != nil {
		for _, r := range d.p.LostReasons {
			if r.ID == id && r.Name != "" {
				return r.Name
			}
		}
	}
	return id
}
