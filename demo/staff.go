package demo

import (
	"context"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// Staff are the people of the company: they finish their tasks, most of them in
// time, and forget some, so that there is something to find on the dashboard.
type Staff struct {
	Store *store.Store
	Do    func(ctx context.Context, in store.Input) error
	// Process is the one that the company's deals go through.
	Process *definitions.Process
	Now     func() time.Time // deal time
}

// Work goes on until the context ends.
func (s *Staff) Work(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, status := range []string{deal.Open, deal.Won} {
			page, err := s.Store.Deals(ctx, store.Filter{Companies: []string{s.Process.Company.ID}, Status: status, Sort: "-opened_at", Limit: store.MaxLimit})
			if err != nil {
				continue // the store is busy or closed: another second
			}
			for i := range page.Items {
				s.look(ctx, page.Items[i].State)
			}
		}
	}
}

// look does what somebody would do about a deal by now: at most one thing.
func (s *Staff) look(ctx context.Context, d *deal.State) {
	if d.Closed() || d.Paused() || silent(d.Contact.Email) && d.Status == deal.Open {
		return
	}
	for i := range d.Tasks {
		t := &d.Tasks[i]
		if t.Status == deal.TaskOpen && t.Assignee != "" && !s.Now().Before(s.Process.Company.Calendar.NextOpen(done(d, t))) {
			s.do(ctx, d, t.Assignee, s.work(d, t))
			return
		}
	}
	if deal.Pending(s.Process, d) == nil {
		return
	}
	// The tasks are done and something else is in the way.
	for _, b := range deal.Blocked(s.Process, d) {
		switch {
		case b.Document != "":
			s.do(ctx, d, d.Owner, deal.Event{Kind: deal.KindDocument, Document: b.Document})
			return
		case b.Field != "":
			s.do(ctx, d, d.Owner, deal.Event{Kind: deal.KindSet, Fields: s.fields(d, []string{b.Field})})
			return
		}
	}
}

// work finishes a task with what it asks for.
func (s *Staff) work(d *deal.State, t *deal.Task) deal.Event {
	e := deal.Event{Kind: deal.KindComplete, Task: t.ID}
	if st := s.Process.Stage(t.Stage); st != nil {
		for _, def := range st.Tasks {
			if def.ID == t.ID {
				e.Fields = s.fields(d, def.Asks)
			}
		}
	}
	return e
}

// do hands the change to the deal. What it refuses stays as it is, because
// somebody else was quicker, and what could not be handed over is looked at
// again a second later.
func (s *Staff) do(ctx context.Context, d *deal.State, actor string, e deal.Event) {
	e.Actor = actor
	_ = s.Do(ctx, store.Input{DealID: d.ID, Kind: e.Kind, Event: e})
}

// silent clients never answer a call, so nobody gets on with them.
func silent(email string) bool {
	for _, c := range Clients {
		if c.Email == email {
			return c.Answer == ""
		}
	}
	return luck(100, "silent", email) < 25
}

// done is when a task gets done: some time before it is due, late, or only when
// everybody has asked about it.
func done(d *deal.State, t *deal.Task) time.Time {
	due := t.DueAt
	if due.IsZero() {
		due = t.OpenedAt.AddDate(0, 0, 2)
	}
	switch habit := luck(100, "habit", d.ID, t.Stage, t.ID); {
	case habit < 12:
		return due.AddDate(0, 0, 9)
	case habit < 28:
		return due.AddDate(0, 0, 1)
	default:
		part := time.Duration(20 + luck(75, "part", d.ID, t.ID))
		return t.OpenedAt.Add(due.Sub(t.OpenedAt) * part / 100)
	}
}

// fields fills in what is still empty.
func (s *Staff) fields(d *deal.State, ids []string) map[string]any {
	filled := map[string]any{}
	for _, id := range ids {
		if f := s.Process.Field(id); f != nil && f.Compute == nil && !s.Process.Filled(d.Fields, id) {
			filled[id] = s.value(d, f)
		}
	}
	return filled
}

// likely are the options that clients of the demonstration choose among.
var likely = map[string][]string{
	"authority":  {"решает сам", "советуется с семьёй", "советуется с семьёй"},
	"objection":  {"ничего", "дорого", "нужно подумать", "дорого"},
	"concession": {"без уступок", "скидка на аксессуары", "рассрочка"},
	"decision":   {"покупает", "покупает", "покупает", "покупает", "покупает", "дорого", "купил в другом месте"},
}

func (s *Staff) value(d *deal.State, f *definitions.Field) any {
	switch f.Type {
	case definitions.TypeMoney:
		if f.ID == "accessories" {
			return float64(3+luck(20, "accessories", d.ID)) * 1000
		}
		return float64(60+luck(240, "money", d.ID)) * 1000
	case definitions.TypeNumber:
		if f.ID == "rating" {
			return float64(3 + luck(3, "rating", d.ID))
		}
		return float64(luck(5, "number", d.ID) * 5)
	case definitions.TypeChoice:
		if among := likely[f.ID]; len(among) > 0 {
			return among[luck(len(among), f.ID, d.ID)]
		}
		return f.Options[luck(len(f.Options), f.ID, d.ID)]
	case definitions.TypeDate:
		return s.Now().AddDate(0, 0, 10+luck(20, "date", d.ID)).Format(time.DateOnly)
	}
	return filled(luck(1000, "words", d.ID), f.ID)
}
