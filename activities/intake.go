package activities

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox"
	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/store"
)

// intake turns the messages of one mailbox into ledger rows and inputs.
type intake struct {
	a       *Activities
	company *definitions.Company
	box     *definitions.Mailbox
	key     store.MailboxKey
	contact time.Time // the last one with the server
	cursor  imap.Cursor
	knocked map[string]time.Time // deals that were told that their mailboxes are read, by what they held
	secret  []byte
	fresh   map[uint32]bool // messages of the last batch that were not known before
	shared  time.Time       // when a second server was last noticed
}

// together is how many messages are one transaction; more would keep the
// outbox and the deals waiting for the store.
const together = 20

// batch takes a batch of messages. What is in the ledger, with the cursor
// behind it, is never read again; what is not is read again. Messages are
// committed several at a time; when that fails, one at a time, so that a
// message that cannot be taken holds up only itself.
func (in *intake) batch(ctx context.Context, b imap.Batch) error {
	if b.Reset {
		in.a.Log.Warn("the mailbox was made anew or restored: it is read from its beginning, and what the ledger knows is not taken twice",
			"company", in.key.Company, "mailbox", in.key.ID, "uidvalidity", b.UIDValidity)
	}
	in.fresh = map[uint32]bool{}
	var woken errgroup.Group // its work never fails: what is not woken now, the sweep wakes
	woken.SetLimit(starters)
	for some := range slices.Chunk(b.Messages, together) {
		done, err := in.messages(ctx, b, some)
		if err != nil && len(some) > 1 {
			for i := range some {
				if done, err = in.messages(ctx, b, some[i:i+1]); err != nil {
					break
				}
				in.wake(ctx, &woken, done)
			}
			done = nil
		}
		if err != nil {
			_ = woken.Wait()
			return err
		}
		in.wake(ctx, &woken, done)
	}
	_ = woken.Wait()
	if weighs(b) > heavy {
		debug.FreeOSMemory() // or what this batch leaves would still be there beside the next
	}
	return in.read(ctx, b)
}

// heavy is from how many bytes on a batch is given back to the system at once.
const heavy = 16 << 20

func weighs(b imap.Batch) (size int) {
	for _, m := range b.Messages {
		size += len(m.Bytes)
	}
	return size
}

// starters is how many workflows are started at a time; more gain nothing.
const starters = 8

// wake knocks at the deals of what was taken. The inputs are safe by now; a
// knock that is lost is made good by the sweep.
func (in *intake) wake(ctx context.Context, group *errgroup.Group, done []*taken) {
	for _, t := range done {
		in.fresh[t.raw.UID] = t.fresh
		if t.second {
			in.secondServer(ctx, "a client answers a letter that another Dealwright sent from this company's address")
		}
		if t.told {
			in.a.bell.ring(in.company.ID)
		}
		if t.opened == "" && t.nudged == "" {
			continue
		}
		group.Go(func() error {
			var err error
			if t.opened != "" {
				err = in.a.Deals.Start(ctx, t.opened)
			} else {
				err = in.a.Deals.Nudge(ctx, t.nudged)
			}
			if err != nil {
				in.a.Log.Warn("deal not woken; the sweep will", "error", err)
			}
			return nil
		})
	}
}

// read records how far the mailbox has been read.
func (in *intake) read(ctx context.Context, b imap.Batch) error {
	if cursor := (imap.Cursor{UIDValidity: b.UIDValidity, LastUID: b.LastUID}); cursor != in.cursor {
		err := in.a.Store.Capture(ctx, in.key, func(tx *store.CaptureTx) error {
			return tx.SetCursor(b.UIDValidity, b.LastUID)
		})
		if err != nil {
			return err
		}
		in.cursor = cursor
	}
	in.contact = time.Now()
	in.a.mailboxState(ctx, in.key, store.MailboxState{State: "reading", LastContact: in.contact, Lag: lag(b)})
	if !b.Last {
		return nil
	}
	if _, err := in.a.Store.SetReadThrough(ctx, in.key, in.a.Clock.At(b.ReadAt)); err != nil {
		return err
	}
	return in.release(ctx)
}

// lag is how long what is still unread behind a batch has waited at least.
func lag(b imap.Batch) time.Duration {
	if b.Last || b.Lag == 0 || len(b.Messages) == 0 {
		return 0
	}
	return max(time.Since(b.Messages[len(b.Messages)-1].InternalDate), 0)
}

// release knocks at the deals that hold something back until the mailboxes
// have been read past it, now that they have. A deal is knocked at once for
// the same thing: one that is about to wake by itself must not be.
func (in *intake) release(ctx context.Context) error {
	held, err := in.a.Store.HeldDeals(ctx, in.company.ID, releasedTogether)
	if err != nil {
		return err
	}
	knocked := make(map[string]time.Time, len(held))
	for _, d := range held {
		knocked[d.ID] = d.Since
		if in.knocked[d.ID].Equal(d.Since) {
			continue
		}
		if err := in.a.Deals.Nudge(ctx, d.ID); err != nil {
			in.a.Log.Warn("deal not woken; it wakes by itself later", "error", err)
			delete(knocked, d.ID)
		}
	}
	in.knocked = knocked
	return nil
}

// releasedTogether bounds how many deals one look at a mailbox knocks at.
const releasedTogether = 500

// messages takes some messages in one transaction.
func (in *intake) messages(ctx context.Context, b imap.Batch, raws []imap.Raw) (done []*taken, err error) {
	err = in.a.Store.Capture(ctx, in.key, func(tx *store.CaptureTx) error {
		done = done[:0]
		for _, raw := range raws {
			msg, parseErr := parse(raw)
			t := &taken{in: in, tx: tx, raw: raw, msg: msg, uidvalidity: b.UIDValidity, received: in.a.Clock.At(raw.InternalDate)}
			if err := t.decide(ctx, parseErr); err != nil {
				return fmt.Errorf("message %d: %w", raw.UID, err)
			}
			done = append(done, t)
		}
		return tx.SetCursor(b.UIDValidity, raws[len(raws)-1].UID)
	})
	return done, err
}

// parse reads a message. One that the program fails on is put aside like any
// other that cannot be read, and does not stand in the way of those behind it.
func parse(raw imap.Raw) (m *inbox.Message, err error) {
	defer rescue(&err)
	if raw.Fault != "" {
		return nil, fmt.Errorf("the mail server does not hand out the message: %s", raw.Fault)
	}
	return inbox.Parse(raw.Bytes)
}

// errFailed is a fault of this program in reading a message.
var errFailed = errors.New("the program failed on it: please report that, with the message")

func rescue(err *error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("%w (%v)", errFailed, fault)
	}
}

func classify(ctx context.Context, m *inbox.Message, config inbox.Config, known inbox.Index) (v inbox.Verdict, err error) {
	defer rescue(&err)
	return inbox.Classify(ctx, m, config, known)
}

func (in *intake) config() inbox.Config { return mailConfig(in.company, in.a.Clock.Now(), in.secret) }

// mailConfig is what the company says about its mail.
func mailConfig(c *definitions.Company, now time.Time, secret []byte) inbox.Config {
	cfg := inbox.Config{
		Country: c.Country, KnownSender: c.Capture.KnownSender, ReplyToLost: c.Capture.ReplyToLost,
		ThreadWindow: c.Capture.ThreadWindow.Approx(c.Calendar), Now: now,
		Own: []string{strings.ToLower(c.From.Email)}, Secret: secret,
	}
	for _, m := range c.Mailboxes {
		if strings.Contains(m.IMAP.Username, "@") {
			cfg.Own = append(cfg.Own, strings.ToLower(m.IMAP.Username))
		}
	}
	for _, r := range c.Roles {
		for _, m := range r.Members {
			cfg.Staff = append(cfg.Staff, strings.ToLower(m.Email))
		}
	}
	for i := range c.Capture.Rules {
		cfg.Rules = append(cfg.Rules, rule(i, &c.Capture.Rules[i]))
	}
	return cfg
}

func rule(i int, r *definitions.CaptureRule) inbox.Rule {
	return inbox.Rule{
		Name: ruleName(i), As: r.As,
		Match:  func(m *inbox.Message) (bool, error) { return r.When.MatchMail(mailFacts(m)) },
		Fields: patterns(r.Fields), Contact: patterns(r.Contact),
	}
}

// ruleName is how the ledger names a capture rule: by its place in the file.
func ruleName(i int) string { return strconv.Itoa(i + 1) }

// patterns compiles what the definitions have checked already.
func patterns(sources map[string]string) map[string]*regexp.Regexp {
	out := make(map[string]*regexp.Regexp, len(sources))
	for id, source := range sources {
		if re, err := regexp.Compile(source); err == nil {
			out[id] = re
		}
	}
	return out
}

func mailFacts(m *inbox.Message) definitions.Mail {
	facts := definitions.Mail{
		From: m.From.Email, Subject: m.Subject, Body: m.Text, Size: m.Size,
		ListUnsubscribe: m.ListUnsubscribe != "", Headers: map[string]string{},
	}
	for _, to := range m.To {
		facts.To = append(facts.To, to.Email)
	}
	for name, values := range m.Headers {
		if len(values) > 0 {
			facts.Headers[strings.ToLower(name)] = values[0]
		}
	}
	for _, att := range m.Attachments {
		facts.Attachments = append(facts.Attachments, att.Name)
	}
	return facts
}

// mail is what a deal's timeline shows of a message.
func mail(m *inbox.Message, v inbox.Verdict, ledger string, received time.Time) *deal.Mail {
	out := &deal.Mail{
		MessageID: m.MessageID, References: m.References, From: m.From.Email, Subject: v.Subject, Text: v.Text,
		LedgerID: ledger, ReceivedAt: received,
	}
	if len(m.To) > 0 {
		out.To = m.To[0].Email
	}
	for _, att := range m.Attachments {
		out.Attachments = append(out.Attachments, att.Name)
	}
	return out
}
