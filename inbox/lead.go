package inbox

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// lead makes a lead of the message, unless the same enquiry came just before or its sender has an open deal.
func (c *classifier) lead(m *Message, v *Verdict, rule *Rule) error {
	c.enquire(m, v, rule)
	if repeated, err := c.repeated(v); err != nil || repeated {
		return err
	}
	return c.knownSender(m, v, rule)
}

// enquire reads the message as an enquiry.
func (c *classifier) enquire(m *Message, v *Verdict, rule *Rule) {
	e := c.enquiry(m, rule)
	forwarded := v.Lead != nil
	if e.form {
		v.Text = m.Text
	}
	v.Contact, v.Fields, v.Lines, v.Enquiry = e.contact, e.fields, e.lines, e.key(m)
	switch {
	case rule != nil:
		v.decide(Lead, "capture:"+rule.Name, "a capture rule of the company says lead")
	case e.form:
		v.decide(Lead, "lead.form", "a web form that was filled in")
	case forwarded:
		v.decide(Lead, "lead.forwarded", "a letter that a colleague forwarded")
	default:
		v.decide(Lead, "lead", "a letter from someone who has no open deal")
	}
	v.Silence = c.silence(m, v)
	v.Answer = v.Silence == ""
}

// enquiry reads the enquiry of a message, without a rule only once: two steps ask for it.
func (c *classifier) enquiry(m *Message, rule *Rule) enquiry {
	if rule != nil {
		return readEnquiry(m, c.cfg, c.us, rule)
	}
	if c.readOf != m {
		c.readOf, c.read = m, readEnquiry(m, c.cfg, c.us, nil)
	}
	return c.read
}

// silence tells why no automatic answer may go out: never to a machine, to ourselves or to a sender that wants none. It is
// empty where one may.
func (c *classifier) silence(m *Message, v *Verdict) string {
	email := v.Contact.Email
	switch {
	case email == "":
		return "there is no address to answer to"
	case c.us.isOwn(email):
		return email + " is our own address"
	case robotSender.MatchString(email):
		return email + " is the address of a machine"
	case email != m.From.Email:
		return "" // a form's visitor or the author of a forwarded letter
	case m.NullReturnPath:
		return "its envelope sender is empty: nobody wants an answer"
	}
	_, why := bulkSign(m)
	return why
}

// repeated finds the same enquiry sent shortly before, by a second click or from a second mailbox.
func (c *classifier) repeated(v *Verdict) (bool, error) {
	if v.Enquiry == "" {
		return false, nil
	}
	seen, found, err := c.index.Enquiry(c.ctx, v.Enquiry, cmp.Or(c.cfg.ResendWindow, defaultResendWindow))
	if err != nil || !found {
		return false, err
	}
	v.DealID, v.DuplicateOf, v.Answer = seen.DealID, seen.LedgerID, false
	return v.decide(Duplicate, "duplicate.enquiry", "the same person sent the same enquiry shortly before"), nil
}

// knownSender attaches a new subject of a client with an open deal, where the company wants it so.
func (c *classifier) knownSender(m *Message, v *Verdict, rule *Rule) error {
	if c.cfg.KnownSender == "new_deal" || impersonal(v.Contact.Email, m) {
		return nil
	}
	deals, err := c.index.OpenDeals(c.ctx, v.Contact.Email)
	if err != nil || len(deals) == 0 {
		return err
	}
	v.DealID, v.Answer = deals[0].ID, false
	v.Unsubscribe = rule == nil && asksNoMore(m, v.Text)
	v.decide(Reply, "reply.known_sender", "its sender has an open deal")
	return nil
}

// impersonal tells an address that many write from through a machine, and a site's notice of a form that was not understood:
// what two visitors want is not one correspondence.
func impersonal(email string, m *Message) bool {
	return email == "" || robotSender.MatchString(email) || email == m.From.Email && (formSubject.MatchString(m.Subject) && formName.MatchString(m.From.Name) || siteNotice.MatchString(m.Subject))
}

var siteNotice = regexp.MustCompile(`(?i)^\s*(нов(ая|ый|ое) (заявка|лид|заказ|обращение|сообщение)|new (lead|order|submission|enquiry|inquiry|request|message) (from|on|via)|заявка с сайта|сообщение с сайта|заказ обратного звонка)`)

// reply finds the deal that a message goes on with: by the ids or the token that it quotes, or by its sender and subject.
func (c *classifier) reply(m *Message, v *Verdict) (bool, error) {
	deal, stranger, err := c.thread(m)
	if err != nil {
		return false, err
	}
	v.SecondServer = c.strangeToken(m)
	v.LinkedDeal = stranger
	rule, why := "reply.thread", "it answers a message of the deal, and its sender took part"
	if deal.ID == "" {
		if deal, err = c.bySubject(m); err != nil {
			return false, err
		}
		rule, why = "reply.subject", "its sender has an open deal with the same subject"
	}
	if deal.ID == "" {
		return false, nil
	}
	if deal.Status == "lost" && c.cfg.ReplyToLost == "new_deal" {
		v.LinkedDeal = deal.ID
		return false, nil
	}
	v.DealID, v.LinkedDeal = deal.ID, ""
	v.Contact.Phone = findPhone(v.Text, c.cfg.Country)
	v.Unsubscribe = asksNoMore(m, v.Text)
	return v.decide(Reply, rule, why), nil
}

// thread finds the deal that the message names and that its sender took part in; or else the one it names as a stranger.
func (c *classifier) thread(m *Message) (deal Deal, stranger string, err error) {
	if id, ok := tokenDeal(m, c.cfg.Secret); ok {
		named, found, err := c.index.Deal(c.ctx, id)
		if err != nil {
			return Deal{}, "", err
		}
		if found && c.us.tookPart(m, named) {
			return named, "", nil
		}
		if found {
			stranger = named.ID
		}
	}
	threads, err := c.threads(threadIDs(m))
	if err != nil {
		return Deal{}, "", err
	}
	for _, t := range threads {
		if c.us.tookPart(m, t.Deal) {
			return t.Deal, "", nil
		}
		stranger = cmp.Or(stranger, t.Deal.ID)
	}
	return Deal{}, stranger, nil
}

var receiptFor = regexp.MustCompile(`(?im)^original-message-id:\s*(<[^<>\s]+>)`)

// threadIDs lists the ids that a message answers, the nearest first; of a read receipt, the id of the letter that was read.
func threadIDs(m *Message) []string {
	references := slices.Clone(m.References)
	slices.Reverse(references)
	ids := slices.Concat(m.InReplyTo, references)
	if read := receiptFor.FindStringSubmatch(m.part("message/disposition-notification")); read != nil {
		ids = append([]string{read[1]}, ids...)
	}
	return ids
}

func (c *classifier) threads(ids []string) ([]Thread, error) {
	var unique []string
	for _, id := range ids {
		if id != "" && !slices.Contains(unique, id) {
			unique = append(unique, id)
		}
	}
	if len(unique) == 0 {
		return nil, nil
	}
	return c.index.Threads(c.ctx, unique)
}

// bySubject finds an open deal of the sender with the same subject, for mailers that lose the headers of a thread. The same
// enquiry sent again is not an answer to itself, and a site's form is nobody's correspondence.
func (c *classifier) bySubject(m *Message) (Deal, error) {
	e := c.enquiry(m, nil)
	subject := NormalSubject(m.Subject)
	answered := m.invitation() == "REPLY"
	if impersonal(e.contact.Email, m) || e.form && e.contact.Email != m.From.Email || subject == "" && !answered {
		return Deal{}, nil
	}
	if _, again, err := c.index.Enquiry(c.ctx, e.key(m), cmp.Or(c.cfg.ResendWindow, defaultResendWindow)); err != nil || again {
		return Deal{}, err
	}
	deals, err := c.index.OpenDeals(c.ctx, e.contact.Email)
	if err != nil {
		return Deal{}, err
	}
	oldest := c.cfg.Now.Add(-cmp.Or(c.cfg.ThreadWindow, defaultThreadWindow))
	for _, deal := range deals {
		recent := c.cfg.Now.IsZero() || deal.LastActivity.IsZero() || !deal.LastActivity.Before(oldest)
		if recent && (answered || hasSubject(deal, subject)) {
			return deal, nil
		}
	}
	return Deal{}, nil
}

func hasSubject(deal Deal, normal string) bool {
	return slices.ContainsFunc(deal.Subjects, func(s string) bool { return strings.EqualFold(NormalSubject(s), normal) })
}
