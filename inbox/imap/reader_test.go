package imap_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/dealwright/dealwright/inbox/imap"
)

// errEnough ends a Watch from within its handler.
var errEnough = errors.New("enough")

// readAll watches until the folder is read to its end, and returns the batches.
func readAll(t *testing.T, reader *imap.Reader, from imap.Cursor, options imap.Options) []imap.Batch {
	t.Helper()
	var batches []imap.Batch
	err := reader.Watch(t.Context(), from, options, func(_ context.Context, b imap.Batch) error {
		batches = append(batches, b)
		if b.Last {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("watch ended with %v", err)
	}
	return batches
}

func uids(batches ...imap.Batch) []uint32 {
	var all []uint32
	for _, b := range batches {
		for _, m := range b.Messages {
			all = append(all, m.UID)
		}
	}
	return all
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestReadsEverythingInOrderAndChangesNothing(t *testing.T) {
	for _, mode := range []string{imap.ImplicitTLS, imap.StartTLS, imap.NoTLS} {
		t.Run(mode, func(t *testing.T) {
			s := start(t, setup{tls: mode})
			s.deliver("INBOX", 1, 7, 2000)
			account := s.account()
			account.TLS = mode
			_, account.RootCAs = certificate(t)
			began := time.Now()
			batches := readAll(t, imap.NewReader(account), imap.Cursor{}, imap.Options{BatchSize: 3})
			same(t, "uids", uids(batches...), []uint32{1, 2, 3, 4, 5, 6, 7})
			if len(batches) != 3 {
				t.Fatalf("%d batches, want 3", len(batches))
			}
			for i, want := range []struct {
				lag     int
				lastUID uint32
				last    bool
			}{{4, 3, false}, {1, 6, false}, {0, 7, true}} {
				b := batches[i]
				if b.Lag != want.lag || b.LastUID != want.lastUID || b.Last != want.last || b.Reset || b.UIDValidity != 1 {
					t.Errorf("batch %d: %+v", i, b)
				}
				if b.ReadAt.Before(began) || b.ReadAt.After(time.Now()) {
					t.Errorf("batch %d read at %v", i, b.ReadAt)
				}
			}
			first := batches[0].Messages[0]
			if string(first.Bytes) != body(1, 2000) || first.Size != 2000 || first.Truncated || first.Fault != "" {
				t.Errorf("first message: %d bytes, size %d", len(first.Bytes), first.Size)
			}
			if !first.InternalDate.Equal(time.Date(2026, 3, 2, 10, 1, 0, 0, time.UTC)) {
				t.Errorf("internal date %v", first.InternalDate)
			}
			if all, unseen, deleted := s.status("INBOX"); all != 7 || unseen != 7 || deleted != 0 {
				t.Errorf("the mailbox now has %d messages, %d unseen, %d deleted", all, unseen, deleted)
			}
		})
	}
}

func TestBatchesAreBoundedInBytes(t *testing.T) {
	s := start(t, setup{})
	s.deliver("INBOX", 1, 3, 1000)
	s.deliver("INBOX", 4, 4, 50_000)
	s.deliver("INBOX", 5, 6, 1000)
	batches := readAll(t, imap.NewReader(s.account()), imap.Cursor{}, imap.Options{BatchBytes: 2500, MaxSize: 9000})
	var shapes [][]uint32
	for _, b := range batches {
		shapes = append(shapes, uids(b))
	}
	same(t, "batches", shapes, [][]uint32{{1, 2}, {3}, {4}, {5, 6}})
	huge := batches[2].Messages[0]
	if !huge.Truncated || len(huge.Bytes) != 9000 || huge.Size != 50_000 || string(huge.Bytes) != body(4, 50_000)[:9000] {
		t.Errorf("the huge message: truncated %v, %d bytes of %d", huge.Truncated, len(huge.Bytes), huge.Size)
	}
}

func TestContinuesFromTheCursor(t *testing.T) {
	s := start(t, setup{})
	s.deliver("INBOX", 1, 5, 500)
	reader := imap.NewReader(s.account())
	same(t, "from the middle", uids(readAll(t, reader, imap.Cursor{UIDValidity: 1, LastUID: 3}, imap.Options{})...), []uint32{4, 5})
	// "6:*" names message 5 as well, which must not come again.
	atEnd := readAll(t, reader, imap.Cursor{UIDValidity: 1, LastUID: 5}, imap.Options{})
	if len(atEnd) != 1 || len(atEnd[0].Messages) != 0 || atEnd[0].LastUID != 5 || !atEnd[0].Last || atEnd[0].Reset {
		t.Errorf("from the end: %+v", atEnd)
	}
}

func TestEmptyFolder(t *testing.T) {
	s := start(t, setup{})
	batches := readAll(t, imap.NewReader(s.account()), imap.Cursor{}, imap.Options{})
	if len(batches) != 1 || len(batches[0].Messages) != 0 || batches[0].LastUID != 0 || batches[0].UIDValidity != 1 {
		t.Errorf("got %+v", batches)
	}
}

func TestCursorOfAnotherFolder(t *testing.T) {
	cases := []struct {
		name string
		from imap.Cursor
	}{
		{"the folder was made anew", imap.Cursor{UIDValidity: 7, LastUID: 2}},
		{"the folder was restored from an older copy", imap.Cursor{UIDValidity: 1, LastUID: 900}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, setup{})
			s.deliver("INBOX", 1, 3, 500)
			batches := readAll(t, imap.NewReader(s.account()), c.from, imap.Options{BatchSize: 2})
			same(t, "uids", uids(batches...), []uint32{1, 2, 3})
			if !batches[0].Reset || batches[1].Reset || batches[0].UIDValidity != 1 {
				t.Errorf("reset %v then %v", batches[0].Reset, batches[1].Reset)
			}
		})
	}
}

func TestFolderMadeAnewWhileWatched(t *testing.T) {
	s := start(t, setup{})
	s.deliver("INBOX", 1, 3, 500)
	wake := make(chan struct{}, 1)
	var second imap.Batch
	err := imap.NewReader(s.account()).Watch(t.Context(), imap.Cursor{}, imap.Options{Poll: time.Hour, Wake: wake}, func(_ context.Context, b imap.Batch) error {
		if b.UIDValidity == 1 {
			if err := errors.Join(s.user.Delete("INBOX"), s.user.Create("INBOX", nil)); err != nil {
				t.Fatal(err)
			}
			s.deliver("INBOX", 8, 9, 500)
			wake <- struct{}{}
			return nil
		}
		second = b
		return errEnough
	})
	if !errors.Is(err, errEnough) || !second.Reset || second.UIDValidity != 2 {
		t.Errorf("%v, %+v", err, second)
	}
	same(t, "uids", uids(second), []uint32{1, 2})
}

func TestLeavesOutWhatArrivedBefore(t *testing.T) {
	s := start(t, setup{})
	s.deliver("INBOX", 1, 9, 500)
	since := time.Date(2026, 3, 2, 10, 4, 0, 0, time.UTC)
	batches := readAll(t, imap.NewReader(s.account()), imap.Cursor{}, imap.Options{Since: since, BatchSize: 4})
	same(t, "uids", uids(batches...), []uint32{4, 5, 6, 7, 8, 9})
	batches = readAll(t, imap.NewReader(s.account()), imap.Cursor{}, imap.Options{Since: since.AddDate(1, 0, 0)})
	if len(batches) != 1 || len(batches[0].Messages) != 0 || batches[0].LastUID != 9 {
		t.Errorf("when all is older: %+v", batches)
	}
}

func TestList(t *testing.T) {
	s := start(t, setup{})
	s.deliver("INBOX", 1, 2, 300)
	s.put("INBOX", "Subject: none\r\n\r\n", time.Unix(0, 0))
	s.put("INBOX", "Subject: folded\r\nmessage-id:\r\n <folded@client.test>\r\nMessage-ID: <second@client.test>\r\n\r\n", time.Unix(0, 0))
	reader := imap.NewReader(s.account())
	var got []string
	validity, err := reader.List(t.Context(), "", func(e imap.Entry) error {
		got = append(got, fmt.Sprintf("%d %s %d", e.UID, e.MessageID, e.Size))
		return nil
	})
	if err != nil || validity != 1 {
		t.Fatal(validity, err)
	}
	same(t, "entries", got, []string{"1 <1@client.test> 300", "2 <2@client.test> 300", "3  17", "4 <folded@client.test> 89"})

	if _, err := reader.List(t.Context(), "", func(imap.Entry) error { return errEnough }); !errors.Is(err, errEnough) {
		t.Errorf("stopped with %v", err)
	}
	var folder *imap.FolderError
	if _, err := reader.List(t.Context(), "Nowhere", nil); !errors.As(err, &folder) {
		t.Errorf("no such folder: %v", err)
	}
}

func TestBackoff(t *testing.T) {
	for n, want := range map[int]time.Duration{-1: time.Second, 0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 9: 256 * time.Second, 10: 5 * time.Minute, 1000: 5 * time.Minute} {
		for range 100 {
			if got := imap.Backoff(n); got < want*8/10 || got > want*12/10 {
				t.Errorf("attempt %d: %v, want about %v", n, got, want)
			}
		}
	}
}
