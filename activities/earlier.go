package activities

import (
	"context"
	"slices"
	"time"

	"github.com/dealwright/dealwright/inbox"
	"github.com/dealwright/dealwright/store"
)

// earlier is the past as it was when the message came: without the message
// itself, without what came after it, and without the deal that it made.
type earlier struct {
	index
	row store.LedgerRow
}

// before compares by what ids begin with: they grow with time.
func (x earlier) before(id string) bool {
	const grows = 10
	return id != x.row.ID && (len(id) < grows || id[:grows] <= x.row.ID[:grows])
}

func (x earlier) Message(ctx context.Context, messageID, contentHash, bytesHash string) (inbox.Seen, bool, error) {
	rows, err := x.tx.SeenBytes(bytesHash)
	if messageID != "" {
		rows, err = x.tx.SeenMessage(messageID)
	}
	for _, r := range rows {
		if x.before(r.LedgerID) && (messageID == "" || r.ContentHash == contentHash) {
			return inbox.Seen{LedgerID: r.LedgerID, DealID: r.DealID}, true, err
		}
	}
	return inbox.Seen{}, false, err
}

func (x earlier) Enquiry(_ context.Context, key string, window time.Duration) (inbox.Seen, bool, error) {
	rows, err := x.tx.SeenEnquiry(key, x.now.Add(-window))
	for _, r := range rows {
		if x.before(r.LedgerID) {
			return inbox.Seen{LedgerID: r.LedgerID, DealID: r.DealID}, true, err
		}
	}
	return inbox.Seen{}, false, err
}

func (x earlier) Threads(ctx context.Context, ids []string) ([]inbox.Thread, error) {
	threads, err := x.index.Threads(ctx, ids)
	return slices.DeleteFunc(threads, func(t inbox.Thread) bool { return x.ownDeal(t.Deal.ID) }), err
}

func (x earlier) OpenDeals(ctx context.Context, email string) ([]inbox.Deal, error) {
	deals, err := x.index.OpenDeals(ctx, email)
	return slices.DeleteFunc(deals, func(d inbox.Deal) bool { return x.ownDeal(d.ID) || !x.before(d.ID) }), err
}

func (x earlier) LastDeal(_ context.Context, email string) (inbox.Deal, bool, error) {
	return x.last(email, func(id string) bool { return !x.ownDeal(id) && x.before(id) })
}

// ownDeal is the deal that the message itself has made.
func (x earlier) ownDeal(id string) bool {
	return x.row.Outcome == string(inbox.Lead) && id == x.row.DealID
}
