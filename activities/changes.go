package activities

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/store"
)

// ErrUnavailable says that no worker took a change in time. The change stays
// in the deal's inputs and will be taken; ask the deal what became of it.
var ErrUnavailable = errors.New("no worker has taken the change in time; it is kept and will be taken, so look at the deal before trying again")

// patience is how long a change waits for its deal.
const patience = 10 * time.Second

// Changes hands what people and programs want to deals.
type Changes struct {
	Store *store.Store
	Deals Deals
}

// Do gives a deal an input, with a new id unless it has one, and returns once
// the deal has taken it: nil, a *deal.Refusal, store.ErrStale,
// store.ErrOtherRequest or ErrUnavailable. The same id again answers the same.
func (c *Changes) Do(ctx context.Context, in store.Input) error {
	identify(&in)
	if err := c.Store.AddInput(ctx, in); err != nil {
		return err
	}
	return c.taken(ctx, in, c.Deals.Take)
}

// Open makes a deal and returns once it is open.
func (c *Changes) Open(ctx context.Context, company, process string, in store.Input) error {
	identify(&in)
	e := in.Event
	state := &deal.State{ID: in.DealID, Company: company, Process: process, Status: deal.Open, Subject: e.Subject, Source: e.Source}
	if e.Contact != nil {
		state.Contact = *e.Contact
	}
	if err := c.Store.CreateDeal(ctx, state, in); err != nil {
		return err
	}
	return c.taken(ctx, in, c.Deals.Take)
}

func identify(in *store.Input) {
	if in.ID == "" {
		in.ID = "api/" + store.NewID()
	}
}

func (c *Changes) taken(ctx context.Context, in store.Input, knock func(context.Context, string) error) error {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := knock(waiting, in.DealID); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w (%w)", ErrUnavailable, err)
	}
	row, err := c.Store.Input(ctx, in.ID)
	if err != nil {
		return err
	}
	switch {
	case row.Outcome == nil:
		return ErrUnavailable
	case row.Outcome.Stale:
		return store.ErrStale
	case row.Outcome.Refused:
		return &deal.Refusal{Invalid: row.Outcome.Invalid, Problems: row.Outcome.Problems}
	}
	return nil
}

const (
	// sweepEvery is the time between two sweeps.
	sweepEvery = 5 * time.Second
	// sweepAge is how old an input must be before the sweep knocks for it: a
	// busy deal takes its inputs without being knocked at twice. The first sweep
	// of a process knocks for all, since what a killed process left waits already.
	sweepAge = 20 * time.Second
)

// Sweep knocks again for inputs whose knock was lost in a crash, until the
// context ends. It is what makes storing an input enough. Beside it, it calls the
// webhooks.
func (a *Activities) Sweep(ctx context.Context) {
	var calling sync.WaitGroup
	calling.Go(func() { a.CallWebhooks(ctx) })
	defer calling.Wait()
	for age := time.Duration(0); ctx.Err() == nil; age = sweepAge {
		if err := a.sweep(ctx, time.Now().Add(-age)); err != nil && ctx.Err() == nil {
			a.Log.Warn("sweep: some deals were not woken; the next sweep tries again", "error", err)
		}
		a.retain(ctx)
		pause(ctx, sweepEvery)
	}
}

func (a *Activities) sweep(ctx context.Context, before time.Time) error {
	inputs, err := a.Store.PendingInputs(ctx, before, 500)
	if err != nil {
		return err
	}
	woken := map[string]bool{}
	for _, in := range inputs {
		if woken[in.DealID] {
			continue
		}
		woken[in.DealID] = true
		if err := a.Deals.Nudge(ctx, in.DealID); err != nil {
			return err
		}
	}
	return nil
}

// Rehydrate starts the workflow of every open deal that has none, and answers
// how many deals it looked at.
func Rehydrate(ctx context.Context, s *store.Store, deals Deals) (int, error) {
	n, after := 0, ""
	for {
		ids, err := s.OpenDeals(ctx, after, 500)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		for _, id := range ids {
			if err := deals.Start(ctx, id); err != nil {
				return n, err
			}
			n++
		}
		after = ids[len(ids)-1]
	}
}
