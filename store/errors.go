package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrNotFound is what a call answers when the thing it names does not exist.
var ErrNotFound = errors.New("not found")

// ErrUnavailable is in every error that says nothing about the request: the
// database cannot be reached or cannot write now. The call may be repeated.
var ErrUnavailable = errors.New("the database is unavailable")

// ErrOtherRequest is what a call answers whose idempotency key belongs to another
// request.
var ErrOtherRequest = errors.New("the key belongs to another request")

// ErrStale is what a change answers that was meant for another revision of the deal.
var ErrStale = errors.New("the deal has changed in between")

// BadQuery is the answer to a list asked for with an impossible parameter.
type BadQuery struct {
	Param   string // cursor or sort
	Message string
}

func (b *BadQuery) Error() string { return b.Param + ": " + b.Message }

// wrap names the action of an error of the database; nil stays nil.
func wrap(action string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("store: %s: %w", action, explain(err))
}

// explain adds the remedy to the faults that an operator can mend, and marks
// what callers branch on.
func explain(err error) error {
	if errors.Is(err, ErrUnavailable) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrOtherRequest) {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err // the caller gave up
	}
	if lite, is := errors.AsType[*sqlite.Error](err); is {
		return explainSQLite(lite.Code(), err)
	}
	if server, is := errors.AsType[*pgconn.PgError](err); is {
		return explainPostgres(server.Code, err)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return unavailable("check that PostgreSQL runs and can be reached", err)
	}
	return err
}

func explainSQLite(code int, err error) error {
	if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	switch code & 0xff { // the rest of the code is detail
	case sqlite3.SQLITE_FULL:
		return unavailable("the disk is full: free some space", err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return unavailable("another process holds dealwright.db: run one server to a data folder", err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return unavailable("dealwright.db cannot be opened for writing: check who owns the data folder and its permissions", err)
	case sqlite3.SQLITE_IOERR:
		return unavailable("the disk failed to read or write dealwright.db: check the disk and the system's log", err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return unavailable("dealwright.db is damaged: restore it from a backup", err)
	}
	return err
}

func explainPostgres(code string, err error) error {
	switch code {
	case "23503": // a foreign key names nothing
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case "25P03": // a transaction that did nothing was ended
		return unavailable("this process hung for some seconds in the middle of its work", err)
	}
	switch code[:2] {
	case "08", "57": // connection lost; shut down or starting
		return unavailable("check that PostgreSQL runs and can be reached", err)
	case "53": // disk, memory or connections used up
		return unavailable("PostgreSQL has run out of disk, memory or connections", err)
	case "25": // a standby, or made read-only
		return unavailable("PostgreSQL accepts no writes: check that it is the primary server", err)
	case "55": // waited for a row in vain
		return unavailable("another transaction holds the row: a process that hangs is given up after some seconds", err)
	case "40": // a deadlock or a conflict, undone whole
		return unavailable("two transactions were in each other's way", err)
	}
	return err
}

func unavailable(remedy string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, remedy, err)
}
