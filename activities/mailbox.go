package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/store"
	"github.com/dealwright/dealwright/workflows"
)

const (
	// stretch is how long one run of a long activity lasts.
	stretch = time.Hour
	// beat is how often a long activity says that it is alive.
	beat = time.Second
	// pollEvery is the time between two looks at a mailbox, besides what the
	// server announces; it bounds how long a due letter waits to know that the
	// client has not answered.
	pollEvery = 10 * time.Second
)

// ReadMailbox reads one mailbox until its hour is over, the worker stops or
// the company's files change; then it is run again, and answers false when the
// mailbox is configured no more. Faults of the server never end it: it says
// what is wrong and tries again.
func (a *Activities) ReadMailbox(ctx context.Context, args workflows.MailboxArgs) (bool, error) {
	company, box := a.mailbox(args)
	if box == nil {
		return false, nil
	}
	ctx, done := alive(ctx)
	defer done()
	ctx, forget := a.Catalogue.While(ctx, company)
	defer forget()
	key := store.MailboxKey{Company: args.Company, ID: args.Mailbox}
	name := "mailbox/" + args.Company + "/" + args.Mailbox
	// A run of its own holder: one that Temporal has given up and that still
	// lives in this process is another.
	holder := a.Holder + "/" + store.NewID()
	reader := imap.NewReader(account(box, a.tokens.of(box.IMAP, a.Store)))
	var contact time.Time
	for failures := 0; ctx.Err() == nil; {
		held, err := a.Store.Lease(ctx, name, holder, leaseFor)
		if err == nil && !held {
			pause(ctx, leaseFor/4)
			continue
		}
		if err == nil {
			started := time.Now()
			contact, err = a.watch(ctx, holder, reader, company, box, key)
			if contact.After(started) {
				failures = 0 // it was read: what broke then is a new fault
			}
		}
		if ctx.Err() != nil {
			break
		}
		failures++
		wait := imap.Backoff(failures)
		if away := (*imap.ConnectError)(nil); errors.As(err, &away) {
			wait = min(wait, longestAway)
		}
		a.Log.Warn("mailbox in trouble", "company", key.Company, "mailbox", key.ID, "error", err, "again_in", wait.Round(time.Second).String())
		a.mailboxState(ctx, key, store.MailboxState{
			State: "trouble", Error: fmt.Sprintf("%v; trying again in %s", err, wait.Round(time.Second)), LastContact: contact,
		})
		pause(ctx, wait)
	}
	a.release(name, holder)
	return true, nil
}

// leaseFor is how long a reader or a sender may be silent before another takes
// over.
const leaseFor = 10 * time.Second

func (a *Activities) release(name, holder string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := a.Store.Release(ctx, name, holder); err != nil {
		a.Log.Warn("lease not released; it runs out by itself", "lease", name, "error", err)
	}
}

func (a *Activities) mailbox(args workflows.MailboxArgs) (*definitions.Company, *definitions.Mailbox) {
	company := a.Catalogue.Company(args.Company)
	if company == nil {
		return nil, nil
	}
	for i := range company.Mailboxes {
		if company.Mailboxes[i].ID == args.Mailbox {
			return company, &company.Mailboxes[i]
		}
	}
	return company, nil
}

// errTaken ends a watch whose lease was taken over.
var errTaken = errors.New("another server reads this mailbox; two servers must not share one store folder's mailbox")

func (a *Activities) watch(ctx context.Context, holder string, reader *imap.Reader, company *definitions.Company, box *definitions.Mailbox, key store.MailboxKey) (contact time.Time, err error) {
	at, err := a.Store.Mailbox(ctx, key)
	if err != nil {
		return contact, err
	}
	since := a.Clock.Wall(at.Since).Truncate(time.Second)
	if box.Since != nil {
		since = *box.Since
	}
	poll := pollEvery
	if a.Clock.Speed() > 1 {
		poll = time.Second
	}
	secret, err := a.secret.of(ctx, a.Store)
	if err != nil {
		return contact, err
	}
	in := &intake{a: a, company: company, box: box, key: key, contact: at.LastContact, secret: secret}
	in.cursor = imap.Cursor{UIDValidity: at.UIDValidity, LastUID: at.LastUID}
	name := "mailbox/" + key.Company + "/" + key.ID
	options := imap.Options{
		Poll: poll, Since: since, MaxSize: store.MaxRaw, Mark: mark(secret), Marked: func(uid uint32, marks []string) { in.marked(ctx, uid, marks) },
		Handled: func(ctx context.Context, uidValidity uint32, uids []uint32) ([]uint32, error) {
			return a.Store.Captured(ctx, key, uidValidity, uids)
		},
		Warn: func(err error) { a.Log.Warn("mailbox", "company", key.Company, "mailbox", key.ID, "error", err) },
	}
	auditing, stop := context.WithCancel(ctx)
	defer stop()
	go a.audit(auditing, company, box)
	err = reader.Watch(ctx, in.cursor, options, func(ctx context.Context, batch imap.Batch) error {
		held, err := a.Store.Lease(ctx, name, holder, leaseFor)
		if err != nil {
			return err
		}
		if !held {
			return errTaken
		}
		return in.batch(ctx, batch)
	})
	return in.contact, err
}

func (a *Activities) mailboxState(ctx context.Context, key store.MailboxKey, state store.MailboxState) {
	if err := a.Store.SetMailboxState(ctx, key, state); err != nil {
		a.Log.Error("mailbox state not recorded", "company", key.Company, "mailbox", key.ID, "error", err)
	}
}

// alive makes a context that ends with the activity, its worker or its hour,
// and keeps the heartbeat going.
func alive(ctx context.Context) (context.Context, func()) {
	stop := activity.GetWorkerStopChannel(ctx)
	run, cancel := context.WithTimeout(ctx, stretch)
	ticks := time.NewTicker(beat)
	go func() {
		defer ticks.Stop()
		for {
			select {
			case <-run.Done():
				return
			case <-stop:
				cancel()
				return
			case <-ticks.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return run, cancel
}

// pause waits, or returns early when the context ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// account is how a mailbox is reached; token is nil where it has a password.
func account(box *definitions.Mailbox, token func(ctx context.Context, stale string) (string, error)) imap.Account {
	return imap.Account{
		Host: box.IMAP.Host, Port: box.IMAP.Port, TLS: box.IMAP.TLS, Username: box.IMAP.Username,
		Password: password(box.IMAP), Token: token, RootCAs: roots(box.IMAP.CAFile), Folder: box.Folder, Archive: box.Archive,
	}
}
