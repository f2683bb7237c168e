package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dealwright/dealwright/inbox"
	"github.com/dealwright/dealwright/ledger"
	"github.com/dealwright/dealwright/store"
)

// Desk is where people work on mail by hand. It needs the store and a way to
// knock at deals, and so runs wherever the API does.
type Desk struct{ *Activities }

var _ ledger.Desk = Desk{}

// Read decodes the bytes of a message as well as it can be done.
func (d Desk) Read(raw []byte) *ledger.Letter {
	m, err := inbox.Parse(raw)
	if err != nil {
		m = inbox.Salvage(raw)
	}
	l := &ledger.Letter{
		From: ledger.Address(m.From), ReplyTo: ledger.Address(m.ReplyTo), Date: m.Date, Subject: m.Subject,
		Text: m.Text, HTML: m.HTML, Readable: err == nil,
	}
	for _, a := range m.To {
		l.To = append(l.To, ledger.Address(a))
	}
	for _, a := range m.Cc {
		l.Cc = append(l.Cc, ledger.Address(a))
	}
	for i, a := range m.Attachments {
		l.Files = append(l.Files, ledger.File{Name: attachmentName(i, a.Name), Type: a.Type, Size: a.Size, Data: a.Data})
	}
	return l
}

// Reread reads a message again by the rules of today.
func (d Desk) Reread(ctx context.Context, message, actor string, apply bool) (*ledger.Reread, error) {
	row, err := d.Store.Message(ctx, message)
	if err != nil {
		return nil, err
	}
	if _, err := d.intakeOf(ctx, row); err != nil {
		return nil, err
	}
	if kept, err := d.Store.HasRaw(ctx, message); err != nil {
		return nil, err
	} else if !kept {
		return nil, &ledger.Refusal{Code: "no_raw", Text: "the bytes of the message are not kept any more"}
	}
	r, err := d.ReplayMessage(ctx, d.Catalogue.Companies(), message, actor, apply)
	if err != nil {
		return nil, err
	}
	if r.Applied {
		d.knock(ctx, r.DealID, r.Now.DealID)
	}
	return &ledger.Reread{
		Was:     ledger.Verdict{Outcome: r.Outcome, Rule: r.Rule, DealID: r.DealID},
		Now:     ledger.Verdict{Outcome: r.Now.Outcome, Rule: r.Now.Rule, DealID: r.Now.DealID},
		Opens:   r.opens,
		Keeps:   r.keeps,
		Fills:   r.fills,
		Changes: r.Changes,
		Applied: r.Applied,
	}, nil
}

// TryNow lets a company's outbox try at once what waits for the mail server.
func (d Desk) TryNow(ctx context.Context, company string) error {
	if err := d.Store.TryNow(ctx, company, time.Now()); err != nil {
		return err
	}
	d.bell.ring(company)
	return nil
}

// Resend sends a letter once more that did not go out, or perhaps did not. It
// goes to the address that the client has now.
func (d Desk) Resend(ctx context.Context, dealID, letter, actor string) error {
	row, err := d.Store.OutboxRow(ctx, letter)
	if err != nil {
		return err
	}
	if row.DealID != dealID || row.Kind != store.KindLetter {
		return store.ErrNotFound
	}
	deal, err := d.Store.Deal(ctx, dealID)
	if err != nil {
		return err
	}
	to := deal.State.Contact.Email
	switch {
	case row.Status == store.Sent:
		return &ledger.Refusal{Code: "sent", Text: "the letter has gone out: write to the client yourself if it is needed once more"}
	case row.Status == store.Sending:
		return &ledger.Refusal{Code: "sending", Text: "the letter is being sent at this moment: look again in a moment"}
	case to == "":
		return &ledger.Refusal{Code: "no_address", Text: "the client has no address: enter one first"}
	}
	listed, err := d.Store.Suppressed(ctx, row.Account, to)
	if err != nil {
		return err
	}
	if listed != nil {
		return &ledger.Refusal{Code: "suppressed", Text: fmt.Sprintf("%s is on the list of addresses that are not written to (%s): correct the client's address, or take this one off the list", to, listed.Reason)}
	}
	text := fmt.Sprintf("letter %q is sent again to %s", row.Subject, to)
	if c := d.Catalogue.Company(row.Account); c != nil && c.Language == "ru" {
		text = fmt.Sprintf("письмо «%s» отправляется ещё раз на %s", row.Subject, to)
	}
	if err := d.Store.Resend(ctx, letter, to, time.Now(), remark(dealID, actor, text)); err != nil {
		return err
	}
	d.knock(ctx, dealID)
	return d.TryNow(ctx, row.Account)
}

// knock lets deals take what they were told. What is not taken now, the sweep
// sees to.
func (d Desk) knock(ctx context.Context, deals ...string) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	slices.Sort(deals)
	for _, id := range slices.Compact(deals) {
		if id == "" {
			continue
		}
		if err := d.Deals.Take(waiting, id); err != nil && !errors.Is(err, context.Canceled) {
			d.Log.Warn("deal not woken; the sweep will", "deal", id, "error", err)
		}
	}
}
