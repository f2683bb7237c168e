package store

import (
	"fmt"

	"github.com/dealwright/dealwright/deal"
)

// MergeInto hands what came by mail over to the deal that this one ends in: its
// messages, so that answers to them find the other deal, the people who may
// answer, and the files they sent. The other deal is told.
func (d *DealTx) MergeInto(to string, e deal.Event) error {
	for _, move := range []string{
		`INSERT INTO thread (company, message_id, deal_id, ours, letter_key, at)
			SELECT company, message_id, ?, ours, letter_key, at FROM thread WHERE deal_id = ? ON CONFLICT DO NOTHING`,
		`INSERT INTO participants (deal_id, email)
			SELECT ?, email FROM participants WHERE deal_id = ? ON CONFLICT DO NOTHING`,
		`INSERT INTO participants (deal_id, email)
			SELECT ?, contact_email FROM deals WHERE id = ? AND contact_email <> '' ON CONFLICT DO NOTHING`,
		`UPDATE files SET deal_id = ? WHERE deal_id = ? AND ledger_id <> ''`,
	} {
		if _, err := d.c.exec(move, to, d.State.ID); err != nil {
			return wrap(fmt.Sprintf("merge deal %s into %s", d.State.ID, to), err)
		}
	}
	if _, err := d.c.exec(`DELETE FROM thread WHERE deal_id = ?`, d.State.ID); err != nil {
		return wrap(fmt.Sprintf("merge deal %s into %s", d.State.ID, to), err)
	}
	return wrap(fmt.Sprintf("merge deal %s into %s", d.State.ID, to),
		addInput(d.c, Input{ID: "merged/" + d.State.ID, DealID: to, Kind: e.Kind, Event: e}, MailboxKey{}, d.now))
}

// longestMerge bounds how many deals may have been merged one into another.
const longestMerge = 20

// Living follows a deal to the one that it was merged into; any other is
// itself.
func (t *CaptureTx) Living(id string) (string, error) {
	for range longestMerge {
		state, err := t.State(id)
		if err := ignoreNotFound(err); err != nil {
			return "", err
		}
		if err != nil || state.MergedTo == "" {
			return id, nil
		}
		id = state.MergedTo
	}
	return id, nil
}
