package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// never stands for a deal that nothing will wake; it sorts behind all others.
const never = math.MaxInt64

// DealRow is a deal as the store keeps it.
type DealRow struct {
	State     *deal.State
	Amount    float64
	Currency  string
	NextWake  time.Time // zero: never
	UpdatedAt time.Time // deal time
	Revision  int64     // grows with every change
}

// SaveExtra is what lists show of a deal and its state does not hold.
type SaveExtra struct {
	Amount   float64
	Currency string
	NextWake time.Time // zero: never
	At       time.Time // deal time of this write
}

// DealTx is a transaction that holds one deal; nobody else changes it
// meanwhile. It must not be used after the function it was given to.
type DealTx struct {
	State    *deal.State
	Revision int64

	c          conn
	n          int64
	now        time.Time
	seq        int64 // of the last event
	appended   bool  // seq is ahead of the deal's row
	searchHash int64
	stored     string // the state as it is stored
	extra      SaveExtra
	story      story
	tasks      []openTask // as they are stored
}

// UpdateDeal runs fn with the deal locked, in one transaction: when fn fails,
// nothing of what it did remains.
func (s *Store) UpdateDeal(ctx context.Context, dealID string, fn func(*DealTx) error) error {
	return wrap("deal "+dealID, s.transact(ctx, func(c conn) error {
		d, err := s.lockDeal(c, dealID)
		if err != nil {
			return err
		}
		if err := fn(d); err != nil {
			return err
		}
		return d.finish()
	}))
}

// lockDeal takes hold of both of a deal's rows: locking but one would read the
// other as it was before the wait.
func (s *Store) lockDeal(c conn, dealID string) (*DealTx, error) {
	d := &DealTx{c: c, now: s.now(), State: new(deal.State), story: story{c: c}}
	var wake int64
	err := c.row(`SELECT d.n, d.revision, d.events, d.search_hash, d.amount, d.currency, d.next_wake, d.touched_at, d.decided_at, s.state
		FROM deals d JOIN deal_states s ON s.n = d.n WHERE d.id = ?`+c.locking(), []any{dealID},
		&d.n, &d.Revision, &d.seq, &d.searchHash, &d.extra.Amount, &d.extra.Currency, &wake, &d.story.touched, &d.story.decided, &d.stored)
	if err != nil {
		return nil, err
	}
	if wake != never {
		d.extra.NextWake = time.UnixMicro(wake).UTC()
	}
	if err := (document{d.State}).Scan(d.stored); err != nil {
		return nil, err
	}
	d.tasks = openTasks(d.State)
	d.story.n, d.story.company, d.story.process, d.story.won = d.n, d.State.Company, d.State.Process, d.State.Status == deal.Won
	return d, nil
}

// finish writes what Append counted and no Save has written.
func (d *DealTx) finish() error {
	if err := d.story.settle(d.story.went); err != nil {
		return err
	}
	if !d.appended {
		return nil
	}
	_, err := d.c.exec(`UPDATE deals SET events = ?, touched_at = ?, decided_at = ? WHERE n = ?`, d.seq, d.story.touched, d.story.decided, d.n)
	return err
}

// Save replaces the deal's state. Where nothing has changed since the deal was
// locked, nothing is written and the revision stays.
func (d *DealTx) Save(state *deal.State, extra SaveExtra) error {
	if err := d.story.settle(d.story.went); err != nil {
		return err
	}
	written, err := document{state}.Value()
	if err != nil {
		return err
	}
	text := clean(written.(string))
	if text == d.stored && !d.appended && d.extra.same(extra) {
		return nil
	}
	columns, args := dealColumns(state, extra)
	search, hash := searchText(state)
	columns = append(columns, "search_hash", "events", "touched_at", "decided_at")
	args = append(args, hash, d.seq, d.story.touched, d.story.decided)
	_, err = d.c.exec(`UPDATE deals SET `+strings.Join(columns, " = ?, ")+` = ?, revision = revision + 1 WHERE n = ?`,
		append(args, d.n)...)
	if err != nil {
		return err
	}
	if text != d.stored {
		if _, err := d.c.exec(`UPDATE deal_states SET state = ? WHERE n = ?`, text, d.n); err != nil {
			return err
		}
	}
	if hash != d.searchHash {
		if err := findable(d.c, d.n, state.Company, search); err != nil {
			return err
		}
	}
	tasks := openTasks(state)
	if err := writeTasks(d.c, d.n, state.Company, d.tasks, tasks); err != nil {
		return err
	}
	d.tasks = tasks
	d.State, d.searchHash, d.stored, d.extra, d.appended = state, hash, text, extra, false
	d.Revision++
	return nil
}

// same tells whether lists would show the same; when it was written is not shown.
func (e SaveExtra) same(other SaveExtra) bool {
	return e.Amount == other.Amount && e.Currency == other.Currency && e.NextWake.Truncate(time.Microsecond).Equal(other.NextWake.Truncate(time.Microsecond))
}

// CreateDeal adds a deal and its first input. A deal that exists is left as it
// is, so the call may be repeated.
func (s *Store) CreateDeal(ctx context.Context, state *deal.State, input Input) error {
	return wrap("create deal "+state.ID, s.transact(ctx, func(c conn) error {
		return createDeal(c, state, input, MailboxKey{}, s.now())
	}))
}

func createDeal(c conn, state *deal.State, input Input, from MailboxKey, now time.Time) error {
	columns, args := dealColumns(state, SaveExtra{At: state.OpenedAt})
	text, hash := searchText(state)
	columns = append(columns, "id", "search_hash", "events", "revision")
	args = append(args, state.ID, hash, 0, 1)
	var n int64
	err := c.row(`INSERT INTO deals (`+strings.Join(columns, ", ")+`) VALUES (`+placeholders(len(args))+`)
		ON CONFLICT (id) DO NOTHING RETURNING n`, args, &n)
	switch {
	case errors.Is(err, sql.ErrNoRows): // it exists
	case err != nil:
		return err
	default:
		if _, err := c.exec(`INSERT INTO deal_states (n, state) VALUES (?, ?)`, n, document{state}); err != nil {
			return err
		}
		if err := findable(c, n, state.Company, text); err != nil {
			return err
		}
	}
	input.DealID = state.ID
	return addInput(c, input, from, now)
}

// dealColumns is what lists filter, sort and show.
func dealColumns(s *deal.State, extra SaveExtra) (columns []string, args []any) {
	wake := int64(never)
	if !extra.NextWake.IsZero() {
		wake = micros(extra.NextWake)
	}
	for _, column := range []struct {
		name  string
		value any
	}{
		{"company", s.Company},
		{"process", s.Process},
		{"version", s.Version},
		{"stage", s.Stage},
		{"status", s.Status},
		{"owner", s.Owner},
		{"contact_name", s.Contact.Name},
		{"contact_email", strings.ToLower(s.Contact.Email)},
		{"contact_phone", s.Contact.Phone},
		{"subject", s.Subject},
		{"source", s.Source},
		{"amount", extra.Amount},
		{"currency", extra.Currency},
		{"stalled_since", s.StalledSince},
		{"escalation_level", s.Level},
		{"visit", s.Visit},
		{"opened_at", s.OpenedAt},
		{"stage_entered_at", s.StageEnteredAt},
		{"next_wake", wake},
		{"closed_at", s.ClosedAt},
		{"lost_reason", s.LostReason},
		{"updated_at", extra.At},
		{"waits", s.Waits()},
	} {
		columns = append(columns, column.name)
		args = append(args, column.value)
	}
	return columns, args
}

// Load counts the open deals of every owner of the company.
func (d *DealTx) Load(company string) (map[string]int, error) {
	load := map[string]int{}
	_, err := collect(d.c, func(row scanner) (struct{}, error) {
		var owner string
		var count int
		err := row.Scan(&owner, &count)
		load[owner] = count
		return struct{}{}, err
	}, `SELECT owner, COUNT(*) FROM deals WHERE company = ? AND status = ? GROUP BY owner`, company, deal.Open)
	return load, err
}

// Thread adds messages to the deal's thread.
func (d *DealTx) Thread(messages ...ThreadMessage) error {
	for _, m := range messages {
		m.DealID = d.State.ID
		if err := addThread(d.c, d.State.Company, m); err != nil {
			return err
		}
	}
	return nil
}

// Deal reads one deal.
func (s *Store) Deal(ctx context.Context, id string) (*DealRow, error) {
	c := s.read(ctx)
	rows, err := collect(c, scanDeal, dealShown+` FROM deals d JOIN deal_states s ON s.n = d.n WHERE d.id = ?`, id)
	if err == nil && len(rows) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, wrap("deal "+id, err)
	}
	return &rows[0], nil
}

// dealShown is what scanDeal reads.
const dealShown = `SELECT s.state, d.amount, d.currency, d.next_wake, d.updated_at, d.revision`

func scanDeal(row scanner) (DealRow, error) {
	d := DealRow{State: new(deal.State)}
	var wake int64
	err := row.Scan(document{d.State}, &d.Amount, &d.Currency, &wake, moment{&d.UpdatedAt}, &d.Revision)
	if wake != never {
		d.NextWake = time.UnixMicro(wake).UTC()
	}
	return d, err
}
