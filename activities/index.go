package activities

import (
	"context"
	"errors"
	"time"

	"github.com/dealwright/dealwright/inbox"
	"github.com/dealwright/dealwright/store"
)

// index answers the classifier's questions from within the transaction that
// will hold its verdict.
type index struct {
	tx  *store.CaptureTx
	now time.Time
}

func (x index) Message(_ context.Context, messageID, contentHash, bytesHash string) (inbox.Seen, bool, error) {
	rows, err := x.tx.SeenBytes(bytesHash)
	if messageID != "" {
		rows, err = x.tx.SeenMessage(messageID)
	}
	for _, r := range rows {
		if messageID == "" || r.ContentHash == contentHash {
			return inbox.Seen{LedgerID: r.LedgerID, DealID: r.DealID}, true, err
		}
	}
	return inbox.Seen{}, false, err
}

func (x index) Enquiry(_ context.Context, key string, window time.Duration) (inbox.Seen, bool, error) {
	rows, err := x.tx.SeenEnquiry(key, x.now.Add(-window))
	if err != nil || len(rows) == 0 {
		return inbox.Seen{}, false, err
	}
	return inbox.Seen{LedgerID: rows[0].LedgerID, DealID: rows[0].DealID}, true, nil
}

func (x index) Threads(_ context.Context, ids []string) ([]inbox.Thread, error) {
	hits, err := x.tx.Thread(ids)
	if err != nil {
		return nil, err
	}
	out := make([]inbox.Thread, 0, len(hits))
	for _, h := range hits {
		d, found, err := x.find(h.DealID)
		if err != nil {
			return nil, err
		}
		if found {
			out = append(out, inbox.Thread{MessageID: h.MessageID, Ours: h.Ours, Deal: d})
		}
	}
	return out, nil
}

func (x index) Deal(_ context.Context, id string) (inbox.Deal, bool, error) { return x.find(id) }

// find reads a deal, or the one that it was merged into.
func (x index) find(id string) (inbox.Deal, bool, error) {
	ref, err := x.tx.Deal(id)
	if err == nil && !ref.ClosedAt.IsZero() {
		var living string
		if living, err = x.tx.Living(id); err == nil && living != id {
			ref, err = x.tx.Deal(living)
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return inbox.Deal{}, false, nil
	}
	if err != nil {
		return inbox.Deal{}, false, err
	}
	d, err := x.known(*ref)
	return d, true, err
}

func (x index) OpenDeals(_ context.Context, email string) ([]inbox.Deal, error) {
	refs, err := x.tx.DealsWith(email)
	if err != nil {
		return nil, err
	}
	var out []inbox.Deal
	for _, r := range refs {
		if !r.ClosedAt.IsZero() {
			continue
		}
		d, err := x.known(r)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

func (x index) LastDeal(_ context.Context, email string) (inbox.Deal, bool, error) {
	return x.last(email, func(string) bool { return true })
}

// last is the latest of an address's deals that is wanted.
func (x index) last(email string, wanted func(id string) bool) (inbox.Deal, bool, error) {
	refs, err := x.tx.DealsWith(email)
	if err != nil {
		return inbox.Deal{}, false, err
	}
	for _, r := range refs {
		if wanted(r.ID) {
			d, err := x.known(r)
			return d, err == nil, err
		}
	}
	return inbox.Deal{}, false, nil
}

func (x index) known(r store.DealRef) (inbox.Deal, error) {
	people, err := x.tx.Participants(r.ID)
	if err != nil {
		return inbox.Deal{}, err
	}
	subjects, err := x.tx.Subjects(r.ID)
	if err != nil {
		return inbox.Deal{}, err
	}
	return inbox.Deal{ID: r.ID, Status: r.Status, Participants: people, Subjects: append(subjects, r.Subject), LastActivity: r.LastActivity}, nil
}
