package store

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/dealwright/dealwright/deal"
)

//go:embed migrations/0001_schema.sql
var schemaSQL string

//go:embed migrations/0002_accounts_of_mail.sql
var accountsOfMailSQL string

//go:embed migrations/0003_access_and_reports.sql
var accessAndReportsSQL string

//go:embed migrations/0004_participants_by_address.sql
var participantsByAddressSQL string

//go:embed migrations/0005_quick_lists.sql
var quickListsSQL string

//go:embed migrations/0006_people.sql
var peopleSQL string

//go:embed migrations/0007_shared_mailboxes.sql
var sharedMailboxesSQL string

//go:embed migrations/0008_numbers.sql
var numbersSQL string

//go:embed migrations/0009_waiting.sql
var waitingSQL string

// migrations are the versions of the tables, the first of them 1.
func (s *Store) migrations() []*goose.Migration {
	return []*goose.Migration{
		goose.NewGoMigration(1, &goose.GoFunc{RunTx: s.makeTables}, nil),
		goose.NewGoMigration(2, &goose.GoFunc{RunTx: accountForMail}, nil),
		goose.NewGoMigration(3, &goose.GoFunc{RunTx: s.reportAndGrant}, nil),
		goose.NewGoMigration(4, &goose.GoFunc{RunTx: findParticipants}, nil),
		goose.NewGoMigration(5, &goose.GoFunc{RunTx: s.quickenLists}, nil),
		goose.NewGoMigration(6, &goose.GoFunc{RunTx: s.countPeople}, nil),
		goose.NewGoMigration(7, &goose.GoFunc{RunTx: noteSharing}, nil),
		goose.NewGoMigration(8, &goose.GoFunc{RunTx: s.number}, nil),
		goose.NewGoMigration(9, &goose.GoFunc{RunTx: s.noteWaiting}, nil),
	}
}

// migrate brings the tables to this program's version, and refuses a database
// that a newer one has written.
func (s *Store) migrate(ctx context.Context) error {
	migrations := s.migrations()
	dialect := goose.DialectSQLite3
	options := []goose.ProviderOption{goose.WithGoMigrations(migrations...), goose.WithDisableGlobalRegistry(true)}
	if s.postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker() // several processes may start at once
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, s.writer, nil, options...)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return err
	}
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	if known := int64(len(migrations)); version > known {
		return fmt.Errorf("the database has version %d and this program knows versions to %d: run the newer program that wrote it", version, known)
	}
	return nil
}

func (s *Store) makeTables(ctx context.Context, tx *sql.Tx) error {
	if !s.postgres {
		_, err := tx.ExecContext(ctx, inSQLite(schemaSQL))
		return err
	}
	if _, err := tx.ExecContext(ctx, schemaSQL+`; SAVEPOINT plain`); err != nil {
		return err
	}
	// An index over parts of words is an extension that a server may lack or
	// not allow: then the table is read through, as SQLite does.
	if _, err := tx.ExecContext(ctx, `CREATE EXTENSION IF NOT EXISTS pg_trgm;
		CREATE INDEX deal_search_text ON deal_search USING gin (text gin_trgm_ops)`); err != nil {
		_, err = tx.ExecContext(ctx, `ROLLBACK TO SAVEPOINT plain`)
		return err
	}
	return nil
}

func accountForMail(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, accountsOfMailSQL)
	return err
}

func (s *Store) reportAndGrant(ctx context.Context, tx *sql.Tx) error {
	text := accessAndReportsSQL
	if !s.postgres {
		text = inSQLite(text)
	}
	_, err := tx.ExecContext(ctx, text)
	return err
}

func findParticipants(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, participantsByAddressSQL)
	return err
}

// quickenLists gives lists their indexes; PostgreSQL has its own over parts of
// words since makeTables.
func (s *Store) quickenLists(ctx context.Context, tx *sql.Tx) error {
	text := quickListsSQL
	if !s.postgres {
		text += `;
			CREATE VIRTUAL TABLE deal_words USING fts5(text, content = '', contentless_delete = 1, tokenize = 'trigram');
			INSERT INTO deal_words (rowid, text) SELECT n, text FROM deal_search`
	}
	_, err := tx.ExecContext(ctx, text)
	return err
}

func (s *Store) countPeople(ctx context.Context, tx *sql.Tx) error {
	text := peopleSQL
	if !s.postgres {
		text = inSQLite(text)
	}
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return err
	}
	return writeAllTasks(conn{ctx, tx, s.postgres})
}

func noteSharing(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, sharedMailboxesSQL)
	return err
}

// number gives visits and finished tasks their numbers, and tells the stories
// of timelines that are older than stories are.
func (s *Store) number(ctx context.Context, tx *sql.Tx) error {
	text := numbersSQL
	if !s.postgres {
		text = inSQLite(text)
	}
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return err
	}
	c := conn{ctx, tx, s.postgres}
	var visits int
	if err := c.row(`SELECT COUNT(*) FROM visits`, nil, &visits); err != nil || visits > 0 {
		return err
	}
	return tellAll(c)
}

func (s *Store) noteWaiting(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, waitingSQL); err != nil {
		return err
	}
	return writeAllWaits(conn{ctx, tx, s.postgres})
}

func writeAllTasks(c conn) error {
	return eachStanding(c, func(n int64, state *deal.State) error {
		return writeTasks(c, n, state.Company, nil, openTasks(state))
	})
}

func writeAllWaits(c conn) error {
	return eachStanding(c, func(n int64, state *deal.State) error {
		if !state.Waits() {
			return nil
		}
		_, err := c.exec(`UPDATE deals SET waits = TRUE WHERE n = ?`, n)
		return err
	})
}

// eachStanding takes the deals that are not closed, one after the other: to make
// up for what was not written of them before.
func eachStanding(c conn, do func(n int64, state *deal.State) error) error {
	type row struct {
		n     int64
		state deal.State
	}
	for after := int64(0); ; {
		rows, err := collect(c, func(from scanner) (row, error) {
			var r row
			return r, from.Scan(&r.n, document{&r.state})
		}, `SELECT d.n, s.state FROM deals d JOIN deal_states s ON s.n = d.n WHERE d.n > ? AND d.closed_at = 0 ORDER BY d.n LIMIT 1000`, after)
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			if err := do(rows[i].n, &rows[i].state); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].n
	}
}

// inSQLite puts SQLite's word for a column that counts up.
func inSQLite(text string) string {
	return strings.ReplaceAll(text, "BIGSERIAL PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT")
}
