package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// conn runs queries, inside a transaction or outside of one. Queries are
// written with ? for their arguments on both databases.
type conn struct {
	ctx      context.Context // a conn lives no longer than the call that made it
	on       runner
	postgres bool
}

// runner is a database, a transaction, or one whose statements are kept.
type runner interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// scanner is a row to be read.
type scanner interface{ Scan(...any) error }

// transact runs fn in one transaction: all of it is committed, or nothing.
func (s *Store) transact(ctx context.Context, fn func(conn) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // has no effect once committed
	if s.postgres {
		if err := fn(conn{ctx, tx, true}); err != nil {
			return err
		}
		return tx.Commit()
	}
	on := &prepared{tx: tx, of: &s.statements}
	if err := fn(conn{ctx, on, false}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.statements.keep(ctx, s.writer, on.missed)
	return nil
}

// read is for queries outside of a transaction, write for single statements.
func (s *Store) read(ctx context.Context) conn  { return conn{ctx, s.reader, s.postgres} }
func (s *Store) write(ctx context.Context) conn { return conn{ctx, s.writer, s.postgres} }

// snapshot is for several queries that must see the same moment, such as a page
// and the number of all; end it when done.
func (s *Store) snapshot(ctx context.Context) (c conn, end func(), err error) {
	var options *sql.TxOptions
	if s.postgres {
		options = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	tx, err := s.reader.BeginTx(ctx, options)
	if err != nil {
		return conn{}, nil, err
	}
	return conn{ctx, tx, s.postgres}, func() { _ = tx.Rollback() }, nil
}

// exec runs a statement and tells how many rows it touched.
func (c conn) exec(query string, args ...any) (int64, error) {
	args, err := values(args)
	if err != nil {
		return 0, err
	}
	result, err := c.on.ExecContext(c.ctx, c.rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// row reads one row; none is sql.ErrNoRows.
func (c conn) row(query string, args []any, into ...any) error {
	args, err := values(args)
	if err != nil {
		return err
	}
	return c.on.QueryRowContext(c.ctx, c.rebind(query), args...).Scan(into...)
}

// collect reads all rows of a query.
func collect[T any](c conn, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	args, err := values(args)
	if err != nil {
		return nil, err
	}
	rows, err := c.on.QueryContext(c.ctx, c.rebind(query), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// locking ends a SELECT whose rows are to stay as they are until the
// transaction ends. SQLite's one writer needs none.
func (c conn) locking() string {
	if c.postgres {
		return " FOR NO KEY UPDATE"
	}
	return ""
}

// rebind numbers a query's arguments for PostgreSQL. No query holds a question
// mark in a literal.
func (c conn) rebind(query string) string {
	if !c.postgres {
		return query
	}
	var b strings.Builder
	b.Grow(len(query) + 32)
	n := 0
	for {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		query = after
	}
}

// values makes arguments of what both databases store alike.
func values(args []any) ([]any, error) {
	out := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case time.Time:
			out[i] = micros(v)
		case time.Duration:
			out[i] = v.Microseconds()
		case string:
			out[i] = clean(v)
		case []byte:
			out[i] = append([]byte{}, v...) // nil would be NULL
		case driver.Valuer:
			value, err := v.Value()
			if err != nil {
				return nil, err
			}
			out[i] = value
		default:
			out[i] = arg
		}
	}
	return out, nil
}

// clean takes out what PostgreSQL refuses in text and mail may hold: NUL and
// bytes that are not UTF-8.
func clean(text string) string {
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "")
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// micros is how a time is stored.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment reads a stored time.
type moment struct{ t *time.Time }

// Scan implements sql.Scanner.
func (m moment) Scan(stored any) error {
	n, ok := stored.(int64)
	if !ok {
		return fmt.Errorf("a time is stored as %T, not as a whole number", stored)
	}
	*m.t = time.Time{}
	if n != 0 {
		*m.t = time.UnixMicro(n).UTC()
	}
	return nil
}

// document stores v as JSON, and reads it back when v is a pointer.
type document struct{ v any }

// Value implements driver.Valuer.
func (d document) Value() (driver.Value, error) {
	text, err := json.Marshal(d.v)
	return string(text), err
}

// Scan implements sql.Scanner. An empty text leaves v as it is.
func (d document) Scan(stored any) error {
	switch text := stored.(type) {
	case string:
		if text == "" {
			return nil
		}
		return json.Unmarshal([]byte(text), d.v)
	case []byte:
		return json.Unmarshal(text, d.v)
	}
	return fmt.Errorf("a document is stored as %T, not as text", stored)
}

// placeholders is "?, ?, ?" for n arguments.
func placeholders(n int) string {
	return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
}

// anys makes arguments of a list.
func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}
