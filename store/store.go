// Package store keeps everything that lasts: deals and their timelines, what
// mail became, letters to be sent, process versions. It runs on SQLite in one
// folder, or on PostgreSQL shared by several workers and API servers, through
// one set of queries. What a call wrote is on disk and readable when it
// returns.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	writer   *sql.DB
	reader   *sql.DB // the writer itself on PostgreSQL
	postgres bool
	now      func() time.Time // wall time

	statements statements
}

// Open opens the database that dsn names, making or upgrading its tables: a
// folder or file:folder holds SQLite's dealwright.db, postgres://… is a
// PostgreSQL database that exists.
func Open(ctx context.Context, dsn string) (*Store, error) {
	s := &Store{now: time.Now}
	var err error
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		err = s.openPostgres(ctx, dsn)
	} else {
		err = s.openSQLite(strings.TrimPrefix(dsn, "file:"))
	}
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("store: prepare the tables: %w", explain(err))
	}
	return s, nil
}

// Close waits for running queries and closes the database.
func (s *Store) Close() error {
	s.statements.close()
	var readerErr error
	if s.reader != s.writer {
		readerErr = s.reader.Close()
	}
	if err := s.writer.Close(); err != nil {
		return fmt.Errorf("store: close: %w", err)
	}
	if readerErr != nil {
		return fmt.Errorf("store: close: %w", readerErr)
	}
	return nil
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return wrap("reach the database", s.reader.PingContext(ctx))
}
