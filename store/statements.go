package store

import (
	"context"
	"database/sql"
	"sync"
)

// maxStatements bounds the prepared statements that are kept: queries are
// written out in the code, but lists vary in their number of arguments.
const maxStatements = 200

// statements keeps the prepared statements of SQLite's one writer: to parse a
// statement costs more than to run it. The driver of PostgreSQL keeps its own.
type statements struct {
	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

func (s *statements) find(query string) *sql.Stmt {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.kept[query]
}

// keep prepares the queries that a transaction had to do without. It runs after
// the transaction has ended, because that held the only connection. A query
// that cannot be prepared is run as it is the next time, and says why then.
func (s *statements) keep(ctx context.Context, db *sql.DB, queries []string) {
	for _, query := range queries {
		if s.find(query) != nil {
			continue
		}
		statement, err := db.PrepareContext(ctx, query)
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.kept == nil {
			s.kept = map[string]*sql.Stmt{}
		}
		if s.kept[query] != nil || len(s.kept) >= maxStatements {
			_ = statement.Close() //nolint:sqlclosecheck // what is kept stays open
		} else {
			s.kept[query] = statement
		}
		s.mu.Unlock()
	}
}

// close lets the statements go before their database.
func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, statement := range s.kept {
		_ = statement.Close()
	}
	s.kept = nil
}

// prepared is a transaction that uses kept statements and notes which are
// missing.
type prepared struct {
	tx     *sql.Tx
	of     *statements
	missed []string
}

func (p *prepared) statement(ctx context.Context, query string) *sql.Stmt {
	if kept := p.of.find(query); kept != nil {
		return p.tx.StmtContext(ctx, kept)
	}
	p.missed = append(p.missed, query)
	return nil
}

// ExecContext is the transaction's.
func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if st := p.statement(ctx, query); st != nil { //nolint:sqlclosecheck // its transaction closes it
		return st.ExecContext(ctx, args...)
	}
	return p.tx.ExecContext(ctx, query, args...)
}

// QueryContext is the transaction's.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if st := p.statement(ctx, query); st != nil { //nolint:sqlclosecheck // its transaction closes it
		return st.QueryContext(ctx, args...)
	}
	return p.tx.QueryContext(ctx, query, args...)
}

// QueryRowContext is the transaction's.
func (p *prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if st := p.statement(ctx, query); st != nil { //nolint:sqlclosecheck // its transaction closes it
		return st.QueryRowContext(ctx, args...)
	}
	return p.tx.QueryRowContext(ctx, query, args...)
}
