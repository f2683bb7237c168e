package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Inspect opens a database that exists only to read it, beside a server that
// may be running on it: nothing is made, upgraded or changed.
func Inspect(ctx context.Context, dsn string) (*Store, error) {
	s := &Store{}
	var err error
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		err = s.openPostgres(ctx, dsn)
	} else {
		err = s.inspectSQLite(strings.TrimPrefix(dsn, "file:"))
	}
	if err != nil {
		return nil, err
	}
	var version int64
	known := int64(len(s.migrations()))
	err = s.read(ctx).row(`SELECT MAX(version_id) FROM goose_db_version WHERE is_applied`, nil, &version)
	if err == nil && version != known {
		err = fmt.Errorf("the database has version %d and this program reads version %d: use the program that runs the server", version, known)
	}
	if err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("store: read the tables: %w", explain(err))
	}
	return s, nil
}

func (s *Store) inspectSQLite(folder string) error {
	if _, err := os.Stat(filepath.Join(folder, sqliteFile)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store: %s holds no data: name the data folder of a server with --data: %w", folder, ErrNotFound)
	}
	if err := s.openSQLite(folder); err != nil {
		return err
	}
	err := s.writer.Close()
	s.writer = s.reader
	return err
}
