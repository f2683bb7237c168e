// Package export writes what a store holds as JSON Lines, for other programs
// and for keeping.
package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/store"
)

// Kinds of records, in the order in which they are written.
const (
	Deals    = "deals"
	Events   = "events"
	Messages = "messages"
)

// Kinds lists them.
var Kinds = []string{Deals, Events, Messages}

// Write writes every record of a kind, one a line; with a company, only those
// of that company. What is added meanwhile may or may not be among them.
func Write(ctx context.Context, w io.Writer, s *store.Store, kind, company string) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	var err error
	switch kind {
	case Deals:
		err = deals(ctx, out, s, company)
	case Events:
		err = events(ctx, out, s, company)
	case Messages:
		err = messages(ctx, out, s, company)
	}
	if err != nil {
		return fmt.Errorf("export the %s: %w", kind, err)
	}
	return nil
}

// dealRecord is a deal as the program goes on with it, and what lists show.
type dealRecord struct {
	Record string `json:"record"`
	*deal.State
	Amount    float64   `json:"amount"`
	Currency  string    `json:"currency,omitempty"`
	NextWake  time.Time `json:"next_wake,omitzero"`
	UpdatedAt time.Time `json:"updated_at"`
	Revision  int64     `json:"revision"`
}

func deals(ctx context.Context, out *json.Encoder, s *store.Store, company string) error {
	filter := store.Filter{Sort: "opened_at", Companies: only(company)}
	for {
		page, err := s.Deals(ctx, filter)
		if err != nil {
			return err
		}
		for _, d := range page.Items {
			record := dealRecord{"deal", d.State, d.Amount, d.Currency, d.NextWake, d.UpdatedAt, d.Revision}
			if err := out.Encode(record); err != nil {
				return err
			}
		}
		if filter.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

type eventRecord struct {
	Record  string `json:"record"`
	DealID  string `json:"deal_id"`
	Company string `json:"company"`
	Seq     int64  `json:"seq"`
	deal.Entry
}

func events(ctx context.Context, out *json.Encoder, s *store.Store, company string) error {
	for last := int64(0); ; {
		rows, err := s.EventsAfter(ctx, last, store.MaxLimit)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, e := range rows {
			last = e.ID
			if company != "" && e.Company != company {
				continue
			}
			if err := out.Encode(eventRecord{"event", e.DealID, e.Company, e.Seq, e.Entry}); err != nil {
				return err
			}
		}
	}
}

type messageRecord struct {
	Record      string    `json:"record"`
	ID          string    `json:"id"`
	Company     string    `json:"company"`
	Mailbox     string    `json:"mailbox"`
	UIDValidity uint32    `json:"uidvalidity"`
	UID         uint32    `json:"uid"`
	MessageID   string    `json:"message_id"`
	ReceivedAt  time.Time `json:"received_at"`
	From        string    `json:"from"`
	Subject     string    `json:"subject"`
	Outcome     string    `json:"outcome"`
	Rule        string    `json:"rule"`
	Why         string    `json:"why"`
	DealID      string    `json:"deal_id,omitempty"`
	Size        int64     `json:"size"`
	ProcessedAt time.Time `json:"processed_at"`
}

func messages(ctx context.Context, out *json.Encoder, s *store.Store, company string) error {
	filter := store.MessageFilter{Companies: only(company)}
	for {
		page, err := s.Messages(ctx, filter)
		if err != nil {
			return err
		}
		for _, m := range page.Items {
			record := messageRecord{
				"message", m.ID, m.Company, m.Mailbox, m.UIDValidity, m.UID, m.MessageID, m.ReceivedAt, m.From, m.Subject,
				m.Outcome, m.Rule, m.Why, m.DealID, m.Size, m.ProcessedAt,
			}
			if err := out.Encode(record); err != nil {
				return err
			}
		}
		if filter.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

func only(company string) []string {
	if company == "" {
		return nil
	}
	return []string{company}
}
