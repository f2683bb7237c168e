package activities

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/store"
)

// server is an IMAP server that holds folders.
type server struct {
	validity uint32
	folders  map[string][]imap.Entry
}

func (s server) List(_ context.Context, folder string, each func(imap.Entry) error) (uint32, error) {
	entries, ok := s.folders[folder]
	if !ok {
		return 0, fmt.Errorf("no folder %q", folder)
	}
	for _, e := range entries {
		if err := each(e); err != nil {
			return s.validity, err
		}
	}
	return s.validity, nil
}

// sql changes the database behind the program's back.
func (w *world) sql(statement string, args ...any) {
	w.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.dir, "dealwright.db"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(w.t.Context(), statement, args...); err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
}

// gaps are the kinds of what a comparison misses, sorted, with the deal or UID.
func (w *world) gaps(s server) (*Account, []string) {
	w.t.Helper()
	r := Auditor{Store: w.a.Store, DealTime: w.a.Clock.At, WallTime: w.a.Clock.Wall}
	account, err := r.Check(w.t.Context(), w.company, &w.company.Mailboxes[0], s)
	if err != nil {
		w.t.Fatal(err)
	}
	kinds := []string{}
	for _, g := range account.Gaps {
		kinds = append(kinds, g.Kind)
	}
	slices.Sort(kinds)
	return account, kinds
}

func TestReconcile(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	for _, c := range []struct {
		name   string
		config string
		spoil  func(w *world, s *server, lead string)
		gaps   []string
		check  func(t *testing.T, a *Account)
	}{
		{name: "nothing is missing"},
		{
			name:  "a row deleted from the ledger",
			spoil: func(w *world, _ *server, _ string) { w.sql(`DELETE FROM ledger WHERE outcome = 'lead'`) },
			gaps:  []string{GapNoMessage, GapNoOutcome},
		},
		{
			name:  "the row of a message that was ignored",
			spoil: func(w *world, _ *server, _ string) { w.sql(`DELETE FROM ledger WHERE outcome = 'ignored'`) },
			gaps:  []string{GapNoOutcome},
		},
		{
			name:  "a deal deleted",
			spoil: func(w *world, _ *server, lead string) { w.sql(`DELETE FROM deals WHERE id = ?`, lead) },
			gaps:  []string{GapNoDeal, GapNoDeal}, // the lead, and the reply to it
		},
		{
			name:  "what a deal was told deleted",
			spoil: func(w *world, _ *server, lead string) { w.sql(`DELETE FROM inputs WHERE deal_id = ?`, lead) },
			gaps:  []string{GapNoDeal, GapNoDeal},
		},
		{
			name: "a message injected behind what has been read",
			spoil: func(_ *world, s *server, _ string) {
				s.folders["INBOX"] = append(s.folders["INBOX"], imap.Entry{UID: 99, MessageID: "<new@client.test>", InternalDate: now, Size: 10})
			},
			gaps: []string{GapNotRead},
		},
		{
			name: "a message injected among what has been read",
			spoil: func(w *world, s *server, _ string) {
				s.folders["INBOX"] = append(s.folders["INBOX"], imap.Entry{UID: 99, MessageID: "<new@client.test>", InternalDate: now, Size: 10})
				w.sql(`UPDATE mailboxes SET last_uid = 99`)
			},
			gaps: []string{GapNoOutcome},
		},
		{
			name: "mail from before the mailbox was configured",
			spoil: func(_ *world, s *server, _ string) {
				s.folders["INBOX"] = append(s.folders["INBOX"], imap.Entry{UID: 99, InternalDate: now.AddDate(-1, 0, 0), Size: 10})
			},
			check: func(t *testing.T, a *Account) {
				if a.Earlier != 1 {
					t.Errorf("%d earlier messages, want 1", a.Earlier)
				}
			},
		},
		{
			name:  "mail that another program has expunged",
			spoil: func(_ *world, s *server, _ string) { s.folders["INBOX"] = s.folders["INBOX"][1:] },
			check: func(t *testing.T, a *Account) {
				if a.Gone != 1 || !strings.Contains(strings.Join(a.Notes, "\n"), "left the mailbox") {
					t.Errorf("account %+v", a)
				}
			},
		},
		{
			name:  "a folder made anew",
			spoil: func(_ *world, s *server, _ string) { s.validity = 7 },
			check: func(t *testing.T, a *Account) {
				if !strings.Contains(strings.Join(a.Notes, "\n"), "made anew") {
					t.Errorf("notes %q", a.Notes)
				}
			},
		},
		{
			name: "a folder made anew, with a message more",
			spoil: func(_ *world, s *server, _ string) {
				s.validity = 7
				s.folders["INBOX"] = append(s.folders["INBOX"], imap.Entry{UID: 99, InternalDate: now, Size: 10})
			},
			gaps: []string{GapNotRead},
		},
		{
			name: "messages in the archive", config: "archived",
			spoil: func(_ *world, s *server, _ string) {
				for i, e := range s.folders["INBOX"] {
					e.UID = uint32(100 + i)
					s.folders["Done"] = append(s.folders["Done"], e)
				}
				s.folders["INBOX"] = nil
			},
			check: func(t *testing.T, a *Account) {
				if a.Archived != 3 || a.Gone != 0 {
					t.Errorf("account %+v", a)
				}
			},
		},
		{
			name: "a message that a second server took to the archive", config: "archived",
			spoil: func(_ *world, s *server, _ string) {
				s.folders["Done"] = append(s.folders["Done"], imap.Entry{UID: 1, MessageID: "<other@client.test>", InternalDate: now, Size: 10})
			},
			gaps: []string{GapNoOutcome},
			check: func(t *testing.T, a *Account) {
				if !strings.Contains(a.Gaps[0].Why, "second server") {
					t.Errorf("why: %s", a.Gaps[0].Why)
				}
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, "")
			if c.config == "archived" {
				w.company.Mailboxes[0].Archive = "Done"
			}
			lead := w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen")
			w.mail("From: petr@client.test\nSubject: Re: Kitchen", "And a door")
			w.mail("From: news@shop.test\nList-Id: <news.shop.test>\nSubject: Sale", "Sale")
			s := server{1, map[string][]imap.Entry{"INBOX": slices.Clone(w.holds), "Done": nil}}
			if c.spoil != nil {
				c.spoil(w, &s, lead.DealID)
			}
			account, got := w.gaps(s)
			want := c.gaps
			if want == nil {
				want = []string{}
			}
			if !slices.Equal(got, want) {
				t.Errorf("gaps %+v, want %v", account.Gaps, want)
			}
			if c.check != nil {
				c.check(t, account)
			}
		})
	}
}

// A mailbox that was restored from a backup gives new messages the numbers of
// lost ones; none of them is taken for read.
func TestReusedUIDIsAnotherMessage(t *testing.T) {
	w := newWorld(t, "")
	lost := w.mail("From: petr@client.test\nSubject: Kitchen", "A kitchen")
	w.uid = 0
	taken := w.mail("From: olga@client.test\nSubject: Door\nMessage-ID: <other@client.test>", "A door")
	if taken.UID != lost.UID || taken.Outcome != "lead" || taken.DealID == lost.DealID {
		t.Fatalf("the message at a used number: %+v", taken)
	}
	w.uid = 0
	w.mail("From: olga@client.test\nSubject: Door\nMessage-ID: <other@client.test>", "A door") // the folder is read again
	page, err := w.a.Store.Messages(t.Context(), store.MessageFilter{})
	if err != nil || page.Total != 2 {
		t.Errorf("%d rows, %v, want 2", page.Total, err)
	}
	before, err := w.a.Store.Message(t.Context(), lost.ID)
	if err != nil || before.UIDValidity != 0 || before.DealID != lost.DealID {
		t.Errorf("the row of the lost message: %+v, %v", before, err)
	}
	account, kinds := w.gaps(server{1, map[string][]imap.Entry{"INBOX": w.holds[1:2]}})
	if len(kinds) != 0 || account.Gone != 1 {
		t.Errorf("account %+v", account)
	}
}
