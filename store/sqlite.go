package store

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

const sqliteFile = "dealwright.db"

// openSQLite opens dealwright.db in the folder: one connection that writes,
// which spares transactions the wait for each other's locks, and a few that
// read beside it.
func (s *Store) openSQLite(folder string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("store: folder %q: %w", folder, err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("store: make the data folder: %w", err)
	}
	path := filepath.Join(folder, sqliteFile)
	// FULL syncs the log at every commit: what was answered survives a power cut.
	s.writer, err = sql.Open("sqlite", sqliteDSN(path, "_txlock=immediate",
		"_pragma=busy_timeout(10000)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)",
		"_pragma=foreign_keys(1)", "_pragma=cache_size(-32000)"))
	if err != nil {
		return fmt.Errorf("store: open %s: %w", path, err)
	}
	s.writer.SetMaxOpenConns(1)
	s.reader, err = sql.Open("sqlite", sqliteDSN(path, "mode=ro",
		"_pragma=busy_timeout(10000)", "_pragma=query_only(1)", "_pragma=cache_size(-32000)"))
	if err != nil {
		_ = s.writer.Close()
		return fmt.Errorf("store: open %s: %w", path, err)
	}
	s.reader.SetMaxOpenConns(4)
	s.reader.SetMaxIdleConns(4)
	return nil
}

func sqliteDSN(path string, parameters ...string) string {
	return (&url.URL{Scheme: "file", Path: path}).String() + "?" + strings.Join(parameters, "&")
}
