package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
	"github.com/dealwright/dealwright/webhook"
)

const (
	// feedPage is how many events are looked at at a time.
	feedPage = 200
	// longestCall bounds the wait between attempts at one event.
	longestCall = 10 * time.Minute
	// giveUp is how long one event is tried: a webhook that is gone for longer
	// goes on with the next.
	giveUp = 24 * time.Hour
)

// CallWebhooks tells the live companies' webhooks of events until the context
// ends. Each webhook reads the feed of events on its own, so that a slow one
// holds up neither deals nor another, and goes on after a restart where it was.
func (a *Activities) CallWebhooks(ctx context.Context) {
	var calling sync.WaitGroup
	defer calling.Wait()
	begun := map[*definitions.Company]bool{}
	for ctx.Err() == nil {
		companies := a.Catalogue.Companies()
		for company := range begun {
			if !slices.Contains(companies, company) {
				delete(begun, company)
			}
		}
		for _, company := range companies {
			if begun[company] {
				continue
			}
			begun[company] = true
			for i := range company.Webhooks {
				calling.Go(func() {
					live, done := a.Catalogue.While(ctx, company)
					defer done()
					newCaller(a, company, &company.Webhooks[i]).run(live)
				})
			}
		}
		pause(ctx, idle)
	}
}

// caller tells one webhook of its events, in their order, each at least once.
type caller struct {
	a       *Activities
	company *definitions.Company
	hook    *definitions.Webhook
	name    string
	holder  string
	poster  *webhook.Poster
	backOff func(attempt int) time.Duration

	leased time.Time
}

func newCaller(a *Activities, company *definitions.Company, hook *definitions.Webhook) *caller {
	sum := sha256.Sum256([]byte(hook.URL))
	return &caller{
		a: a, company: company, hook: hook, name: "webhook/" + company.ID + "/" + hex.EncodeToString(sum[:8]),
		holder: a.Holder + "/" + store.NewID(), poster: webhook.NewPoster(),
		backOff: func(attempt int) time.Duration { return min(longestCall, time.Second<<min(attempt, 10)) },
	}
}

func (c *caller) run(ctx context.Context) {
	defer c.a.release(c.name, c.holder)
	for ctx.Err() == nil {
		more, err := c.round(ctx)
		if err != nil && ctx.Err() == nil {
			c.a.Log.Error("webhook", "company", c.company.ID, "webhook", c.name, "error", err)
		}
		if !more {
			pause(ctx, idle)
		}
	}
}

// round tells of the next events, and answers whether there may be more.
func (c *caller) round(ctx context.Context) (more bool, err error) {
	if ok, err := c.lease(ctx); err != nil || !ok {
		return false, err
	}
	last, begun, err := c.a.Store.FeedPosition(ctx, c.name)
	if err != nil {
		return false, err
	}
	if !begun {
		// A new webhook hears of what happens from now on.
		if last, err = c.a.Store.LastEvent(ctx); err != nil {
			return false, err
		}
		return false, c.a.Store.SetFeedPosition(ctx, c.name, last)
	}
	events, err := c.a.Store.EventsAfter(ctx, last, feedPage)
	if err != nil || len(events) == 0 {
		return false, err
	}
	for i := range events {
		e := &events[i]
		if e.Company != c.company.ID || !c.hook.Wants(e.Type) {
			continue
		}
		if done, err := c.tell(ctx, e); err != nil || !done {
			return false, err
		}
		if err := c.a.Store.SetFeedPosition(ctx, c.name, e.ID); err != nil {
			return false, err
		}
	}
	return len(events) == feedPage, c.a.Store.SetFeedPosition(ctx, c.name, events[len(events)-1].ID)
}

// tell posts an event again and again until it is taken, refused or too old. It
// answers false when it was ended before, or another process calls by now.
func (c *caller) tell(ctx context.Context, e *store.EventRow) (bool, error) {
	event := webhook.Event{
		ID: strconv.FormatInt(e.ID, 10), Type: definitions.EventPrefix + e.Type, At: e.At.In(c.company.Calendar.Location()),
		Company: e.Company, DealID: e.DealID, Seq: e.Seq, Actor: e.Actor, Stage: e.Stage, Data: e.Data,
	}
	begun := time.Now()
	for attempt := 0; ; attempt++ {
		// Leased for at least as long as the other side may take to answer.
		if ok, err := c.lease(ctx); err != nil || !ok {
			return false, err
		}
		secret, err := c.hook.Secret.Resolve()
		if err != nil {
			return false, err
		}
		err = c.poster.Post(ctx, c.hook.URL, secret, event, time.Now())
		wait := c.backOff(attempt)
		switch {
		case err == nil:
			return true, nil
		case ctx.Err() != nil:
			return false, nil
		case errors.Is(err, webhook.ErrRefused), time.Since(begun)+wait > giveUp:
			c.a.Log.Error("webhook: an event is given up", "company", c.company.ID, "webhook", c.name, "event", event.ID, "type", event.Type, "error", err)
			return true, nil
		}
		c.a.Log.Warn("webhook: an event was not taken", "company", c.company.ID, "webhook", c.name, "event", event.ID, "error", err, "again_in", wait.String())
		for wait > 0 && ctx.Err() == nil {
			pause(ctx, min(wait, leaseFor/4))
			wait -= leaseFor / 4
			if ok, err := c.lease(ctx); err != nil || !ok {
				return false, err
			}
		}
	}
}

// callLease is how long another process waits for one that calls a webhook and
// has died; it is longer than a call may take.
const callLease = 3 * leaseFor

// lease keeps one process the only one that calls the webhook.
func (c *caller) lease(ctx context.Context) (bool, error) {
	if time.Now().Before(c.leased) {
		return true, nil
	}
	ok, err := c.a.Store.Lease(ctx, c.name, c.holder, callLease)
	if err != nil || !ok {
		return false, err
	}
	c.leased = time.Now().Add(leaseFor / 2)
	return true, nil
}
