package store

import (
	"context"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// Input is something that happened to a deal and waits to be applied, or was.
type Input struct {
	ID        string
	DealID    string
	Kind      string // of the event
	Event     deal.Event
	Revision  int64     // of the deal, for which alone it is meant; 0: any
	Request   string    // hash of the request that an Idempotency-Key came with
	CreatedAt time.Time // wall time; now when zero
	AppliedAt time.Time // wall time; zero: not yet
	Outcome   *Outcome  // nil: not yet
}

// Outcome is what became of an input.
type Outcome struct {
	Refused  bool           `json:"refused,omitempty"`
	Stale    bool           `json:"stale,omitempty"`   // refused because the deal has another revision
	Invalid  bool           `json:"invalid,omitempty"` // refused because the request is wrong in itself
	Problems []deal.Problem `json:"problems,omitempty"`
	Error    string         `json:"error,omitempty"`
}

// AddInput puts an input into its deal's inbox; the same id again is ignored,
// but [ErrOtherRequest] when another request had brought it.
func (s *Store) AddInput(ctx context.Context, input Input) error {
	return wrap("add input "+input.ID, addInput(s.write(ctx), input, MailboxKey{}, s.now()))
}

func addInput(c conn, in Input, from MailboxKey, now time.Time) error {
	if in.CreatedAt.IsZero() {
		in.CreatedAt = now
	}
	if in.Kind == "" {
		in.Kind = in.Event.Kind
	}
	added, err := c.exec(`INSERT INTO inputs (id, deal_id, kind, event, revision, request, company, mailbox, created_at, applied_at, outcome)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '') ON CONFLICT (id) DO NOTHING`,
		in.ID, in.DealID, in.Kind, document{in.Event}, in.Revision, in.Request, from.Company, from.ID, in.CreatedAt)
	if err != nil || added > 0 || in.Request == "" {
		return err
	}
	var request string
	if err := c.row(`SELECT request FROM inputs WHERE id = ?`, []any{in.ID}, &request); err != nil {
		return err
	}
	if request != in.Request {
		return ErrOtherRequest
	}
	return nil
}

// Input reads one input.
func (s *Store) Input(ctx context.Context, id string) (*Input, error) {
	input, err := readInput(s.read(ctx), id)
	return input, wrap("input "+id, err)
}

// Input reads one of the deal's inputs.
func (d *DealTx) Input(id string) (*Input, error) {
	input, err := readInput(d.c, id)
	if err == nil && input.DealID != d.State.ID {
		err = ErrNotFound
	}
	return input, wrap("input "+id, err)
}

func readInput(c conn, id string) (*Input, error) {
	inputs, err := collect(c, scanInput, inputSelect+` WHERE id = ?`, id)
	if err != nil {
		return nil, err
	}
	if len(inputs) == 0 {
		return nil, ErrNotFound
	}
	return &inputs[0], nil
}

// Apply records what became of an input.
func (d *DealTx) Apply(inputID string, outcome Outcome) error {
	count, err := d.c.exec(`UPDATE inputs SET applied_at = ?, outcome = ? WHERE id = ? AND deal_id = ?`,
		d.now, document{outcome}, inputID, d.State.ID)
	if err == nil && count == 0 {
		err = ErrNotFound
	}
	return wrap("apply input "+inputID, err)
}

// Pending lists the deal's inputs that are not applied, in the order they came.
func (d *DealTx) Pending() ([]Input, error) {
	return collect(d.c, scanInput, inputSelect+` WHERE deal_id = ? AND applied_at = 0 ORDER BY n`, d.State.ID)
}

// Pending lists a deal's inputs that are not applied, in the order they came.
func (s *Store) Pending(ctx context.Context, dealID string) ([]Input, error) {
	inputs, err := collect(s.read(ctx), scanInput, inputSelect+` WHERE deal_id = ? AND applied_at = 0 ORDER BY n`, dealID)
	return inputs, wrap("pending inputs of deal "+dealID, err)
}

// PendingInputs lists inputs of all deals that were added before olderThan, in
// wall time, and are not applied: the signal that tells of them may be lost.
func (s *Store) PendingInputs(ctx context.Context, olderThan time.Time, limit int) ([]Input, error) {
	inputs, err := collect(s.read(ctx), scanInput,
		inputSelect+` WHERE applied_at = 0 AND created_at < ? ORDER BY n LIMIT ?`, olderThan, limit)
	return inputs, wrap("pending inputs", err)
}

const inputSelect = `SELECT id, deal_id, kind, event, revision, request, created_at, applied_at, outcome FROM inputs`

func scanInput(row scanner) (Input, error) {
	var in Input
	var outcome Outcome
	err := row.Scan(&in.ID, &in.DealID, &in.Kind, document{&in.Event}, &in.Revision, &in.Request, moment{&in.CreatedAt}, moment{&in.AppliedAt}, document{&outcome})
	if !in.AppliedAt.IsZero() {
		in.Outcome = &outcome
	}
	return in, err
}
