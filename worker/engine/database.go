package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
)

const (
	databaseFile = "temporal.db"
	// unfinishedFile is a database that is being made; it takes its name only when it is whole.
	unfinishedFile = "temporal.db.new"
	// driver is the name under which Temporal's SQLite plugin brings modernc.org/sqlite along.
	driver = "sqlite"
)

// starts numbers the databases that this process opened. Temporal's plugin never closes a connection and finds it
// again by its name; with a number in the name no start is given the connection of an earlier one, which may belong
// to a file that was moved away since.
var starts atomic.Int64

// database is where one engine keeps its data.
type database struct {
	// dir is empty for a database in memory.
	dir string
	sql *config.SQL
}

// String names the place for an error.
func (d database) String() string {
	if d.dir == "" {
		return "memory"
	}
	return "data folder " + d.dir
}

// openDatabase finds or makes the database, with its namespace.
func openDatabase(ctx context.Context, options Options) (database, error) {
	if options.Dir == "" {
		return openMemory(ctx, options)
	}
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return database{}, fmt.Errorf("data folder %s: %w", options.Dir, err)
	}
	data := database{dir: dir, sql: connection(uri(filepath.Join(dir, databaseFile)), map[string]string{
		"mode":         "rw",
		"journal_mode": "wal",
		"busy_timeout": "5000",
	})}
	if err := openFolder(ctx, dir); err != nil {
		return database{}, err
	}
	if err := createNamespace(data, options); err != nil {
		return database{}, fmt.Errorf("%s: open %s: %w", data, databaseFile, err)
	}
	return data, nil
}

func openMemory(ctx context.Context, options Options) (database, error) {
	name := "dealwright-" + strconv.FormatInt(starts.Load(), 10)
	data := database{sql: connection(name, map[string]string{"mode": "memory", "cache": "shared"})}
	// The plugin sets the schema up by itself here, and keeps the database alive.
	if err := createNamespace(data, options); err != nil {
		return database{}, fmt.Errorf("open Temporal's database in memory: %w", err)
	}
	db, err := sql.Open(driver, "file:"+name+"?mode=memory&cache=shared")
	if err != nil {
		return database{}, fmt.Errorf("open Temporal's database in memory: %w", err)
	}
	defer db.Close()
	if err := inTransaction(ctx, db, func(tx *sql.Tx) error { return slim(ctx, tx) }); err != nil {
		return database{}, fmt.Errorf("set up Temporal's database in memory: %w", err)
	}
	return data, nil
}

// connection says how Temporal opens a database: over one connection, because more of them get in each other's way.
func connection(name string, attributes map[string]string) *config.SQL {
	attributes["setup"] = strconv.FormatInt(starts.Add(1), 10)
	return &config.SQL{
		PluginName:        sqlite.PluginName,
		DatabaseName:      name,
		ConnectAttributes: attributes,
		MaxConns:          1,
		MaxIdleConns:      1,
	}
}

// uri escapes a path for a SQLite URI, where ?, # and % mean something.
func uri(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// makeDatabase makes the database under another name, so that a folder never holds half a schema.
func makeDatabase(ctx context.Context, dir string) error {
	unfinished := filepath.Join(dir, unfinishedFile)
	for _, left := range []string{unfinished, unfinished + "-journal"} {
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	// Created here, the file is readable by its owner only, and SQLite gives its helpers the same rights.
	file, err := os.OpenFile(unfinished, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	db, err := sql.Open(driver, "file:"+uri(unfinished)+"?mode=rw")
	if err != nil {
		return err
	}
	if err := errors.Join(createSchema(ctx, db), db.Close()); err != nil {
		return errors.Join(err, os.Remove(unfinished))
	}
	return nil
}

// fold moves the write-ahead log into the file, so that a stopped engine leaves one file behind.
func (d database) fold() error {
	if d.dir == "" {
		return nil
	}
	db, err := sql.Open(driver, "file:"+d.sql.DatabaseName+"?mode=rw&_pragma=busy_timeout=1000")
	if err != nil {
		return err
	}
	_, err = db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, db.Close())
}
