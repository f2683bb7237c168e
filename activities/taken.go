package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox"
	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/store"
)

// taken is one message on its way into the ledger, inside one transaction.
type taken struct {
	in          *intake
	tx          *store.CaptureTx
	raw         imap.Raw
	msg         *inbox.Message // nil when it could not be parsed
	uidvalidity uint32
	received    time.Time // deal time
	input       string    // id of what the deal is told; made of the ledger row when empty
	actor       string    // who gave the message to the deal by hand; empty: the rules did
	into        string    // the process that a lead enters; empty: as the rules say

	opened string // the deal to start
	nudged string // the deal to nudge
	told   bool   // a notice to staff was queued
	fresh  bool   // nothing was known of the message
	second bool   // it answers another server
}

// decide classifies the message, gives it its one outcome and the deal its
// input. A message that the ledger holds already is left alone.
func (t *taken) decide(ctx context.Context, parseErr error) error {
	row := store.LedgerRow{
		ID:          store.NewDealID(),
		UIDValidity: t.uidvalidity, UID: t.raw.UID, ReceivedAt: t.received,
		Size: t.raw.Size, ProcessedAt: t.in.a.Clock.Now(),
	}
	if parseErr != nil {
		return t.quarantine(row, parseErr)
	}
	v, err := classify(ctx, t.msg, t.in.config(), index{t.tx, row.ProcessedAt})
	if errors.Is(err, errFailed) {
		return t.quarantine(row, err)
	}
	if err != nil {
		return err
	}
	if v.Outcome == inbox.Quarantined {
		return t.quarantine(row, fmt.Errorf("%s", v.Why))
	}
	t.describe(&row, v)
	if t.raw.Truncated {
		row.Why += fmt.Sprintf("; only the first %d of its %d MB were read", len(t.raw.Bytes)>>20, t.raw.Size>>20)
	}
	if err := errors.Join(t.ofLetter(&row, &v), t.circling(&row, &v), t.living(&row, v)); err != nil {
		return err
	}
	fresh, err := t.tx.AddLedger(&row, t.raw.Bytes)
	if err != nil || !fresh {
		return err
	}
	t.fresh, t.second = v.Outcome != inbox.Duplicate, v.SecondServer
	for _, warning := range v.Warnings {
		t.in.a.Log.Warn("capture", "company", row.Company, "mailbox", row.Mailbox, "uid", row.UID, "warning", warning)
	}
	if t.raw.Truncated {
		if err := t.tellCutOff(row); err != nil {
			return err
		}
	}
	return t.act(row, v)
}

// describe writes down what the message is; a lead gets the id of its deal.
func (t *taken) describe(row *store.LedgerRow, v inbox.Verdict) {
	row.MessageID, row.From, row.Subject = t.msg.MessageID, t.msg.From.Email, t.msg.Subject
	row.Outcome, row.Rule, row.Why = string(v.Outcome), v.Rule, v.Why
	row.DealID = v.DealID
	row.ContentHash, row.BytesHash, row.Enquiry = t.msg.ContentHash, t.msg.BytesHash, v.Enquiry
	if v.Outcome == inbox.Lead {
		row.DealID = store.NewDealID()
	}
}

// living gives the message to the deal that its own was merged into.
func (t *taken) living(row *store.LedgerRow, v inbox.Verdict) (err error) {
	if row.DealID != "" && v.Outcome != inbox.Lead {
		row.DealID, err = t.tx.Living(row.DealID)
	}
	return err
}

// inputID names what the deal is told of the message.
func (t *taken) inputID(row store.LedgerRow) string {
	if t.input != "" {
		return t.input
	}
	return "mail/" + row.ID
}

// act hands the message to its deal.
func (t *taken) act(row store.LedgerRow, v inbox.Verdict) (err error) {
	m := t.msg
	if v.Lead != nil {
		m = v.Lead
	}
	e := deal.Event{Actor: cmp.Or(t.actor, "client"), Mail: mail(m, v, row.ID, t.received)}
	if v.OptOut != "" {
		return t.optOut(row, v)
	}
	switch v.Outcome {
	case inbox.Lead:
		return t.open(row, v, e)
	case inbox.Reply:
		e.Kind = deal.KindReply
		switch {
		case v.Outbound:
			e.Kind, e.Actor = deal.KindOutbound, cmp.Or(t.actor, t.msg.From.Email)
		case v.Unsubscribe:
			e.Kind = deal.KindUnsubscribe
		default:
			if e.Fields, err = t.card(row.DealID, v); err != nil {
				return err
			}
		}
	case inbox.AutoReply:
		e.Kind = deal.KindAutoReply
	case inbox.BounceMail:
		e.Kind, e.Actor = deal.KindBounce, cmp.Or(t.actor, "system")
		if b := v.Bounce; b != nil {
			e.Permanent, e.Delayed, e.Reason = b.Permanent, b.Delayed, b.Diagnostic
			if e.Reason == "" {
				e.Reason = b.Status
			}
		}
		if err := t.cameBack(row, v.Bounce); err != nil {
			return err
		}
	case inbox.Duplicate:
		// The very same message is only noted in the ledger; the same enquiry
		// sent once more is evidence of its deal.
		if v.Enquiry == "" || v.DealID == "" {
			return nil
		}
		e.Kind = deal.KindEvidence
	default:
		return nil
	}
	if row.DealID == "" {
		return nil
	}
	t.nudged = row.DealID
	if m.MessageID != "" && v.Outcome != inbox.BounceMail {
		if err := t.tx.AddThread(store.ThreadMessage{MessageID: m.MessageID, DealID: row.DealID, At: row.ProcessedAt, Participants: nonEmpty(v.Contact.Email)}); err != nil {
			return err
		}
	}
	if err := t.tx.AddInput(store.Input{ID: t.inputID(row), DealID: row.DealID, Kind: e.Kind, Event: e}); err != nil {
		return err
	}
	switch e.Kind {
	case deal.KindUnsubscribe:
		return t.optOut(row, v)
	case deal.KindReply, deal.KindOutbound:
		return t.keepFiles(row, m)
	}
	return nil
}

// open makes the deal of a lead.
func (t *taken) open(row store.LedgerRow, v inbox.Verdict, e deal.Event) error {
	var returning bool
	if v.Contact.Email != "" {
		earlier, err := t.tx.DealsOf(v.Contact.Email)
		if err != nil {
			return err
		}
		returning = len(earlier) > 0
	}
	e.Kind = deal.KindOpen
	e.Contact = &definitions.Contact{Name: v.Contact.Name, Email: v.Contact.Email, Phone: v.Contact.Phone}
	e.Fields, e.Subject, e.Text = cardOf(t.in.company.Process(t.process(v)), v, t.received), v.Subject, v.Text
	e.Source, e.Linked, e.NoAnswer, e.Returning = "mail:"+t.in.key.ID, v.LinkedDeal, !v.Answer && v.Contact.Email != "", returning
	state := &deal.State{
		ID: row.DealID, Company: row.Company, Process: t.process(v), Status: deal.Open,
		Contact: *e.Contact, Subject: e.Subject, Source: e.Source, OpenedAt: t.in.a.Clock.Now(),
	}
	t.opened = row.DealID
	input := store.Input{ID: t.inputID(row), DealID: row.DealID, Kind: e.Kind, Event: e}
	if err := t.tx.CreateDeal(state, input); err != nil {
		return err
	}
	m := t.msg
	if v.Lead != nil {
		m = v.Lead
	}
	if err := t.keepFiles(row, m); err != nil || m.MessageID == "" {
		return err
	}
	return t.tx.AddThread(store.ThreadMessage{MessageID: m.MessageID, DealID: row.DealID, At: row.ProcessedAt, Participants: nonEmpty(v.Contact.Email)})
}

// process is where the lead goes: the capture rule's that took it, else the
// mailbox's.
func (t *taken) process(v inbox.Verdict) string {
	if t.into != "" {
		return t.into
	}
	return processOf(t.in.company, t.in.box, v)
}

func processOf(c *definitions.Company, box *definitions.Mailbox, v inbox.Verdict) string {
	for i, r := range c.Capture.Rules {
		if r.Process != "" && v.Rule == "capture:"+ruleName(i) {
			return r.Process
		}
	}
	return box.Process
}

// card is what a client's message says of the fields of their deal.
func (t *taken) card(dealID string, v inbox.Verdict) (map[string]any, error) {
	if len(v.Fields) == 0 && len(v.Lines) == 0 {
		return nil, nil
	}
	ref, err := t.tx.Deal(dealID)
	if err != nil {
		return nil, err
	}
	return cardOf(t.in.company.Process(ref.Process), v, t.received), nil
}

// quarantine keeps a message that nobody can read and tells a person.
func (t *taken) quarantine(row store.LedgerRow, cause error) error {
	row.Outcome, row.Rule, row.Why = string(inbox.Quarantined), "unreadable", cause.Error()
	fresh, err := t.tx.AddLedger(&row, t.raw.Bytes)
	if err != nil || !fresh {
		return err
	}
	t.fresh = true
	company := t.in.company
	subject := "A message could not be read"
	body := fmt.Sprintf("Message %d of mailbox %q could not be read: %v.\n\nIts bytes are kept; ledger row %s.", row.UID, row.Mailbox, cause, row.ID)
	if company.Language == "ru" {
		subject = "Письмо не удалось прочитать"
		body = fmt.Sprintf("Письмо %d ящика «%s» не удалось прочитать: %v.\n\nСодержимое сохранено; запись журнала %s.", row.UID, row.Mailbox, cause, row.ID)
	}
	return t.tell("quarantine/"+row.ID, subject, body)
}

// tellCutOff tells a person of a message that is larger than any is read: what
// its end held is in the mailbox alone.
func (t *taken) tellCutOff(row store.LedgerRow) error {
	read, all := len(t.raw.Bytes)>>20, row.Size>>20
	subject := "A message is too large"
	body := fmt.Sprintf("Message %d of mailbox %q, %q from %s, has %d MB, and only the first %d were read: look at its end in the mailbox itself; ledger row %s.",
		row.UID, row.Mailbox, row.Subject, row.From, all, read, row.ID)
	if t.in.company.Language == "ru" {
		subject = "Письмо слишком велико"
		body = fmt.Sprintf("В письме %d ящика «%s», «%s» от %s, %d МБ, прочитаны только первые %d: конец его смотрите в самом ящике; запись журнала %s.",
			row.UID, row.Mailbox, row.Subject, row.From, all, read, row.ID)
	}
	return t.tell("cut-off/"+row.ID, subject, body)
}

// tell queues a notice to those who hear of messages that were not wholly read.
func (t *taken) tell(key, subject, body string) error {
	t.told = true
	return t.tx.Enqueue(t.in.a.alarm(t.in.company, definitions.NoticeQuarantined, key, subject, body))
}
