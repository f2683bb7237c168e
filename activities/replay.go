package activities

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/inbox"
	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/ledger"
	"github.com/dealwright/dealwright/store"
)

// Replay is what the rules of today make of a message that is in the ledger.
type Replay struct {
	LedgerID string   `json:"ledger_id"`
	Outcome  string   `json:"outcome"` // as it stands in the ledger
	Rule     string   `json:"rule"`
	DealID   string   `json:"deal_id,omitempty"`
	Now      *Reading `json:"now"`
	Changes  []string `json:"changes"`
	Applied  bool     `json:"applied"`

	opens, keeps bool     // a deal is opened; the one that it made stays
	fills        []string // what the card gets
}

// ReplayMessage reads the kept bytes of a message again. With apply it also
// does what follows: the ledger says the new outcome, and the deal gets what
// it lacks. A deal that the message has made is never taken away. The actor is
// who wants it; empty: whoever runs the command.
func (a *Activities) ReplayMessage(ctx context.Context, companies []*definitions.Company, ledgerID, actor string, apply bool) (*Replay, error) {
	row, err := a.Store.Message(ctx, ledgerID)
	if err != nil {
		return nil, err
	}
	raw, err := a.Store.RawMessage(ctx, ledgerID)
	if err != nil {
		return nil, fmt.Errorf("the bytes of the message are not kept any more: %w", err)
	}
	c := slices.IndexFunc(companies, func(c *definitions.Company) bool { return c.ID == row.Company })
	if c < 0 {
		return nil, fmt.Errorf("company %q is not configured: put its folder back among the definitions", row.Company)
	}
	company := companies[c]
	i := slices.IndexFunc(company.Mailboxes, func(m definitions.Mailbox) bool { return m.ID == row.Mailbox })
	if i < 0 {
		return nil, fmt.Errorf("company %q has no mailbox %q any more", row.Company, row.Mailbox)
	}
	secret, err := a.secret.of(ctx, a.Store)
	if err != nil {
		return nil, err
	}
	in := &intake{a: a, company: company, box: &company.Mailboxes[i], key: store.MailboxKey{Company: row.Company, ID: row.Mailbox}, secret: secret}
	p := &replay{in: in, actor: actor, row: *row, raw: raw, Replay: &Replay{LedgerID: row.ID, Outcome: row.Outcome, Rule: row.Rule, DealID: row.DealID, Changes: []string{}}}
	err = a.Store.Capture(ctx, in.key, func(tx *store.CaptureTx) error { return p.run(ctx, tx, apply) })
	return p.Replay, err
}

// replay is one ReplayMessage inside its transaction.
type replay struct {
	*Replay
	in    *intake
	actor string
	row   store.LedgerRow
	raw   []byte
}

func (p *replay) run(ctx context.Context, tx *store.CaptureTx, apply bool) error {
	cfg := mailConfig(p.in.company, p.row.ProcessedAt, p.in.secret)
	past := earlier{index{tx, p.row.ProcessedAt}, p.row}
	now, err := read(ctx, p.in.company, p.in.box, p.raw, cfg, past)
	if err != nil {
		return err
	}
	p.Now = now
	other := now.Outcome != p.row.Outcome || (now.Outcome != string(inbox.Lead) && now.DealID != p.row.DealID)
	if now.Outcome != p.row.Outcome || now.Rule != p.row.Rule {
		p.Changes = append(p.Changes, fmt.Sprintf("%s by %s is now %s by %s", p.row.Outcome, p.row.Rule, now.Outcome, now.Rule))
	}
	switch {
	case !other:
		return p.complete(ctx, tx, apply)
	case p.row.Outcome == string(inbox.Lead):
		p.keeps = true
		p.Changes = append(p.Changes, fmt.Sprintf("deal %s stays, because it may have gone on: close it or merge it by hand", p.row.DealID))
		return nil
	case now.Outcome == string(inbox.Lead):
		p.opens = true
		p.Changes = append(p.Changes, "a deal is opened")
	case now.DealID != "":
		p.Changes = append(p.Changes, fmt.Sprintf("deal %s gets the message", now.DealID))
	}
	if !apply || now.Outcome == string(inbox.Quarantined) {
		return nil
	}
	p.Applied = true
	return p.reclassify(ctx, tx, cfg, past)
}

// reclassify gives the message its new outcome as if it had just come.
func (p *replay) reclassify(ctx context.Context, tx *store.CaptureTx, cfg inbox.Config, past inbox.Index) error {
	m, err := inbox.Parse(p.raw)
	if err != nil {
		return err
	}
	v, err := inbox.Classify(ctx, m, cfg, past)
	if err != nil {
		return err
	}
	input := "mail/" + p.row.ID
	if told, err := tx.HasInput(input); err != nil {
		return err
	} else if told {
		input = "replay/" + p.row.ID + "/" + store.NewID()
	}
	t := &taken{in: p.in, tx: tx, raw: imap.Raw{UID: p.row.UID, Bytes: p.raw}, msg: m, uidvalidity: p.row.UIDValidity, received: p.row.ReceivedAt, input: input, actor: p.actor}
	row := p.row
	t.describe(&row, v)
	row.Why = ledger.ReadAgain(row.Why, cmp.Or(p.actor, "the command"))
	if err := t.ofLetter(&row, &v); err != nil {
		return err
	}
	if err := tx.Reclassify(&row); err != nil {
		return err
	}
	p.Now.DealID = row.DealID
	return t.act(row, v)
}

// complete gives the deal what today's rules read and its card lacks. What
// stands on the card was perhaps corrected by a person, and stays.
func (p *replay) complete(ctx context.Context, tx *store.CaptureTx, apply bool) error {
	if p.row.DealID == "" || (p.row.Outcome != string(inbox.Lead) && p.row.Outcome != string(inbox.Reply)) {
		return nil
	}
	state, err := tx.State(p.row.DealID)
	if err != nil || state.Visit == 0 { // it has not read its first message yet
		return err
	}
	e := deal.Event{Kind: deal.KindSet, Actor: cmp.Or(p.actor, "system"), Fields: map[string]any{}}
	for _, f := range p.Now.Fields {
		if _, filled := state.Fields[f.ID]; !filled && f.Value != nil {
			e.Fields[f.ID] = f.Value
		}
	}
	missing := definitions.Contact{}
	if state.Contact.Phone == "" {
		missing.Phone = p.Now.Contact.Phone
	}
	if p.row.Outcome == string(inbox.Lead) {
		if state.Contact.Name == "" {
			missing.Name = p.Now.Contact.Name
		}
		if state.Contact.Email == "" {
			missing.Email = p.Now.Contact.Email
		}
	}
	if missing != (definitions.Contact{}) {
		e.Contact = &missing
		p.fills = nonEmpty(missing.Name, missing.Email, missing.Phone)
		p.Changes = append(p.Changes, "the contact gets "+strings.Join(nonEmpty(missing.Name, missing.Email, missing.Phone), ", "))
	}
	for _, id := range slices.Sorted(maps.Keys(e.Fields)) {
		p.fills = append(p.fills, fmt.Sprintf("%s: %v", id, e.Fields[id]))
		p.Changes = append(p.Changes, fmt.Sprintf("field %s gets %s", id, plain(e.Fields[id])))
	}
	if !apply || (e.Contact == nil && len(e.Fields) == 0) {
		return nil
	}
	p.Applied = true
	return tx.AddInput(store.Input{ID: "replay/" + p.row.ID + "/" + store.NewID(), DealID: p.row.DealID, Kind: e.Kind, Event: e})
}

// plain writes a value as people do: a number without an exponent.
func plain(v any) string {
	if n, ok := v.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
