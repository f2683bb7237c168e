package activities

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

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
}

// batch takes a batch of messages. Each message and the cursor behind it are
// one transaction: what is in the ledger is never read again, what is not is
// read again.
func (in *intake) batch(ctx context.Context, b imap.Batch) error {
	for _, raw := range b.Messages {
		if err := in.message(ctx, b, raw); err != nil {
			return fmt.Errorf("message %d: %w", raw.UID, err)
		}
	}
	return in.read(ctx, b)
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
	in.a.mailboxState(ctx, in.key, store.MailboxState{State: "reading", LastContact: in.contact})
	if !b.Last {
		return nil
	}
	_, err := in.a.Store.SetReadThrough(ctx, in.key, in.a.Clock.At(b.ReadAt))
	return err
}

func (in *intake) message(ctx context.Context, b imap.Batch, raw imap.Raw) error {
	msg, parseErr := parse(raw)
	var t *taken
	err := in.a.Store.Capture(ctx, in.key, func(tx *store.CaptureTx) error {
		t = &taken{in: in, tx: tx, raw: raw, msg: msg, uidvalidity: b.UIDValidity, received: in.a.Clock.At(raw.InternalDate)}
		fresh, err := t.decide(ctx, parseErr)
		if err != nil || !fresh {
			return err
		}
		return tx.SetCursor(b.UIDValidity, raw.UID)
	})
	if err != nil {
		return err
	}
	// From here on the input is safe; a knock that is lost is made good by the
	// sweep.
	switch {
	case t.opened != "":
		err = in.a.Deals.Start(ctx, t.opened)
	case t.nudged != "":
		err = in.a.Deals.Nudge(ctx, t.nudged)
	}
	if err != nil {
		in.a.Log.Warn("deal not woken; the sweep will", "error", err)
	}
	if t.told {
		in.a.bell.ring(in.company.ID)
	}
	return nil
}

func parse(raw imap.Raw) (*inbox.Message, error) {
	if raw.Fault != "" {
		return nil, fmt.Errorf("the mail server does not hand out the message: %s", raw.Fault)
	}
	return inbox.Parse(raw.Bytes)
}

// config is what the company says about its mail.
func (in *intake) config() inbox.Config {
	c := in.company
	cfg := inbox.Config{
		Country: c.Country, KnownSender: c.Capture.KnownSender, ReplyToLost: c.Capture.ReplyToLost,
		ThreadWindow: c.Capture.ThreadWindow.Approx(c.Calendar), Now: in.a.Clock.Now(),
		Own: []string{strings.ToLower(c.From.Email)},
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
		Name: fmt.Sprintf("%d", i+1), As: r.As,
		Match:  func(m *inbox.Message) (bool, error) { return r.When.MatchMail(mailFacts(m)) },
		Fields: patterns(r.Fields), Contact: patterns(r.Contact),
	}
}

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
