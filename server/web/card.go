package web

import (
	"context"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// card is a deal as lists show it.
type card struct {
	ID       string
	Client   string
	Subject  string
	Stage    string
	Amount   float64
	Currency string
	Owner    string
	Age      string // in the stage
	Target   string // of the stage; empty: none
	Late     bool   // past the target
	Next     next
	Stalled  bool
	Since    time.Time
	Why      string // it is stalled
	Level    int
	Paused   bool
	Won      bool
}

// next is the next thing of a deal, and when.
type next struct {
	What string
	At   time.Time
	Late bool
}

// subject is a deal with what is needed to talk of it: its process, and who
// asks.
type subject struct {
	viewer
	row *store.DealRow
	s   *deal.State
	p   *definitions.Process // nil: its version is not to be had
	now time.Time
}

func (w *Web) subject(ctx context.Context, q *request, row *store.DealRow) subject {
	d := subject{viewer: q.viewer, row: row, s: row.State, now: q.now}
	var err error
	if row.State.Version == "" {
		if q.company != nil {
			d.p = q.company.Process(row.State.Process)
		}
	} else if d.p, err = w.Process(ctx, row.State.Company, row.State.Version); err != nil {
		w.Log.Warn("a deal is shown without its process", "deal", row.State.ID, "error", err)
		d.p = nil
	}
	return d
}

// person is what somebody of the team is called.
func person(c *definitions.Company, email string) string {
	if c != nil {
		if m, _ := c.Member(email); m != nil && m.Name != "" {
			return m.Name
		}
	}
	return email
}

func (d subject) company() *definitions.Company {
	if d.p == nil {
		return nil
	}
	return d.p.Company
}

func (d subject) stage() *definitions.Stage {
	if d.p == nil {
		return nil
	}
	return d.p.Stage(d.s.Stage)
}

// client is what the deal's client is called, as well as it is known.
func (d subject) client() string {
	for _, name := range []string{d.s.Contact.Name, d.s.Contact.Email, d.s.Contact.Phone, d.s.Subject} {
		if name = readable(name); name != "" {
			return name
		}
	}
	return d.T("deal.unnamed")
}

func (d subject) card() card {
	c := card{
		ID: d.s.ID, Client: d.client(), Subject: readable(d.s.Subject), Stage: d.stageName(d.s.Stage),
		Amount: d.row.Amount, Currency: d.row.Currency, Owner: person(d.company(), d.s.Owner),
		Stalled: d.s.Stalled(), Since: d.s.StalledSince, Level: d.s.Level, Paused: d.s.Paused(), Won: d.s.Status == deal.Won,
	}
	if c.Subject == c.Client {
		c.Subject = ""
	}
	c.Age = d.Span(d.now.Sub(d.s.StageEnteredAt))
	if st := d.stage(); st != nil && st.Target != nil && !st.Target.IsZero() {
		c.Target = d.duration(st.Target.String())
		c.Late = d.now.After(d.p.Company.Calendar.Add(d.s.StageEnteredAt, *st.Target))
	}
	c.Next = d.next()
	if c.Stalled {
		c.Why = d.why()
	}
	return c
}

// stageName is what a stage, or an end of the process, is called.
func (d subject) stageName(id string) string { return stageName(d.viewer, d.p, id) }

func stageName(v viewer, p *definitions.Process, id string) string {
	if p != nil {
		if st := p.Stage(id); st != nil {
			if st.Name != "" {
				return st.Name
			}
			return id
		}
	}
	return v.Or("end."+id, id)
}

// task is the open task that is due first.
func (d subject) task() *deal.Task {
	var first *deal.Task
	for i := range d.s.Tasks {
		t := &d.s.Tasks[i]
		if t.Status != deal.TaskOpen {
			continue
		}
		if first == nil || (!t.DueAt.IsZero() && (first.DueAt.IsZero() || t.DueAt.Before(first.DueAt))) {
			first = t
		}
	}
	return first
}

// next is what comes next: a person's task, else what happens by itself.
func (d subject) next() next {
	if t := d.task(); t != nil {
		return next{What: readable(t.Name), At: t.DueAt, Late: t.Overdue}
	}
	if d.p == nil || d.s.Closed() || d.row.NextWake.IsZero() {
		return next{}
	}
	for first := range deal.Ahead(d.p, d.s, d.now) {
		return next{What: d.upcoming(first).What, At: first.At}
	}
	return next{}
}

// why says what a stalled deal waits for: the first thing that blocks it, else
// how long nothing has moved.
func (d subject) why() string {
	if t := d.task(); t != nil && t.Overdue {
		return d.T("why.task", readable(t.Name))
	}
	if d.p != nil {
		if shut := deal.Blocked(d.p, d.s); len(shut) > 0 {
			return d.gate(shut[0].Message, shut[0].Field, shut[0].Task, shut[0].Document)
		}
	}
	last := d.s.LastProgress
	if last.IsZero() {
		last = d.s.StageEnteredAt
	}
	return d.T("why.silent", d.Span(d.now.Sub(last)))
}

// gate words an unmet requirement in the viewer's language. What the company
// wrote itself stays as it is.
func (d subject) gate(message, field, task, document string) string {
	switch {
	case d.company() != nil && d.company().Language == d.Lang:
		return sentence(readable(message))
	case task != "":
		for _, t := range d.s.Tasks {
			if t.ID == task {
				return d.T("gate.task", readable(t.Name))
			}
		}
	case document != "":
		return d.T("gate.document", d.documentName(document))
	case field != "" && d.p != nil && d.p.Field(field) != nil:
		return d.T("gate.field", fieldName(d.p.Field(field)))
	}
	return readable(message)
}

func fieldName(f *definitions.Field) string {
	if f.Name != "" {
		return f.Name
	}
	return f.ID
}

func (d subject) documentName(id string) string {
	if d.p != nil {
		for _, st := range d.p.Stages {
			for _, doc := range st.Documents {
				if doc.ID == id && doc.Name != "" {
					return doc.Name
				}
			}
		}
	}
	return id
}
