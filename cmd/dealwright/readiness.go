package main

import (
	"context"
	"fmt"
	"time"

	"github.com/dealwright/dealwright/server"
	"github.com/dealwright/dealwright/store"
)

// readiness is how the surroundings are; a mailbox or an outbox in trouble
// leaves the server ready.
func (a *app) readiness() server.Readiness {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	r := server.Readiness{Ready: a.started.Load()}
	boxes, err := a.store.Mailboxes(ctx)
	if err != nil {
		r.Ready = false
	}
	for _, b := range boxes {
		if a.catalogue.Company(b.Company) == nil {
			continue // its folder is away
		}
		state := server.MailboxState{Company: b.Company, ID: b.ID, State: b.State, Error: b.Error}
		if state.State == "" {
			state.State = "starting"
		}
		if b.IsShared(time.Now()) && state.Error == "" {
			state.Error = b.Shared
		}
		if !b.LastContact.IsZero() {
			state.LastContact = &b.LastContact
		}
		r.Mailboxes = append(r.Mailboxes, state)
	}
	if r.Outboxes, err = a.outboxes(ctx); err != nil {
		r.Ready = false
	}
	r.Definitions = a.definitionStates()
	return r
}

// outboxes tells which companies' letters wait for their mail server, and why.
func (a *app) outboxes(ctx context.Context) ([]server.OutboxState, error) {
	holds, err := a.store.HeldAccounts(ctx)
	if err != nil {
		return nil, err
	}
	queues, err := a.store.Queues(ctx)
	if err != nil {
		return nil, err
	}
	held, queued := map[string]store.Hold{}, map[string]int{}
	for _, h := range holds {
		held[h.Account] = h
	}
	for _, q := range queues {
		queued[q.Account] = q.Queued + q.Sending
	}
	var states []server.OutboxState
	for _, c := range a.catalogue.Companies() {
		if c.SMTP == nil {
			continue
		}
		state := server.OutboxState{Company: c.ID, State: "sending", Queued: queued[c.ID]}
		if h, waits := held[c.ID]; waits {
			wait := max(time.Until(h.Until), 0).Round(time.Second)
			state.State, state.Error = "trouble", fmt.Sprintf("%s; trying again in %s", h.Reason, wait)
		}
		states = append(states, state)
	}
	return states, nil
}
