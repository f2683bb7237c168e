package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pragma sets something on the one connection that writes.
func pragma(t *testing.T, s *Store, text string) {
	t.Helper()
	_, err := s.writer.Exec("PRAGMA " + text)
	ok(t, err)
}

func TestSQLiteInTrouble(t *testing.T) {
	big := strings.Repeat("x", 1<<20)
	tests := []struct {
		name   string
		begin  func(*testing.T, *Store, string)
		end    func(*testing.T, *Store)
		remedy string
	}{
		{
			"disk full",
			func(t *testing.T, s *Store, _ string) { pragma(t, s, "max_page_count = 1") }, // as small as it is now
			func(t *testing.T, s *Store) { pragma(t, s, "max_page_count = 1000000") },
			"free some space",
		},
		{
			"not writable",
			func(t *testing.T, s *Store, _ string) { pragma(t, s, "query_only = 1") },
			func(t *testing.T, s *Store) { pragma(t, s, "query_only = 0") },
			"permissions",
		},
		{
			"locked by another process",
			func(t *testing.T, s *Store, folder string) {
				pragma(t, s, "busy_timeout = 1")
				other := open(t, folder)
				tx, err := other.writer.Begin()
				ok(t, err)
				release = func() { ok(t, tx.Rollback()) }
			},
			func(*testing.T, *Store) { release() },
			"one server to a data folder",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			s := open(t, folder)
			added(t, s, state("a"))
			write := func() error { return s.AddInput(t.Context(), Input{ID: "in", DealID: "a", Kind: big}) }
			test.begin(t, s, folder)
			err := write()
			if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), test.remedy) {
				t.Errorf("error %v, want one that says %q", err, test.remedy)
			}
			if _, err := s.Deal(t.Context(), "a"); err != nil {
				t.Errorf("reading: %v", err)
			}
			test.end(t, s)
			ok(t, write()) // no restart needed
		})
	}
}

// release ends what a test of TestSQLiteInTrouble began.
var release func()

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	ok(t, os.WriteFile(file, []byte("x"), 0o600))
	damaged := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(damaged, "dealwright.db"), []byte(strings.Repeat("not a database ", 1000)), 0o600))
	tests := []struct{ name, dsn, want string }{
		{"a file for a folder", file, "data folder"},
		{"a damaged database", damaged, "restore it from a backup"},
		{"an address without sense", "postgres://user:hunter2@host:port/db", "database address"},
		{"nobody at the address", "postgres://user:hunter2@127.0.0.1:1/db", "127.0.0.1:1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(t.Context(), test.dsn)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}
