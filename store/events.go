package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/dealwright/dealwright/deal"
)

// EventRow is a line of a deal's timeline.
type EventRow struct {
	deal.Entry
	ID      int64 // grows over all deals, with gaps
	Seq     int64 // 1, 2, 3… within the deal
	DealID  string
	Company string
	Owner   string // of the deal, now
}

const eventSelect = `SELECT e.id, e.seq, e.at, e.type, e.actor, e.stage, e.data, d.id, d.company, d.owner
	FROM events e JOIN deals d ON d.n = e.deal_n`

func scanEvent(row scanner) (EventRow, error) {
	var e EventRow
	return e, row.Scan(&e.ID, &e.Seq, moment{&e.At}, &e.Type, &e.Actor, &e.Stage, document{&e.Data}, &e.DealID, &e.Company, &e.Owner)
}

// feedLock is held shared by whoever writes events in PostgreSQL.
const feedLock = 0x64656c77

// Append adds lines to the deal's timeline.
func (d *DealTx) Append(entries []deal.Entry) error {
	if err := d.story.tell(entries); err != nil {
		return err
	}
	if d.c.postgres && len(entries) > 0 {
		if _, err := d.c.exec(`SELECT pg_advisory_xact_lock_shared(?)`, feedLock); err != nil {
			return err
		}
	}
	for len(entries) > 0 {
		some := entries[:min(len(entries), 500)] // 7 arguments each, of 32766
		entries = entries[len(some):]
		args := make([]any, 0, 7*len(some))
		for _, e := range some {
			d.seq++
			data := any("")
			if len(e.Data) > 0 {
				data = document{e.Data}
			}
			args = append(args, d.n, d.seq, e.At, e.Type, e.Actor, e.Stage, data)
		}
		rows := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?), ", len(some)), ", ")
		if _, err := d.c.exec(`INSERT INTO events (deal_n, seq, at, type, actor, stage, data) VALUES `+rows, args...); err != nil {
			return err
		}
		d.appended = true
	}
	return nil
}

// Events is a deal's timeline, oldest first.
func (s *Store) Events(ctx context.Context, dealID, cursor string, limit int) (Page[EventRow], error) {
	var page Page[EventRow]
	after, err := decodeNumber(cursor, "events", 0)
	if err != nil {
		return page, err
	}
	c, end, err := s.snapshot(ctx)
	if err != nil {
		return page, wrap("list events", err)
	}
	defer end()
	var n int64
	if err := c.row(`SELECT n, events FROM deals WHERE id = ?`, []any{dealID}, &n, &page.Total); err != nil {
		return page, wrap("deal "+dealID, err)
	}
	limit = pageLimit(limit)
	page.Items, err = collect(c, scanEvent, eventSelect+` WHERE e.deal_n = ? AND e.seq > ? ORDER BY e.seq LIMIT ?`, n, after, limit+1)
	if err != nil {
		return page, wrap("timeline of deal "+dealID, err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = encodeCursor("events", integer(page.Items[limit-1].Seq))
	}
	return page, nil
}

// EventsAfter is the feed of all deals' timelines, from behind an event's ID.
// None is ever missed by going on from the last ID it gave.
func (s *Store) EventsAfter(ctx context.Context, after int64, limit int) ([]EventRow, error) {
	limit = pageLimit(limit)
	events, err := collect(s.read(ctx), scanEvent, eventSelect+` WHERE e.id > ? ORDER BY e.id LIMIT ?`, after, limit)
	if err == nil && s.postgres && len(events) > 0 {
		last := events[len(events)-1].ID
		if last-after != int64(len(events)) {
			// A number is missing: it was rolled back, or its transaction is not
			// done yet and would be overtaken.
			events, err = s.settledEvents(ctx, after, last, limit)
		}
	}
	return events, wrap("event feed", err)
}

// settledEvents reads events when nobody who has taken a number up to last is
// still about to commit it.
func (s *Store) settledEvents(ctx context.Context, after, last int64, limit int) (events []EventRow, err error) {
	err = s.transact(ctx, func(c conn) error {
		if _, err := c.exec(`SELECT pg_advisory_xact_lock(?)`, feedLock); err != nil {
			return err
		}
		events, err = collect(c, scanEvent, eventSelect+` WHERE e.id > ? AND e.id <= ? ORDER BY e.id LIMIT ?`, after, last, limit)
		return err
	})
	return events, err
}

// LastEvent is the ID that a feed of what is still to come begins behind.
func (s *Store) LastEvent(ctx context.Context) (int64, error) {
	var id int64
	err := s.read(ctx).row(`SELECT id FROM events ORDER BY id DESC LIMIT 1`, nil, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, wrap("event feed", err)
}
