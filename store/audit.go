package store

import (
	"context"
	"time"
)

// AuditRow is a change that was asked for through the API.
type AuditRow struct {
	N         int64
	At        time.Time // wall time
	Actor     string
	Role      string
	Company   string
	DealID    string
	Operation string
	Target    string // the address that was called
	Status    int    // of the answer
}

// AddAudit keeps a row for good; its time is now.
func (s *Store) AddAudit(ctx context.Context, r AuditRow) error {
	_, err := s.write(ctx).exec(`INSERT INTO audit (at, actor, role, company, deal_id, operation, target, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		s.now(), r.Actor, r.Role, r.Company, r.DealID, r.Operation, r.Target, r.Status)
	return wrap("audit", err)
}

// AuditFilter chooses rows; an empty part does not restrict.
type AuditFilter struct {
	Company string
	Actor   string
	DealID  string
	Limit   int
	Cursor  string
}

// Audit lists what was asked for, newest first.
func (s *Store) Audit(ctx context.Context, f AuditFilter) (Page[AuditRow], error) {
	var page Page[AuditRow]
	before, err := decodeNumber(f.Cursor, "audit", never)
	if err != nil {
		return page, err
	}
	var where condition
	where.equal("company", f.Company)
	where.equal("actor", f.Actor)
	where.equal("deal_id", f.DealID)
	c, end, err := s.snapshot(ctx)
	if err != nil {
		return page, wrap("list the audit", err)
	}
	defer end()
	if err := c.row(`SELECT COUNT(*) FROM audit`+where.String(), where.args, &page.Total); err != nil {
		return page, wrap("count the audit", err)
	}
	where.add("n < ?", before)
	limit := pageLimit(f.Limit)
	page.Items, err = collect(c, func(row scanner) (AuditRow, error) {
		var r AuditRow
		return r, row.Scan(&r.N, moment{&r.At}, &r.Actor, &r.Role, &r.Company, &r.DealID, &r.Operation, &r.Target, &r.Status)
	}, `SELECT n, at, actor, role, company, deal_id, operation, target, status FROM audit`+where.String()+` ORDER BY n DESC LIMIT ?`, append(where.args, limit+1)...)
	if err != nil {
		return page, wrap("read the audit", err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = encodeCursor("audit", integer(page.Items[limit-1].N))
	}
	return page, nil
}
