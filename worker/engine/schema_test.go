package engine

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/server/schema/sqlite"
)

// onVisibility lists what hangs on the visibility table, and what is named after it.
func onVisibility(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.Query(`SELECT type || ' ' || name FROM sqlite_master
		WHERE (tbl_name LIKE 'executions_visibility%') AND sql IS NOT NULL ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func empty(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, filepath.Join(t.TempDir(), "some.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// A change of Temporal's schema shows here first: what slim takes away is counted against the pinned version.
func TestSlimVisibility(t *testing.T) {
	stock := empty(t)
	err := inTransaction(t.Context(), stock, func(tx *sql.Tx) error { return sqlite.SetupSchemaOnDB(schemaWriter{tx: tx}) })
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, one := range onVisibility(t, stock) {
		kind, _, _ := strings.Cut(one, " ")
		counts[kind]++
	}
	if counts["index"] != 58 || counts["trigger"] != 3 {
		t.Errorf("Temporal %s has %d indexes and %d triggers on %s: look at what is new before it is dropped",
			Version, counts["index"], counts["trigger"], visibilityTable)
	}

	slimmed := empty(t)
	if err := createSchema(t.Context(), slimmed); err != nil {
		t.Fatal(err)
	}
	want := []string{"index " + visibilityIndex, "table " + visibilityTable}
	if got := onVisibility(t, slimmed); !slices.Equal(got, want) {
		t.Errorf("left are %q, not %q", got, want)
	}
}

// Temporal itself goes on writing the table and can list from it.
func TestAListingWorksOnSlimVisibility(t *testing.T) {
	temporal, end := mustConnect(t, shared)
	defer end()
	const id = "listed"
	run, err := temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, greet, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		list, err := temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: "WorkflowId = 'listed' AND ExecutionStatus = 'Completed'",
		})
		if err != nil {
			t.Fatal(err)
		}
		// Temporal writes this table behind the workflow, so the row may come later.
		if len(list.GetExecutions()) == 1 {
			return
		}
	}
}
