package demo

import (
	"context"
	"io/fs"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
	"github.com/dealwright/dealwright/simulate"
	"github.com/dealwright/dealwright/store"
)

// The staff get on with a client who answers, task by task, until the deal is
// won or lost, and never with one who is silent.
func TestStaff(t *testing.T) {
	files, err := fs.Sub(library.FS, "retail-kitchen")
	if err != nil {
		t.Fatal(err)
	}
	company, found := definitions.LoadFS(files, "retail-kitchen")
	if found.HasErrors() {
		t.Fatal(found)
	}
	p := company.Processes[0]
	now := time.Date(2026, 3, 2, 11, 0, 0, 0, company.Calendar.Location())
	for _, c := range []struct {
		client Client
		moves  bool
	}{{Clients[0], true}, {Clients[1], false}} {
		t.Run(c.client.Name, func(t *testing.T) {
			at := now
			state := &deal.State{ID: "d1", Company: company.ID, Process: p.Process}
			step := func(e deal.Event) error {
				r, err := deal.Step(p, state, e, at)
				for err == nil && len(r.State.Assigning) > 0 {
					ask := r.State.Assigning[0]
					r, err = deal.Step(p, r.State, deal.Event{Kind: deal.KindAssigned, Assign: &ask, Owner: deal.Pick(company.Role(ask.Role), 0, nil, at)}, at)
				}
				if err == nil {
					state = r.State
				}
				return err
			}
			lead := simulate.Lead{Contact: definitions.Contact{Name: c.client.Name, Email: c.client.Email}, Subject: c.client.Subject}
			if err := step(lead.Opens(false)); err != nil {
				t.Fatal(err)
			}
			done := 0
			s := &Staff{Process: p, Now: func() time.Time { return at }, Do: func(_ context.Context, in store.Input) error {
				done++
				return step(in.Event)
			}}
			for range 60 * 24 {
				at = at.Add(time.Hour)
				if err := step(deal.Event{Kind: deal.KindTimer}); err != nil {
					t.Fatal(err)
				}
				s.look(t.Context(), state)
			}
			if moved := len(state.Owners) > 0 && done > 0; moved != c.moves {
				t.Errorf("after 60 days the staff have done %d things; the deal is %s in stage %s", done, state.Status, state.Stage)
			}
			if c.moves && state.Status == deal.Open || !c.moves && state.Status != deal.Lost {
				t.Errorf("after 60 days the deal is %s in stage %s", state.Status, state.Stage)
			}
		})
	}
}
