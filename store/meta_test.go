package store

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLease(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		now := noon
		s.now = func() time.Time { return now }
		take := func(holder string, want bool) {
			t.Helper()
			if got, err := s.Lease(t.Context(), "outbox/acme", holder, time.Minute); got != want || err != nil {
				t.Errorf("%s: %v, %v; want %v", holder, got, err, want)
			}
		}
		take("one", true)
		take("two", false)
		now = now.Add(59 * time.Second)
		take("one", true) // renewed
		now = now.Add(59 * time.Second)
		take("two", false)
		now = now.Add(time.Second)
		take("two", true) // run out
		take("one", false)
		ok(t, s.Release(t.Context(), "outbox/acme", "one")) // not its own
		take("one", false)
		ok(t, s.Release(t.Context(), "outbox/acme", "two"))
		take("one", true)
	})
}

func TestClockKeepsItsSpeed(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		s.now = func() time.Time { return noon }
		first, err := s.Clock(t.Context(), 1440)
		ok(t, err)
		s.now = func() time.Time { return noon.Add(time.Hour) }
		again, err := s.Clock(t.Context(), 1440)
		ok(t, err)
		if want := (Epoch{Wall: noon, Deal: noon, Speed: 1440}); first != want || again != want {
			t.Errorf("epochs %+v, %+v; want %+v", first, again, want)
		}
		if _, err := s.Clock(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "--speed 1440") {
			t.Errorf("another speed: %v", err)
		}
	})
}

func TestVersions(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ok(t, s.PutVersion(t.Context(), "acme", "sales", "v1", []byte(`{"a":1}`), noon))
		ok(t, s.PutVersion(t.Context(), "acme", "sales", "v1", []byte(`{"a":1}`), noon.Add(time.Hour)))
		ok(t, s.PutVersion(t.Context(), "acme", "sales", "v2", []byte(`{"a":2}`), noon.Add(time.Hour)))
		ok(t, s.PutVersion(t.Context(), "other", "sales", "v1", []byte(`{"a":1}`), noon))
		added(t, s, state("a"))
		closed := state("b")
		closed.ClosedAt = noon
		added(t, s, closed)
		got, err := s.Versions(t.Context(), "acme", "sales")
		ok(t, err)
		want := []VersionRow{
			{Company: "acme", Process: "sales", Hash: "v2", Spec: []byte(`{"a":2}`), FirstLive: noon.Add(time.Hour)},
			{Company: "acme", Process: "sales", Hash: "v1", Spec: []byte(`{"a":1}`), FirstLive: noon, Deals: 1},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("versions\n%+v\nwant\n%+v", got, want)
		}
		one, err := s.Version(t.Context(), "v2")
		ok(t, err)
		if !reflect.DeepEqual(*one, want[0]) {
			t.Errorf("version %+v", one)
		}
		if _, err := s.Version(t.Context(), "v3"); !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown version: %v", err)
		}
	})
}

func TestIdempotencyKey(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		look := func(scope, hash string) (string, bool, bool) {
			t.Helper()
			response, found, conflict, err := s.Idempotent(t.Context(), scope, "key", hash)
			ok(t, err)
			return string(response), found, conflict
		}
		if _, found, _ := look("acme", "h"); found {
			t.Error("found before it was saved")
		}
		for _, response := range []string{"first", "second"} {
			ok(t, s.SaveIdempotent(t.Context(), "acme", "key", "h", []byte(response)))
		}
		if response, found, conflict := look("acme", "h"); response != "first" || !found || conflict {
			t.Errorf("again: %q, %v, %v", response, found, conflict)
		}
		if response, _, conflict := look("acme", "another"); response != "" || !conflict {
			t.Errorf("another request: %q, %v", response, conflict)
		}
		if _, found, _ := look("other", "h"); found {
			t.Error("found in another scope")
		}
	})
}

func TestFiles(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		for _, data := range [][]byte{bytes.Repeat([]byte{0, 255}, 1<<20), nil} {
			key, err := s.PutFile(t.Context(), "a", "Договор.pdf", "application/pdf", data)
			ok(t, err)
			file, err := s.File(t.Context(), key)
			ok(t, err)
			if file.DealID != "a" || file.Name != "Договор.pdf" || file.ContentType != "application/pdf" || !bytes.Equal(file.Data, data) {
				t.Errorf("file %s of deal %s, %s, %d bytes", file.Name, file.DealID, file.ContentType, len(file.Data))
			}
		}
		if _, err := s.PutFile(t.Context(), "nobody", "x", "text/plain", nil); !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown deal: %v", err)
		}
	})
}

func TestNewIDsGrowWithTime(t *testing.T) {
	var made []string
	for i := range 1000 {
		made = append(made, idAt(noon.Add(time.Duration(i)*time.Millisecond)))
	}
	if !slices.IsSorted(made) || len(slices.Compact(made)) != 1000 || len(made[0]) != 20 {
		t.Errorf("ids %v…", made[:3])
	}
	if id := NewDealID(); len(id) != 20 || id == NewDealID() {
		t.Errorf("id %q", id)
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	_, err := s.write(t.Context()).exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, ?)`, 99, true)
	ok(t, err)
	if _, err := Open(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("opened: %v", err)
	}
}
