package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// openPostgres connects to a PostgreSQL database; every process has its own
// small pool.
func (s *Store) openPostgres(ctx context.Context, dsn string) error {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return fmt.Errorf("store: database address: %w", err) // pgx leaves the password out
	}
	s.postgres = true
	s.writer = stdlib.OpenDB(*config)
	s.reader = s.writer
	s.writer.SetMaxOpenConns(16)
	s.writer.SetMaxIdleConns(16)
	s.writer.SetConnMaxIdleTime(5 * time.Minute)
	if err := s.writer.PingContext(ctx); err != nil {
		_ = s.writer.Close()
		return fmt.Errorf("store: connect to PostgreSQL at %s:%d: %w", config.Host, config.Port, explain(err))
	}
	return nil
}
