package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox"
	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/ledger"
	"github.com/dealwright/dealwright/store"
)

// Judge gives a message the outcome that a person says it has. A deal that the
// message has made is never taken away: it is merged or lost by hand.
func (d Desk) Judge(ctx context.Context, message string, j ledger.Judgement) error {
	row, err := d.Store.Message(ctx, message)
	if err != nil {
		return err
	}
	raw, err := d.Store.RawMessage(ctx, message)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	in, err := d.intakeOf(ctx, row)
	if err != nil {
		return err
	}
	w := &judged{Judgement: j, in: in, raw: raw}
	err = d.Store.Capture(ctx, in.key, func(tx *store.CaptureTx) error {
		w.tx = tx
		return w.run(ctx, message)
	})
	if err != nil {
		return err
	}
	d.knock(ctx, w.told...)
	return nil
}

// intakeOf is what would take the message in today. A mailbox that is
// configured no more gives its messages to the company's first process.
func (a *Activities) intakeOf(ctx context.Context, row *store.LedgerRow) (*intake, error) {
	company := a.Catalogue.Company(row.Company)
	if company == nil || len(company.Processes) == 0 {
		return nil, &ledger.Refusal{Code: "no_company", Text: fmt.Sprintf("company %q is not configured: put its folder back among the definitions", row.Company)}
	}
	secret, err := a.secret.of(ctx, a.Store)
	if err != nil {
		return nil, err
	}
	box := &definitions.Mailbox{ID: row.Mailbox, Process: company.Processes[0].Process}
	if i := slices.IndexFunc(company.Mailboxes, func(m definitions.Mailbox) bool { return m.ID == row.Mailbox }); i >= 0 {
		box = &company.Mailboxes[i]
	}
	return &intake{a: a, company: company, box: box, key: store.MailboxKey{Company: row.Company, ID: row.Mailbox}, secret: secret}, nil
}

// judged is one judgement inside its transaction.
type judged struct {
	ledger.Judgement
	in  *intake
	tx  *store.CaptureTx
	raw []byte

	row     store.LedgerRow // as it is
	process string          // that a lead enters
	told    []string        // deals to knock at
}

func (w *judged) run(ctx context.Context, message string) error {
	row, err := w.tx.Message(message)
	if err != nil {
		return err
	}
	w.row = *row
	if done, err := w.check(); done || err != nil {
		return err
	}
	m, parseErr := inbox.Parse(w.raw)
	if parseErr != nil {
		m = inbox.Salvage(w.raw)
	}
	v, err := w.verdict(ctx, m, parseErr != nil)
	if err != nil {
		return err
	}
	t := &taken{
		in: w.in, tx: w.tx, raw: imap.Raw{UID: row.UID, Bytes: w.raw}, msg: m, uidvalidity: row.UIDValidity, received: row.ReceivedAt,
		actor: w.Actor, into: w.process,
	}
	if t.input, err = w.inputID(); err != nil {
		return err
	}
	next := *row
	t.describe(&next, v)
	next.Why = w.Why(row.Outcome, row.Rule)
	if v.Outcome == inbox.Lead {
		if err := t.circling(&next, &v); err != nil {
			return err
		}
	}
	if err := w.tx.Reclassify(&next); err != nil {
		return err
	}
	if err := w.carry(next.DealID); err != nil {
		return err
	}
	if err := t.act(next, v); err != nil {
		return err
	}
	if err := w.keepWhole(t, next, parseErr != nil); err != nil {
		return err
	}
	w.told = append(w.told, t.opened, t.nudged)
	return w.leave(m, next.DealID)
}

// check refuses what cannot be; done says that it is so already.
func (w *judged) check() (done bool, err error) {
	if w.Outcome == "" || w.Outcome == ledger.Reply {
		if w.DealID == "" {
			return false, &ledger.Refusal{Code: "no_deal", Text: "name the deal that the message belongs to"}
		}
		state, err := w.tx.State(w.DealID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return false, &ledger.Refusal{Code: "other_deal", Text: "the company has no deal of that id"}
		case err != nil:
			return false, err
		case state.MergedTo != "":
			return false, &ledger.Refusal{Code: "merged", Text: fmt.Sprintf("that deal was merged into %s: name that one", state.MergedTo), Deal: state.MergedTo}
		}
	}
	switch {
	case w.row.Outcome == ledger.Lead && w.Outcome == ledger.Lead:
		return true, nil
	case w.row.Outcome == ledger.Lead && w.row.DealID == w.DealID:
		return true, nil
	case w.row.Outcome == ledger.Lead:
		return false, &ledger.Refusal{Code: "lead", Deal: w.row.DealID, Text: fmt.Sprintf(
			"the message has made deal %s, which may have gone on: merge that deal into another one, or lose it with a reason", w.row.DealID)}
	case w.Outcome == "":
		return w.row.DealID == w.DealID, nil
	}
	return w.row.Outcome == w.Outcome && w.row.DealID == w.DealID, nil
}

// verdict is what the message is from now on.
func (w *judged) verdict(ctx context.Context, m *inbox.Message, unreadable bool) (v inbox.Verdict, err error) {
	cfg := mailConfig(w.in.company, w.row.ProcessedAt, w.in.secret)
	rule := w.Outcome
	switch w.Outcome {
	case ledger.Lead:
		v = inbox.AsLead(ctx, m, cfg)
		w.process = processOf(w.in.company, w.in.box, v) // before the rule is a person
		if unreadable {
			v.Answer = false // an address found among garbage is nobody's yet
			if v.Subject == "" {
				v.Subject = "An unreadable message"
				if w.in.company.Language == "ru" {
					v.Subject = "Нечитаемое письмо"
				}
			}
		}
	case ledger.Ignored:
		v = inbox.AsReply(m, cfg)
		v.Outcome, v.DealID, v.Outbound = inbox.Ignored, "", false
	default:
		v, rule = inbox.AsReply(m, cfg), ledger.Reply
		if w.Outcome == "" && !unreadable && (w.row.Outcome == string(inbox.BounceMail) || w.row.Outcome == string(inbox.AutoReply)) {
			as, err := inbox.Classify(ctx, m, cfg, nothing{})
			if err != nil {
				return v, err
			}
			if string(as.Outcome) == w.row.Outcome {
				v, rule = as, "attach"
			}
		}
		v.DealID = w.DealID
	}
	v.Rule, v.OptOut, v.Unsubscribe = ledger.RuleByHand+rule, "", false
	return v, nil
}

// inputID names what the deal is told: the message's own name while no deal
// was told of it, by which the ledger is compared with the deals.
func (w *judged) inputID() (string, error) {
	id := "mail/" + w.row.ID
	told, err := w.tx.HasInput(id)
	if told {
		id = "hand/" + w.row.ID + "/" + store.NewID()
	}
	return id, err
}

// keepWhole gives the deal of a message that could not be read the message
// itself.
func (w *judged) keepWhole(t *taken, row store.LedgerRow, unreadable bool) error {
	if !unreadable || row.DealID == "" || len(w.raw) == 0 {
		return nil
	}
	_, err := t.tx.PutFile(store.File{
		Key: row.ID + "-raw", DealID: row.DealID, LedgerID: row.ID, Name: "message.eml", ContentType: "message/rfc822", Data: w.raw,
	})
	return err
}

// carry lets what came with the message go where it goes. Of a message that is
// of no deal the files are in its bytes, as long as those are kept.
func (w *judged) carry(to string) error {
	switch {
	case w.row.DealID == "" || w.row.DealID == to:
		return nil
	case to != "":
		return w.tx.MoveFiles(w.row.ID, w.row.DealID, to)
	case len(w.raw) > 0:
		return w.tx.DropFiles(w.row.ID, w.row.DealID)
	}
	return nil
}

// leave tells the deal that the message was given to before, and lets no
// answer to the message find that deal any more.
func (w *judged) leave(m *inbox.Message, now string) error {
	was := w.row.DealID
	if was == "" || was == now {
		return nil
	}
	if err := w.tx.Unthread(m.MessageID, was); err != nil {
		return err
	}
	text := fmt.Sprintf("the message %q from %s is not of this deal", w.row.Subject, w.row.From)
	if w.in.company.Language == "ru" {
		text = fmt.Sprintf("письмо «%s» от %s не относится к этой сделке", w.row.Subject, w.row.From)
	}
	w.told = append(w.told, was)
	return w.tx.AddInput(*remark(was, w.Actor, text))
}

// remark is a line of a deal's timeline.
func remark(dealID, actor, text string) *store.Input {
	e := deal.Event{Kind: deal.KindNote, Actor: actor, Text: text}
	return &store.Input{ID: "hand/" + store.NewID(), DealID: dealID, Kind: e.Kind, Event: e}
}
