package imap_test

import (
	"context"
	"errors"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"github.com/dealwright/dealwright/inbox/imap"
)

func TestNewMailIsReadAtOnce(t *testing.T) {
	var s *server
	cases := []struct {
		name    string
		idle    func(w *imapserver.UpdateWriter, stop <-chan struct{}) error
		options imap.Options
	}{
		{"announced under IDLE", func(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
			s.deliver("INBOX", 2, 2, 500)
			defer func() { <-stop }()
			return w.WriteNumMessages(2)
		}, imap.Options{Poll: time.Hour}},
		{"IDLE is silent, so a poll finds it", func(_ *imapserver.UpdateWriter, stop <-chan struct{}) error {
			s.deliver("INBOX", 2, 2, 500)
			<-stop
			return nil
		}, imap.Options{Poll: 20 * time.Millisecond}},
		{"the server refuses IDLE, so a poll finds it", func(*imapserver.UpdateWriter, <-chan struct{}) error {
			s.deliver("INBOX", 2, 2, 500)
			return &goimap.Error{Type: goimap.StatusResponseTypeNo, Text: "not now"}
		}, imap.Options{Poll: 20 * time.Millisecond}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s = start(t, setup{session: func(session imapserver.SessionIMAP4rev2) imapserver.Session {
				h := &hooked{SessionIMAP4rev2: session}
				delivered := false
				h.idle = func(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
					if delivered {
						return session.Idle(w, stop)
					}
					delivered = true
					return c.idle(w, stop)
				}
				return h
			}})
			s.deliver("INBOX", 1, 1, 500)
			var got []uint32
			err := imap.NewReader(s.account()).Watch(t.Context(), imap.Cursor{}, c.options, func(_ context.Context, b imap.Batch) error {
				got = append(got, uids(b)...)
				if len(got) == 2 {
					return errEnough
				}
				return nil
			})
			if !errors.Is(err, errEnough) {
				t.Fatal(err)
			}
			same(t, "uids", got, []uint32{1, 2})
		})
	}
}

func TestWakeCausesALook(t *testing.T) {
	s := start(t, setup{})
	wake := make(chan struct{}, 1)
	looks := 0
	err := imap.NewReader(s.account()).Watch(t.Context(), imap.Cursor{}, imap.Options{Poll: time.Hour, Wake: wake}, func(context.Context, imap.Batch) error {
		if looks++; looks == 3 {
			return errEnough
		}
		wake <- struct{}{}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Error(err)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	for _, when := range []string{"while handling", "while waiting"} {
		t.Run(when, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s := start(t, setup{session: hook(hooked{idle: func(_ *imapserver.UpdateWriter, stop <-chan struct{}) error {
				cancel()
				<-stop
				return nil
			}})})
			err := imap.NewReader(s.account()).Watch(ctx, imap.Cursor{}, imap.Options{Poll: time.Hour}, func(context.Context, imap.Batch) error {
				if when == "while handling" {
					cancel()
				}
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
}
