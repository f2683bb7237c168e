package imap_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"github.com/dealwright/dealwright/inbox/imap"
)

// TestConnectionCutAnywhere cuts the connection after every so many bytes and goes on from the cursor: every message arrives whole,
// in order and once, because the cursor and the messages were kept together.
func TestConnectionCutAnywhere(t *testing.T) {
	const messages, size = 12, 3000
	s := start(t, setup{})
	s.deliver("INBOX", 1, messages, size)
	for _, step := range []int64{1500, 3700, 7001, 12_345} {
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			p := newProxy(t, s.port)
			account := s.account()
			account.Port = p.port
			reader := imap.NewReader(account)
			var cursor imap.Cursor
			var got []imap.Raw
			allowed := step
			for attempt := 0; ; attempt++ {
				if attempt == 100 {
					t.Fatal("no end after 100 connections")
				}
				p.allowed.Store(allowed)
				err := reader.Watch(t.Context(), cursor, imap.Options{BatchSize: 4}, func(_ context.Context, b imap.Batch) error {
					got = append(got, b.Messages...)
					cursor = imap.Cursor{UIDValidity: b.UIDValidity, LastUID: b.LastUID}
					if b.Last {
						return errEnough
					}
					return nil
				})
				if errors.Is(err, errEnough) {
					break
				}
				if !strings.Contains(err.Error(), "mailbox sales@127.0.0.1:") {
					t.Fatalf("error does not name the mailbox: %v", err)
				}
				allowed += step // a server that is down less and less long
			}
			if len(got) != messages {
				t.Fatalf("%d messages, want %d", len(got), messages)
			}
			for i, m := range got {
				if m.UID != uint32(i+1) || string(m.Bytes) != body(i+1, size) || m.Fault != "" {
					t.Errorf("message %d: uid %d, %d bytes, fault %q", i+1, m.UID, len(m.Bytes), m.Fault)
				}
			}
		})
	}
}

func TestSilentServerIsLeft(t *testing.T) {
	cases := []struct {
		name    string
		allowed int64
	}{
		{"before its greeting", 0},
		{"during the login", 150},
		{"amid a message", 40_000},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, setup{})
			s.deliver("INBOX", 1, 1, 100_000)
			p := newProxy(t, s.port)
			p.stall.Store(true)
			p.allowed.Store(c.allowed)
			account := s.account()
			account.Port, account.Timeout = p.port, 100*time.Millisecond
			err := imap.NewReader(account).Watch(t.Context(), imap.Cursor{}, imap.Options{}, func(context.Context, imap.Batch) error { return errEnough })
			if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "silent for 100ms") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A connection that leads nowhere any more while the reader waits for mail is found out by the next look.
func TestSilenceDuringIDLEIsFoundOut(t *testing.T) {
	var p *proxy
	s := start(t, setup{session: hook(hooked{idle: func(_ *imapserver.UpdateWriter, stop <-chan struct{}) error {
		p.stall.Store(true)
		p.allowed.Store(0)
		<-stop
		return nil
	}})})
	p = newProxy(t, s.port)
	account := s.account()
	account.Port, account.Timeout = p.port, 100*time.Millisecond
	err := imap.NewReader(account).Watch(t.Context(), imap.Cursor{}, imap.Options{Poll: 50 * time.Millisecond}, func(context.Context, imap.Batch) error { return nil })
	if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "silent for 100ms") {
		t.Errorf("got %v", err)
	}
}

// A server that says goodbye in the middle of its answers is come back to, and every message is there once.
func TestGoodbyeAmidMessages(t *testing.T) {
	var conn *imapserver.Conn
	goodbyes := 0
	s := start(t, setup{
		conn: func(c *imapserver.Conn) { conn = c },
		session: func(session imapserver.SessionIMAP4rev2) imapserver.Session {
			h := &hooked{SessionIMAP4rev2: session}
			h.fetch = func(w *imapserver.FetchWriter, set goimap.NumSet, options *goimap.FetchOptions) (bool, error) {
				if goodbyes > 2 || !wants(set, options, 3) {
					return false, nil
				}
				goodbyes++
				some := goimap.UIDSetNum(1, 2)
				err := session.Fetch(w, some, options)
				return true, errors.Join(err, conn.Bye("going down for maintenance"))
			}
			return h
		},
	})
	s.deliver("INBOX", 1, 5, 500)
	reader := imap.NewReader(s.account())
	var cursor imap.Cursor
	var got []uint32
	for range 20 {
		err := reader.Watch(t.Context(), cursor, imap.Options{}, func(_ context.Context, b imap.Batch) error {
			got = append(got, uids(b)...)
			cursor = imap.Cursor{UIDValidity: b.UIDValidity, LastUID: b.LastUID}
			if b.Last {
				return errEnough
			}
			return nil
		})
		if errors.Is(err, errEnough) {
			break
		}
		if !strings.Contains(err.Error(), "mailbox sales@127.0.0.1:") {
			t.Errorf("the fault does not name the mailbox: %v", err)
		}
	}
	same(t, "uids", got, []uint32{1, 2, 3, 4, 5})
	if goodbyes != 3 {
		t.Errorf("%d goodbyes, want 3", goodbyes)
	}
}

func TestServerLeavesDuringIDLE(t *testing.T) {
	var p *proxy
	s := start(t, setup{session: hook(hooked{idle: func(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
		p.allowed.Store(0)
		_ = w.WriteNumMessages(1)
		<-stop
		return nil
	}})})
	p = newProxy(t, s.port)
	account := s.account()
	account.Port = p.port
	looks := 0
	err := imap.NewReader(account).Watch(t.Context(), imap.Cursor{}, imap.Options{Poll: time.Hour}, func(context.Context, imap.Batch) error {
		looks++
		return nil
	})
	if err == nil || looks != 1 {
		t.Errorf("%d looks, then %v", looks, err)
	}
}

func TestHandlersErrorIsReturnedAndNothingIsMoved(t *testing.T) {
	s := start(t, setup{})
	s.deliver("INBOX", 1, 3, 500)
	account := s.account()
	account.Archive = "Captured"
	err := imap.NewReader(account).Watch(t.Context(), imap.Cursor{}, imap.Options{}, func(context.Context, imap.Batch) error { return errEnough })
	if !errors.Is(err, errEnough) {
		t.Errorf("got %v", err)
	}
	if all, unseen, deleted := s.status("INBOX"); all != 3 || unseen != 3 || deleted != 0 {
		t.Errorf("INBOX has %d messages, %d unseen, %d deleted", all, unseen, deleted)
	}
}

func TestArchive(t *testing.T) {
	no := func() error {
		return &goimap.Error{Type: goimap.StatusResponseTypeNo, Code: goimap.ResponseCodeOverQuota, Text: "full"}
	}
	type counts struct{ inbox, flagged, archived uint32 }
	cases := []struct {
		name  string
		setup setup
		want  counts
		warns string
	}{
		{"with MOVE", setup{}, counts{0, 0, 3}, ""},
		{"without MOVE the originals are flagged and stay", setup{caps: revision1()}, counts{3, 3, 3}, ""},
		{"a failed copy leaves the message as it was", setup{caps: revision1(), session: hook(hooked{copy: no})}, counts{3, 0, 0}, `move messages 1:3 to "Captured": imap: NO [OVERQUOTA] full`},
		{"a failed MOVE leaves the message as it was", setup{session: hook(hooked{move: no})}, counts{3, 0, 0}, `move messages 1:3 to "Captured": imap: NO [OVERQUOTA] full`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, c.setup)
			if c.warns != "" {
				if err := s.user.Create("Captured", nil); err != nil {
					t.Fatal(err)
				}
			}
			s.deliver("INBOX", 1, 3, 500)
			account := s.account()
			account.Archive = "Captured"
			var warnings []string
			wake := make(chan struct{}, 1)
			var got []uint32
			options := imap.Options{Poll: time.Hour, Wake: wake, Warn: func(err error) { warnings = append(warnings, err.Error()) }}
			err := imap.NewReader(account).Watch(t.Context(), imap.Cursor{}, options, func(_ context.Context, b imap.Batch) error {
				if got = append(got, uids(b)...); len(b.Messages) == 0 {
					return errEnough
				}
				wake <- struct{}{}
				return nil
			})
			if !errors.Is(err, errEnough) {
				t.Fatal(err)
			}
			same(t, "uids", got, []uint32{1, 2, 3})
			var have counts
			have.inbox, _, have.flagged = s.status("INBOX")
			have.archived, _, _ = s.status("Captured")
			same(t, "folders", have, c.want)
			if all := strings.Join(warnings, "\n"); (c.warns == "") != (all == "") || !strings.Contains(all, c.warns) {
				t.Errorf("warnings %q, want %q", all, c.warns)
			}
		})
	}
}

// A run that ended between handling and moving is made up for by the next one,
// which moves nothing that has not been handled.
func TestLeftoversAreArchived(t *testing.T) {
	var moves atomic.Bool
	s := start(t, setup{session: hook(hooked{move: func() error {
		if moves.Load() {
			return nil
		}
		return &goimap.Error{Type: goimap.StatusResponseTypeNo, Code: goimap.ResponseCodeServerBug, Text: "later"}
	}})})
	if err := s.user.Create("Captured", nil); err != nil {
		t.Fatal(err)
	}
	s.deliver("INBOX", 1, 3, 500)
	account := s.account()
	account.Archive = "Captured"
	var at imap.Cursor
	run := func(handled func([]uint32) []uint32) {
		t.Helper()
		options := imap.Options{Poll: time.Hour, Handled: func(_ context.Context, uidValidity uint32, uids []uint32) ([]uint32, error) {
			if uidValidity != at.UIDValidity {
				t.Errorf("asked for UIDVALIDITY %d, not %d", uidValidity, at.UIDValidity)
			}
			return handled(uids), nil
		}}
		wake := make(chan struct{}, 1)
		options.Wake = wake
		err := imap.NewReader(account).Watch(t.Context(), at, options, func(_ context.Context, b imap.Batch) error {
			at = imap.Cursor{UIDValidity: b.UIDValidity, LastUID: b.LastUID}
			if len(b.Messages) == 0 {
				return errEnough
			}
			wake <- struct{}{}
			return nil
		})
		if !errors.Is(err, errEnough) {
			t.Fatal(err)
		}
	}
	run(func([]uint32) []uint32 { t.Error("a folder that was never read is asked for leftovers"); return nil })
	if all, _, _ := s.status("INBOX"); all != 3 {
		t.Fatalf("INBOX has %d messages", all)
	}
	moves.Store(true)
	s.deliver("INBOX", 4, 4, 500)
	run(func(uids []uint32) []uint32 {
		same(t, "asked for", uids, []uint32{1, 2, 3})
		return []uint32{1, 3}
	})
	inbox, _, _ := s.status("INBOX")
	archived, _, _ := s.status("Captured")
	same(t, "in the folders", []uint32{inbox, archived}, []uint32{1, 3})
}

// wants tells a FETCH of bodies that includes a message.
func wants(set goimap.NumSet, options *goimap.FetchOptions, uid goimap.UID) bool {
	uidSet, ok := set.(goimap.UIDSet)
	return ok && len(options.BodySection) > 0 && uidSet.Contains(uid)
}

func TestOneMessageThatCannotBeHadStopsNoOther(t *testing.T) {
	cases := []struct {
		name  string
		fetch func(w *imapserver.FetchWriter, set goimap.NumSet, options *goimap.FetchOptions) (bool, error)
		fault string
	}{
		{"refused", func(_ *imapserver.FetchWriter, set goimap.NumSet, options *goimap.FetchOptions) (bool, error) {
			return wants(set, options, 2), &goimap.Error{Type: goimap.StatusResponseTypeNo, Code: goimap.ResponseCodeServerBug, Text: "corrupt"}
		}, "the server does not hand it out: imap: NO [SERVERBUG] corrupt"},
		{"answered without a body", func(w *imapserver.FetchWriter, set goimap.NumSet, options *goimap.FetchOptions) (bool, error) {
			if !wants(set, options, 2) {
				return false, nil
			}
			m := w.CreateMessage(2)
			m.WriteUID(2)
			return true, m.Close()
		}, "the server answers without the message"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, setup{session: hook(hooked{fetch: c.fetch})})
			s.deliver("INBOX", 1, 3, 500)
			batches := readAll(t, imap.NewReader(s.account()), imap.Cursor{}, imap.Options{})
			same(t, "uids", uids(batches...), []uint32{1, 2, 3})
			for _, m := range batches[0].Messages {
				if want := map[uint32]string{2: c.fault}[m.UID]; m.Fault != want || (want == "") != (len(m.Bytes) == 500) || m.Size != 500 {
					t.Errorf("message %d: %d bytes of %d, fault %q, want %q", m.UID, len(m.Bytes), m.Size, m.Fault, want)
				}
			}
		})
	}
}

func TestFlagChangeOfAnotherClientIsNotTakenForTheMessage(t *testing.T) {
	told := false
	s := start(t, setup{session: hook(hooked{fetch: func(w *imapserver.FetchWriter, set goimap.NumSet, options *goimap.FetchOptions) (bool, error) {
		if !told && wants(set, options, 2) {
			told = true
			m := w.CreateMessage(2)
			m.WriteUID(2)
			m.WriteFlags([]goimap.Flag{goimap.FlagSeen})
			return false, m.Close()
		}
		return false, nil
	}})})
	s.deliver("INBOX", 1, 3, 500)
	batches := readAll(t, imap.NewReader(s.account()), imap.Cursor{}, imap.Options{})
	same(t, "uids", uids(batches...), []uint32{1, 2, 3})
	for _, m := range batches[0].Messages {
		if string(m.Bytes) != body(int(m.UID), 500) {
			t.Errorf("message %d: %d bytes, fault %q", m.UID, len(m.Bytes), m.Fault)
		}
	}
}

func TestMessageThatVanishesIsPassedOver(t *testing.T) {
	s := start(t, setup{session: func(session imapserver.SessionIMAP4rev2) imapserver.Session {
		h := &hooked{SessionIMAP4rev2: session}
		h.fetch = func(_ *imapserver.FetchWriter, set goimap.NumSet, options *goimap.FetchOptions) (bool, error) {
			if !wants(set, options, 2) {
				return false, nil
			}
			gone := goimap.UIDSetNum(2)
			flags := &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{goimap.FlagDeleted}}
			return false, errors.Join(session.Store(nil, gone, flags, nil), session.Expunge(nil, &gone))
		}
		return h
	}})
	s.deliver("INBOX", 1, 3, 500)
	batches := readAll(t, imap.NewReader(s.account()), imap.Cursor{}, imap.Options{})
	same(t, "uids", uids(batches...), []uint32{1, 3})
	if last := batches[len(batches)-1]; last.LastUID != 3 {
		t.Errorf("cursor at %d, want 3", last.LastUID)
	}
}

func TestMessageThatKillsTheServerIsGivenUpAtLast(t *testing.T) {
	s := start(t, setup{session: hook(hooked{fetch: func(_ *imapserver.FetchWriter, set goimap.NumSet, options *goimap.FetchOptions) (bool, error) {
		if wants(set, options, 3) {
			panic("corrupt index") // the server library closes the connection
		}
		return false, nil
	}})})
	s.deliver("INBOX", 1, 5, 500)
	reader := imap.NewReader(s.account())
	var cursor imap.Cursor
	var got []imap.Raw
	losses := 0
	for {
		err := reader.Watch(t.Context(), cursor, imap.Options{}, func(_ context.Context, b imap.Batch) error {
			got = append(got, b.Messages...)
			cursor = imap.Cursor{UIDValidity: b.UIDValidity, LastUID: b.LastUID}
			if b.Last {
				return errEnough
			}
			return nil
		})
		if errors.Is(err, errEnough) {
			break
		}
		if losses++; losses > 20 {
			t.Fatalf("still %v", err)
		}
	}
	var list []string
	for _, m := range got {
		list = append(list, fmt.Sprintf("%d:%d:%v", m.UID, len(m.Bytes), m.Fault != ""))
	}
	same(t, "messages", list, []string{"1:500:false", "2:500:false", "3:0:true", "4:500:false", "5:500:false"})
	if losses < 10 {
		t.Errorf("given up after %d losses: a server that restarts would lose mail", losses)
	}
}
