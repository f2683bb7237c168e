package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	defaultThreadWindow = 90 * 24 * time.Hour
	defaultResendWindow = 72 * time.Hour
)

// Quarantine is the verdict on bytes that Parse refuses.
func Quarantine(err error) Verdict {
	return Verdict{Outcome: Quarantined, Rule: "quarantined.unreadable", Why: err.Error()}
}

// Classify decides what a message is, in the order of the rules of mail: duplicate, bounce, automatic answer, own mail, reply,
// the company's capture rules, unwanted mail, lead. An error comes from the Index alone and means that there is no verdict yet.
func Classify(ctx context.Context, m *Message, cfg Config, index Index) (Verdict, error) {
	c := &classifier{ctx: ctx, cfg: cfg, index: index, us: newPeople(cfg)}
	v := reading(m)
	for _, step := range []func(*Message, *Verdict) (bool, error){c.duplicate, c.optOut, c.machine, c.own, c.reply, c.capture, c.unwanted} {
		decided, err := step(m, &v)
		if err != nil {
			return Verdict{}, fmt.Errorf("classify message %s: %w", describe(m), err)
		}
		if decided {
			return v, nil
		}
		if v.Lead != nil {
			m = v.Lead // from here on, the message is the one inside
		}
	}
	if err := c.lead(m, &v, nil); err != nil {
		return Verdict{}, fmt.Errorf("classify message %s: %w", describe(m), err)
	}
	return v, nil
}

// reading is a verdict that says nothing yet but what stands in the message.
func reading(m *Message) Verdict {
	return Verdict{
		Subject: m.Subject, FullText: m.Text, Text: StripQuoted(m.Text),
		Contact: Contact{Name: m.From.Name, Email: m.From.Email},
	}
}

func describe(m *Message) string {
	if m.MessageIDRaw != "" {
		return m.MessageIDRaw
	}
	return "with the SHA-256 " + m.BytesHash[:12]
}

// classifier holds what the steps share.
type classifier struct {
	ctx   context.Context
	cfg   Config
	index Index
	us    people

	readOf *Message // what read was read from
	read   enquiry
}

func (v *Verdict) decide(outcome Outcome, rule, why string) bool {
	v.Outcome, v.Rule, v.Why = outcome, rule, why
	return true
}

func (c *classifier) duplicate(m *Message, v *Verdict) (bool, error) {
	seen, found, err := c.index.Message(c.ctx, m.MessageID, m.ContentHash, m.BytesHash)
	if err != nil || !found {
		return false, err
	}
	v.DuplicateOf, v.DealID = seen.LedgerID, seen.DealID
	if m.MessageID == "" {
		return v.decide(Duplicate, "duplicate.bytes", "the same bytes came before, and there is no Message-ID"), nil
	}
	return v.decide(Duplicate, "duplicate.message_id", "the same Message-ID with the same content came before"), nil
}

// machine finds bounces and automatic answers and the deal that they belong to.
func (c *classifier) machine(m *Message, v *Verdict) (bool, error) {
	if b, rule := bounce(m); rule != "" {
		v.Bounce = b
		why := "a letter could not be delivered to " + b.Recipient
		if b.Delayed {
			why = "a letter to " + b.Recipient + " is delayed and still being tried"
		}
		threads, err := c.threads(append([]string{b.OriginalMessageID}, threadIDs(m)...))
		if err != nil {
			return false, err
		}
		if len(threads) > 0 {
			v.DealID = threads[0].Deal.ID
		} else if err := c.relate(b.Recipient, "", v); err != nil {
			return false, err
		}
		return v.decide(BounceMail, rule, why), nil
	}
	rule, why := automatic(m)
	if rule == "" {
		return false, nil
	}
	deal, stranger, err := c.thread(m)
	if err != nil {
		return false, err
	}
	v.DealID, v.LinkedDeal = deal.ID, stranger
	if v.DealID == "" {
		if err := c.relate(m.From.Email, NormalSubject(stripAuto(m.Subject)), v); err != nil {
			return false, err
		}
	}
	return v.decide(AutoReply, rule, why), nil
}

// relate finds the open deal of an address: the one with the subject, or else the latest; where none is open, the last.
func (c *classifier) relate(email, subject string, v *Verdict) error {
	if email == "" || c.us.isOwn(email) {
		return nil
	}
	deals, err := c.index.OpenDeals(c.ctx, email)
	if err != nil {
		return err
	}
	if len(deals) == 0 {
		last, _, err := c.index.LastDeal(c.ctx, email)
		v.DealID = last.ID
		return err
	}
	v.DealID = deals[0].ID
	if i := slices.IndexFunc(deals, func(d Deal) bool { return subject != "" && hasSubject(d, subject) }); i >= 0 {
		v.DealID = deals[i].ID
	}
	return nil
}

// own finds our own letters, and what a colleague forwards or writes to a client.
func (c *classifier) own(m *Message, v *Verdict) (bool, error) {
	if loop := c.loop(m); loop != "" {
		return v.decide(Ignored, "own.loop", loop), nil
	}
	own, colleague := c.us.isOwn(m.From.Email), c.us.isColleague(m.From.Email)
	if !own && !colleague {
		return false, nil
	}
	if inner := forwardedWhole(m); inner != nil {
		return c.forwarded(inner, v)
	}
	if own {
		f := readForm(m.Text)
		_, answer := stripReply(m.Subject)
		if f.strict() && !answer && autoSubmitted(m) == "" && len(m.InReplyTo)+len(m.References) == 0 {
			return false, nil // a site that sends its forms in our name
		}
		return v.decide(Ignored, "own.mail", "sent from our own address "+m.From.Email), nil
	}
	inner := c.forwardedText(m)
	if _, marked := stripReply(m.Subject); inner == nil || marked && !forwardMark.MatchString(m.Subject) || len(c.us.outsiders(m)) > 0 {
		// An answer quotes a letter as a forward does.
		if decided, err := c.outbound(m, v); decided || err != nil {
			return decided, err
		}
	}
	if inner != nil {
		v.inside(inner)
	}
	return false, nil
}

// forwardedText returns the letter that a colleague forwarded as text; nil where that is one of ours.
func (c *classifier) forwardedText(m *Message) *Message {
	inner := forwardedInline(m)
	if inner == nil || c.us.isOwn(inner.From.Email) || c.us.isColleague(inner.From.Email) && !readForm(inner.Text).strict() {
		return nil
	}
	return inner
}

// inside makes the message inside the one that is decided on.
func (v *Verdict) inside(inner *Message) {
	v.Lead = inner
	v.Subject, v.FullText, v.Text = inner.Subject, inner.Text, StripQuoted(inner.Text)
	v.Contact = Contact{Name: inner.From.Name, Email: inner.From.Email}
}

// loop tells a letter that this or another Dealwright sent.
func (c *classifier) loop(m *Message) string {
	if m.Headers.Has("X-Dealwright") {
		return "a letter that Dealwright sent"
	}
	for _, value := range m.Headers.Values("X-Loop") {
		if c.us.isOwn(normalEmail(anyAddress.FindString(strings.ToLower(value)))) {
			return "X-Loop names our own address: the message has been here"
		}
	}
	if _, ours := DealOfToken(c.cfg.Secret, m.MessageID); ours {
		return "its Message-ID is that of one of our letters"
	}
	return ""
}

// forwardedWhole returns the message inside, where the sender passed one on and does not answer with it.
func forwardedWhole(m *Message) *Message {
	if len(m.Nested) == 0 || m.ContentType == "multipart/report" {
		return nil
	}
	return m.Nested[0]
}

// forwarded goes on with the message inside. One that we have, or that is our own, makes nothing new.
func (c *classifier) forwarded(inner *Message, v *Verdict) (bool, error) {
	if c.us.isOwn(inner.From.Email) || c.loop(inner) != "" {
		return v.decide(Ignored, "own.forwarded", "a colleague forwarded a letter of ours"), nil
	}
	v.inside(inner)
	return c.duplicate(inner, v)
}

// outbound attaches a colleague's own letter to the client's deal. A colleague who writes to us alone is a sender like others.
func (c *classifier) outbound(m *Message, v *Verdict) (bool, error) {
	threads, err := c.threads(threadIDs(m))
	if err != nil {
		return false, err
	}
	deal := Deal{}
	if id, ok := tokenDeal(m, c.cfg.Secret); ok {
		if deal, _, err = c.index.Deal(c.ctx, id); err != nil {
			return false, err
		}
	}
	if len(threads) > 0 && deal.ID == "" {
		deal = threads[0].Deal
	}
	outsiders := c.us.outsiders(m)
	for _, email := range outsiders {
		if deal.ID != "" {
			break
		}
		found := Verdict{}
		if err := c.relate(email, NormalSubject(m.Subject), &found); err != nil {
			return false, err
		}
		deal.ID = found.DealID
	}
	switch {
	case deal.ID != "":
		v.DealID, v.Outbound = deal.ID, true
		if len(outsiders) > 0 {
			v.Contact = Contact{Email: outsiders[0]}
		}
		return v.decide(Reply, "reply.outbound", "a colleague wrote to the client and sent us a copy"), nil
	case len(outsiders) > 0 && !addressed(m.To, c.us):
		return v.decide(Ignored, "own.copy", "a colleague's letter to others, of which we got a copy; no deal with them is open"), nil
	}
	return false, nil
}

func addressed(list []Address, us people) bool {
	return slices.ContainsFunc(list, func(a Address) bool { return us.isOwn(a.Email) })
}

// capture applies the company's rules. One that fails is passed over and named, so that a slip in one rule costs no lead.
func (c *classifier) capture(m *Message, v *Verdict) (bool, error) {
	for i := range c.cfg.Rules {
		rule := &c.cfg.Rules[i]
		matched, err := rule.Match(m)
		if err != nil {
			v.Warnings = append(v.Warnings, fmt.Sprintf("capture rule %q: %v; it was passed over", rule.Name, err))
			continue
		}
		if !matched {
			continue
		}
		if rule.As == "ignore" {
			return v.decide(Ignored, "capture:"+rule.Name, "a capture rule of the company says ignore"), nil
		}
		return true, c.lead(m, v, rule)
	}
	return false, nil
}

func (c *classifier) unwanted(m *Message, v *Verdict) (bool, error) {
	if v.Lead != nil || c.us.isColleague(m.From.Email) {
		return false, nil // a colleague passed it on by hand
	}
	rule, why := unwanted(m)
	if rule == "" {
		return false, nil
	}
	return v.decide(Ignored, rule, why), nil
}
