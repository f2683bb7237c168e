package store

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

var sales = MailboxKey{"acme", "sales"}

// capturing is a store with two mailboxes of acme.
func capturing(t testing.TB, s *Store) *Store {
	t.Helper()
	ok(t, s.ConfigureMailboxes(t.Context(), "acme", []MailboxConfig{{ID: "sales"}, {ID: "info", Since: noon.Add(-time.Hour)}}, noon))
	return s
}

func TestCaptureSeesItsOwnRows(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		ok(t, s.Capture(t.Context(), sales, func(tx *CaptureTx) error {
			row := LedgerRow{
				UIDValidity: 1, UID: 4294967295, MessageID: "m1@client.test", Subject: "Hi", Outcome: "lead", DealID: "a",
				ContentHash: "c", BytesHash: "b", Enquiry: "e", ProcessedAt: noon,
			}
			fresh, err := tx.AddLedger(&row, []byte("raw"))
			if !fresh || err != nil {
				t.Fatalf("added %v, %v", fresh, err)
			}
			d := state("a")
			d.Contact.Email = "Client@Client.test"
			ok(t, tx.CreateDeal(d, Input{ID: "mail/" + row.ID, Kind: deal.KindOpen}))
			ok(t, tx.AddThread(ThreadMessage{MessageID: "m1@client.test", DealID: "a", At: noon.Add(time.Hour), Participants: []string{"Boss@client.test"}}))

			want := []Seen{{LedgerID: row.ID, ContentHash: "c", BytesHash: "b", DealID: "a", Outcome: "lead"}}
			for name, look := range map[string]func() ([]Seen, error){
				"message": func() ([]Seen, error) { return tx.SeenMessage("m1@client.test") },
				"bytes":   func() ([]Seen, error) { return tx.SeenBytes("b") },
				"enquiry": func() ([]Seen, error) { return tx.SeenEnquiry("e", noon) },
			} {
				if got, err := look(); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("seen by %s: %+v, %v", name, got, err)
				}
			}
			if got, err := tx.SeenEnquiry("e", noon.Add(time.Second)); err != nil || len(got) != 0 {
				t.Errorf("an enquiry before the window: %+v, %v", got, err)
			}
			hits, err := tx.Thread([]string{"unknown", "m1@client.test"})
			if want := []ThreadHit{{MessageID: "m1@client.test", DealID: "a"}}; err != nil || !reflect.DeepEqual(hits, want) {
				t.Errorf("thread %+v, %v", hits, err)
			}
			people, err := tx.Participants("a")
			if want := []string{"boss@client.test", "client@client.test"}; err != nil || !reflect.DeepEqual(people, want) {
				t.Errorf("participants %v, %v", people, err)
			}
			refs, err := tx.DealsOf("client@CLIENT.test")
			if err != nil || len(refs) != 1 || refs[0].ID != "a" || !refs[0].LastActivity.Equal(noon.Add(time.Hour)) {
				t.Errorf("deals %+v, %v", refs, err)
			}
			refs, err = tx.DealsWith("Boss@client.test")
			if err != nil || len(refs) != 1 || refs[0].ID != "a" {
				t.Errorf("deals of one who took part %+v, %v", refs, err)
			}
			return tx.SetCursor(1, 4294967295)
		}))
		box, err := s.Mailbox(t.Context(), sales)
		ok(t, err)
		if box.UIDValidity != 1 || box.LastUID != 4294967295 {
			t.Errorf("cursor %d %d", box.UIDValidity, box.LastUID)
		}
	})
}

func TestCaptureOfAnotherCompanySeesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		ok(t, s.ConfigureMailboxes(t.Context(), "other", []MailboxConfig{{ID: "sales"}}, noon))
		ok(t, s.Capture(t.Context(), sales, func(tx *CaptureTx) error {
			_, err := tx.AddLedger(&LedgerRow{UID: 1, MessageID: "m", BytesHash: "b"}, nil)
			return errors.Join(err, tx.CreateDeal(state("a"), Input{ID: "in"}), tx.AddThread(ThreadMessage{MessageID: "m", DealID: "a"}))
		}))
		ok(t, s.Capture(t.Context(), MailboxKey{"other", "sales"}, func(tx *CaptureTx) error {
			seen, err := tx.SeenMessage("m")
			hits, err2 := tx.Thread([]string{"m"})
			refs, err3 := tx.DealsOf("a@client.test")
			if len(seen)+len(hits)+len(refs) != 0 {
				t.Errorf("seen %v, thread %v, deals %v", seen, hits, refs)
			}
			if _, err := tx.Deal("a"); !errors.Is(err, ErrNotFound) {
				t.Errorf("deal: %v", err)
			}
			return errors.Join(err, err2, err3)
		}))
	})
}

func TestFailedCaptureLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		crash := errors.New("crash")
		err := s.Capture(t.Context(), sales, func(tx *CaptureTx) error {
			_, err := tx.AddLedger(&LedgerRow{UID: 1}, []byte("raw"))
			ok(t, errors.Join(err, tx.CreateDeal(state("a"), Input{ID: "in"}), tx.SetCursor(1, 1),
				tx.Enqueue([]OutboxRow{{Key: "k", Account: "acme", Kind: KindNotice}})))
			return crash
		})
		if !errors.Is(err, crash) {
			t.Fatal(err)
		}
		page, err := s.Messages(t.Context(), MessageFilter{})
		ok(t, err)
		queues, err := s.Queues(t.Context())
		ok(t, err)
		box, err := s.Mailbox(t.Context(), sales)
		ok(t, err)
		_, err = s.Deal(t.Context(), "a")
		if page.Total != 0 || len(queues) != 0 || box.LastUID != 0 || !errors.Is(err, ErrNotFound) {
			t.Errorf("left behind: %d messages, %v, cursor %d, deal %v", page.Total, queues, box.LastUID, err)
		}
		if err := s.Capture(t.Context(), MailboxKey{"acme", "gone"}, nil); !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown mailbox: %v", err)
		}
	})
}

func TestLedger(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		want := LedgerRow{
			ID: "one", Company: "acme", Mailbox: "sales", UIDValidity: 7, UID: 1, MessageID: "m", ReceivedAt: noon, From: "Ivan@client.test",
			Subject: "Новая Кухня", Outcome: "lead", Rule: "lead", Why: "nothing else", DealID: "", ContentHash: "c", BytesHash: "b", Enquiry: "e",
			Size: 3, ProcessedAt: noon.Add(time.Second),
		}
		raw := bytes.Repeat([]byte("line\r\n"), 1000)
		ok(t, s.Capture(t.Context(), sales, func(tx *CaptureTx) error {
			for _, attempt := range []struct {
				row   LedgerRow
				fresh bool
			}{
				{want, true},
				{LedgerRow{UIDValidity: 7, UID: 1, Outcome: "reply"}, false}, // the same UID again
				{LedgerRow{UIDValidity: 8, UID: 1, Outcome: "ignored"}, true},
				{LedgerRow{UIDValidity: 7, UID: 2, Outcome: "ignored"}, true},
			} {
				fresh, err := tx.AddLedger(&attempt.row, raw)
				if fresh != attempt.fresh || err != nil {
					t.Errorf("uid %d: added %v, %v", attempt.row.UID, fresh, err)
				}
			}
			return nil
		}))
		got, err := s.Message(t.Context(), "one")
		ok(t, err)
		if *got != want {
			t.Errorf("row %+v, want %+v", *got, want)
		}
		kept, err := s.RawMessage(t.Context(), "one")
		ok(t, err)
		if !bytes.Equal(kept, raw) {
			t.Errorf("raw message has %d bytes, want %d", len(kept), len(raw))
		}
		for _, test := range []struct {
			name   string
			filter MessageFilter
			want   int
		}{
			{"all", MessageFilter{}, 3},
			{"outcome", MessageFilter{Companies: []string{"acme"}, Outcome: "ignored"}, 2},
			{"mailbox", MessageFilter{Mailbox: "info"}, 0},
			{"words", MessageFilter{Q: "кухНЯ"}, 1},
			{"sender", MessageFilter{Q: "ivan@"}, 1},
			{"company", MessageFilter{Companies: []string{"other"}}, 0},
		} {
			count := 0
			test.filter.Limit = 1
			for more := true; more; more = test.filter.Cursor != "" {
				page, err := s.Messages(t.Context(), test.filter)
				ok(t, err)
				if page.Total != test.want {
					t.Errorf("%s: total %d, want %d", test.name, page.Total, test.want)
				}
				count += len(page.Items)
				test.filter.Cursor = page.Next
			}
			if count != test.want {
				t.Errorf("%s: %d rows, want %d", test.name, count, test.want)
			}
		}
		pruned, err := s.PruneRaw(t.Context(), "acme", noon.Add(time.Minute))
		ok(t, err)
		if _, err := s.RawMessage(t.Context(), "one"); pruned != 3 || !errors.Is(err, ErrNotFound) {
			t.Errorf("pruned %d, then %v", pruned, err)
		}
	})
}

// What may go to the archive: messages of that folder whose text is kept.
func TestCaptured(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		ok(t, s.Capture(t.Context(), sales, func(tx *CaptureTx) error {
			for _, row := range []LedgerRow{
				{UIDValidity: 1, UID: 2, BytesHash: "two"},
				{UIDValidity: 1, UID: 3},
				{UIDValidity: 1, UID: 4, BytesHash: "four"},
				{UIDValidity: 1, UID: 7, BytesHash: "seven"},
				{UIDValidity: 2, UID: 5, BytesHash: "five"},
			} {
				row.Outcome, row.ProcessedAt = "lead", noon
				if _, err := tx.AddLedger(&row, []byte(row.BytesHash)); err != nil {
					return err
				}
			}
			return nil
		}))
		for _, c := range []struct{ asked, want []uint32 }{
			{[]uint32{1, 2, 3, 5, 7}, []uint32{2, 7}},
			{nil, nil},
		} {
			if got, err := s.Captured(t.Context(), sales, 1, c.asked); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("of %v: %v, %v; want %v", c.asked, got, err, c.want)
			}
		}
		if got, err := s.Captured(t.Context(), MailboxKey{"acme", "info"}, 1, []uint32{2}); err != nil || len(got) > 0 {
			t.Errorf("of another mailbox: %v, %v", got, err)
		}
	})
}

func TestReadThroughWaitsForInputs(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		info := MailboxKey{"acme", "info"}
		ok(t, s.Capture(t.Context(), sales, func(tx *CaptureTx) error { return tx.CreateDeal(state("a"), Input{ID: "in"}) }))
		set := func(key MailboxKey, at time.Time, want bool) {
			t.Helper()
			if done, err := s.SetReadThrough(t.Context(), key, at); done != want || err != nil {
				t.Errorf("%s: done %v, %v; want %v", key, done, err, want)
			}
		}
		var through time.Time
		read := func(want time.Time) {
			t.Helper()
			ok(t, s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error {
				var configured bool
				var err error
				through, configured, err = tx.ReadThrough("acme")
				if !configured || !through.Equal(want) {
					t.Errorf("read through %v, %v; want %v", through, configured, want)
				}
				if _, configured, _ := tx.ReadThrough("other"); configured {
					t.Error("a company without mailboxes waits for them")
				}
				return err
			}))
		}
		set(sales, noon, false) // its input is not applied
		set(info, noon.Add(time.Hour), true)
		read(time.Time{})
		ok(t, s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error { return tx.Apply("in", Outcome{}) }))
		set(sales, noon, true)
		read(noon)
		set(sales, noon.Add(-time.Minute), true)
		read(noon) // never back
		ok(t, s.ConfigureMailboxes(t.Context(), "acme", []MailboxConfig{{ID: "info"}}, noon.Add(2*time.Hour)))
		read(noon.Add(time.Hour)) // what is not configured is not waited for
	})
}

func TestMailboxesKeepTheirFirstMoment(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		later := noon.Add(24 * time.Hour)
		ok(t, s.ConfigureMailboxes(t.Context(), "acme", []MailboxConfig{{ID: "sales"}, {ID: "info"}, {ID: "new"}}, later))
		state := MailboxState{State: "broken", Error: "login failed", LastContact: later, Lag: 3 * time.Second}
		ok(t, s.SetMailboxState(t.Context(), sales, state))
		boxes, err := s.Mailboxes(t.Context())
		ok(t, err)
		want := []MailboxRow{
			{MailboxKey: MailboxKey{"acme", "info"}, Since: noon, ConfiguredAt: noon},
			{MailboxKey: MailboxKey{"acme", "new"}, Since: later, ConfiguredAt: later},
			{MailboxKey: sales, MailboxState: state, Since: noon, ConfiguredAt: noon},
		}
		if !reflect.DeepEqual(boxes, want) {
			t.Errorf("mailboxes\n%+v\nwant\n%+v", boxes, want)
		}
		ok(t, s.ConfigureMailboxes(t.Context(), "acme", nil, later))
		if boxes, err := s.Mailboxes(t.Context()); err != nil || len(boxes) != 0 {
			t.Errorf("left %+v, %v", boxes, err)
		}
	})
}
