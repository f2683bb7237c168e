package activities

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dealwright/dealwright/inbox"
	"github.com/dealwright/dealwright/store"
)

// ofLetter finds the deal of the letter whose getter opts out by it. A letter
// that nobody knows any more leaves nothing to do.
func (t *taken) ofLetter(row *store.LedgerRow, v *inbox.Verdict) error {
	if v.OptOut == "" {
		return nil
	}
	letter, err := t.tx.Letter(v.OptOut)
	switch {
	case errors.Is(err, store.ErrNotFound):
		v.OptOut, v.Unsubscribe = "", false
		v.Outcome, row.Outcome, row.Why = inbox.Ignored, string(inbox.Ignored), "it opts out of a letter that is not known here"
		return nil
	case err != nil:
		return err
	}
	row.DealID = letter.DealID
	return nil
}

// optOut puts the address on the list and tells its deals.
func (t *taken) optOut(row store.LedgerRow, v inbox.Verdict) (err error) {
	var told []store.Input
	if v.OptOut != "" {
		told, err = t.tx.OptOut(v.OptOut, "by mail", row.ProcessedAt)
	} else {
		told, err = t.tx.OptOutOf(store.Suppression{Address: v.Contact.Email, Detail: "by mail", DealID: row.DealID, At: row.ProcessedAt})
	}
	if err == nil && t.nudged == "" && len(told) > 0 {
		t.nudged = told[0].DealID // the sweep wakes the others
	}
	return err
}

// cameBack notes the address that a letter came back from. A report of a letter
// that was not ours proves nothing of its address.
func (t *taken) cameBack(row store.LedgerRow, b *inbox.Bounce) error {
	if b == nil || b.Delayed || b.Recipient == "" || row.DealID == "" {
		return nil
	}
	people, err := t.tx.Participants(row.DealID)
	if err != nil || !slices.Contains(people, b.Recipient) {
		return err
	}
	s := store.Suppression{Address: b.Recipient, Reason: store.Undelivered, Detail: b.Diagnostic, DealID: row.DealID, At: row.ProcessedAt}
	if s.Detail == "" {
		s.Detail = b.Status
	}
	if !b.Permanent {
		return t.tx.SoftBounce(s)
	}
	_, err = t.tx.Suppress(s)
	return err
}

// circling takes the answer away from a lead whose sender got as many letters
// within an hour as they may: that is how two machines write to each other.
func (t *taken) circling(row *store.LedgerRow, v *inbox.Verdict) error {
	limit := t.in.company.Sending.PerRecipientHour
	if !v.Answer || limit <= 0 {
		return nil
	}
	sent, err := t.tx.SentTo(v.Contact.Email, time.Now().Add(-t.in.a.dealHour()), limit)
	if err != nil || len(sent) < limit {
		return err
	}
	v.Answer = false
	row.Why += fmt.Sprintf("; not answered, because the address got %d letters within an hour", limit)
	return nil
}
