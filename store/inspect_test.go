package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInspectReadsBesideAServer(t *testing.T) {
	folder := t.TempDir()
	server := open(t, folder)
	added(t, server, state("a"))
	want, err := server.Clock(t.Context(), 60)
	ok(t, err)
	s, err := Inspect(t.Context(), folder)
	ok(t, err)
	added(t, server, state("b"))
	for _, id := range []string{"a", "b"} {
		_, err = s.Deal(t.Context(), id)
		ok(t, err)
	}
	if epoch, err := s.Epoch(t.Context()); err != nil || epoch != want {
		t.Errorf("epoch is %+v, %v; want %+v", epoch, err, want)
	}
	if err := s.PutVersion(t.Context(), "acme", "sales", "v1", nil, noon); err == nil {
		t.Error("it can write")
	}
	ok(t, s.Close())
	added(t, server, state("c"))
}

func TestInspectReadsWhatNoServerHolds(t *testing.T) {
	folder := t.TempDir()
	s, err := Open(t.Context(), folder)
	ok(t, err)
	added(t, s, state("a"))
	ok(t, s.Close())
	s, err = Inspect(t.Context(), folder)
	ok(t, err)
	_, err = s.Deal(t.Context(), "a")
	ok(t, err)
	ok(t, s.Close())
}

func TestInspectMakesNothing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "none")
	if _, err := Inspect(t.Context(), folder); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("a folder was made")
	}
}

func TestInspectRefusesAnotherVersion(t *testing.T) {
	folder := t.TempDir()
	server := open(t, folder)
	_, err := server.writer.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
	ok(t, err)
	if _, err := Inspect(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("got %v", err)
	}
}
