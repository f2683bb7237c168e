package engine

import (
	"context"
	"database/sql"
	"fmt"

	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/schema/sqlite"
)

// visibilityTable is Temporal's own list of workflows. Dealwright asks its store instead, so of the table's indexes
// only the one behind a plain listing is kept: the others, with the full-text tables, are half the cost of a deal.
const (
	visibilityTable = "executions_visibility"
	visibilityIndex = "default_idx"
)

// visibilitySearch are the full-text tables. They go with the triggers that fill them, so that a query which needs
// them fails instead of finding nothing.
var visibilitySearch = []string{visibilityTable + "_fts_text", visibilityTable + "_fts_keyword_list"}

// schemaWriter lets Temporal's schema run inside a transaction of ours. Only Exec is called; all else stays nil.
type schemaWriter struct {
	sqlplugin.AdminDB
	tx *sql.Tx
}

// Exec runs one statement of the schema.
func (w schemaWriter) Exec(statement string, args ...any) error {
	_, err := w.tx.Exec(statement, args...)
	return err
}

// createSchema fills an empty database.
func createSchema(ctx context.Context, db *sql.DB) error {
	return inTransaction(ctx, db, func(tx *sql.Tx) error {
		if err := sqlite.SetupSchemaOnDB(schemaWriter{tx: tx}); err != nil {
			return err
		}
		return slim(ctx, tx)
	})
}

// slim takes from Temporal's visibility table what Dealwright never asks for. It is no schema change that Temporal
// supports, which is why it is done here only, to databases that this package made.
func slim(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT type, name FROM sqlite_master
		WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL AND name <> ?`, visibilityTable, visibilityIndex)
	if err != nil {
		return fmt.Errorf("list the visibility indexes: %w", err)
	}
	defer rows.Close()
	var drops []string
	for rows.Next() {
		var kind, name string
		if err := rows.Scan(&kind, &name); err != nil {
			return fmt.Errorf("list the visibility indexes: %w", err)
		}
		drops = append(drops, fmt.Sprintf("DROP %s %q", kind, name))
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list the visibility indexes: %w", err)
	}
	for _, table := range visibilitySearch {
		drops = append(drops, fmt.Sprintf("DROP TABLE %q", table))
	}
	for _, drop := range drops {
		if _, err := tx.ExecContext(ctx, drop); err != nil {
			return fmt.Errorf("%s: %w", drop, err)
		}
	}
	return nil
}

func inTransaction(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		// The first error is the one that tells; SQLite undoes the rest in any case.
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}
