package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// hung is how long a transaction may do nothing, and how long the server goes
// on trying to reach a machine that does not answer. A process that hangs, or
// whose machine has gone, would otherwise keep its rows from all others for
// hours. Transactions here take milliseconds.
const hung = 5 * time.Second

// inLine is how long a transaction waits for a row that another holds. Of a
// process that hangs, transactions stand in the queue for a row, too: each that
// got it would keep it until its own end. They have left before the first is
// ended for doing nothing. Others try again.
const inLine = 3 * time.Second

// openPostgres connects to a PostgreSQL database; every process has its own
// small pool.
func (s *Store) openPostgres(ctx context.Context, dsn string) error {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return fmt.Errorf("store: database address: %w", err) // pgx leaves the password out
	}
	limit := strconv.FormatInt(hung.Milliseconds(), 10)
	config.RuntimeParams["idle_in_transaction_session_timeout"] = limit
	config.RuntimeParams["tcp_user_timeout"] = limit
	config.RuntimeParams["lock_timeout"] = strconv.FormatInt(inLine.Milliseconds(), 10)
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

// patient lets what follows in the transaction wait for its rows until whoever
// hangs with them is ended: a process that starts cannot do without.
func (c conn) patient() error {
	if !c.postgres {
		return nil
	}
	_, err := c.exec(`SET LOCAL lock_timeout = 0`)
	return err
}
