package inbox

import (
	"context"
	"slices"
	"time"
)

// memory is an Index that remembers in plain slices what a company's store would.
type memory struct {
	letters []letter
	deals   map[string]*Deal
	order   []string // of the deals, oldest first
}

// letter is a ledger row, or a letter that we sent.
type letter struct {
	id, messageID, content, bytes, enquiry, deal string
	outcome                                      Outcome
	ours                                         bool
}

func newMemory() *memory { return &memory{deals: map[string]*Deal{}} }

func (x *memory) Message(_ context.Context, messageID, contentHash, bytesHash string) (Seen, bool, error) {
	for _, l := range x.letters {
		if l.ours || l.messageID != messageID {
			continue
		}
		if messageID != "" && l.content == contentHash || messageID == "" && l.bytes == bytesHash {
			return Seen{LedgerID: l.id, DealID: l.deal}, true, nil
		}
	}
	return Seen{}, false, nil
}

func (x *memory) Threads(_ context.Context, ids []string) ([]Thread, error) {
	var found []Thread
	for _, id := range ids {
		for _, l := range x.letters {
			if l.messageID == id && l.deal != "" {
				found = append(found, Thread{MessageID: id, Ours: l.ours, Deal: *x.deals[l.deal]})
			}
		}
	}
	return found, nil
}

func (x *memory) Deal(_ context.Context, id string) (Deal, bool, error) {
	if d := x.deals[id]; d != nil {
		return *d, true, nil
	}
	return Deal{}, false, nil
}

func (x *memory) OpenDeals(_ context.Context, email string) ([]Deal, error) {
	var found []Deal
	for _, id := range slices.Backward(x.order) {
		if d := x.deals[id]; d.Status == "open" && slices.Contains(d.Participants, email) {
			found = append(found, *d)
		}
	}
	return found, nil
}

func (x *memory) LastDeal(_ context.Context, email string) (Deal, bool, error) {
	for _, id := range slices.Backward(x.order) {
		if d := x.deals[id]; slices.Contains(d.Participants, email) {
			return *d, true, nil
		}
	}
	return Deal{}, false, nil
}

func (x *memory) Enquiry(_ context.Context, key string, _ time.Duration) (Seen, bool, error) {
	for _, l := range x.letters {
		if key != "" && l.enquiry == key {
			return Seen{LedgerID: l.id, DealID: l.deal}, true, nil
		}
	}
	return Seen{}, false, nil
}

// record does what the store does with a verdict: a ledger row, for a lead a deal, for an answer our letter.
func (x *memory) record(id string, m *Message, v Verdict, now time.Time) {
	if v.Outcome == Lead {
		v.DealID = "deal-" + id
		x.deals[v.DealID] = &Deal{ID: v.DealID, Status: "open", Subjects: []string{v.Subject}, LastActivity: now}
		x.order = append(x.order, v.DealID)
	}
	if d := x.deals[v.DealID]; d != nil && (v.Outcome == Lead || v.Outcome == Reply && !v.Outbound) {
		d.Participants = append(d.Participants, v.Contact.Email)
		d.LastActivity = now
	}
	row := letter{id: id, content: m.ContentHash, bytes: m.BytesHash, messageID: m.MessageID, enquiry: v.Enquiry, deal: v.DealID, outcome: v.Outcome}
	if v.Lead != nil {
		x.letters = append(x.letters, letter{id: id, content: v.Lead.ContentHash, bytes: v.Lead.BytesHash, messageID: v.Lead.MessageID, deal: v.DealID})
	}
	x.letters = append(x.letters, row)
	if v.Answer {
		x.letters = append(x.letters, letter{id: "ack-" + id, messageID: ackID(id), deal: v.DealID, ours: true})
	}
}

// ackID is the Message-ID of the acknowledgement of a message.
func ackID(id string) string { return "<ack-" + id + "@crm.test>" }
