package store

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// queued puts letters with these keys into the outbox of deal a.
func queued(t testing.TB, s *Store, keys ...string) {
	t.Helper()
	var rows []OutboxRow
	for _, key := range keys {
		rows = append(rows, OutboxRow{
			ID: key, Key: key, Account: "acme", Kind: KindLetter, Stage: "first", Letter: "hello", MessageID: key + "@acme.test",
			From: "sales@acme.test", To: "Client@client.test", ToName: "Client", Subject: "Hello", Text: "text", HTML: "<p>text",
			InReplyTo: "q@client.test", References: []string{"p@client.test", "q@client.test"}, NotBefore: noon,
		})
	}
	ok(t, s.UpdateDeal(t.Context(), "a", func(tx *DealTx) error { return tx.Enqueue(rows, noon) }))
}

func claimed(t *testing.T, s *Store, holder string, now time.Time) *OutboxRow {
	t.Helper()
	row, wait, err := s.ClaimLetter(t.Context(), "acme", holder, now)
	ok(t, err)
	if row == nil {
		t.Fatalf("nothing to claim before %v", wait)
	}
	return row
}

func sentLines(t *testing.T, s *Store) []EventRow {
	t.Helper()
	page, err := s.Events(t.Context(), "a", "", 0)
	ok(t, err)
	return page.Items
}

func TestLetterGoesOutOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		queued(t, s, "one", "two")
		queued(t, s, "two", "one") // the same letters again
		row := claimed(t, s, "me", noon)
		if row.ID != "one" || row.Attempts != 1 || row.Status != Sending || row.DealID != "a" || row.ToName != "Client" ||
			!reflect.DeepEqual(row.References, []string{"p@client.test", "q@client.test"}) {
			t.Errorf("claimed %+v", row)
		}
		next, _, err := s.SentAndClaim(t.Context(), "one", noon.Add(time.Hour), "acme", "me", noon)
		ok(t, err)
		if next == nil || next.ID != "two" {
			t.Fatalf("next %+v", next)
		}
		next, wait, err := s.SentAndClaim(t.Context(), "two", noon.Add(time.Hour), "acme", "me", noon)
		if next != nil || !wait.IsZero() || err != nil {
			t.Errorf("after the last: %+v, %v, %v", next, wait, err)
		}
		_, _, err = s.SentAndClaim(t.Context(), "two", noon.Add(2*time.Hour), "acme", "a zombie", noon)
		ok(t, err)
		lines := sentLines(t, s)
		if len(lines) != 2 {
			t.Fatalf("%d lines, want 2", len(lines))
		}
		want := deal.Entry{At: noon.Add(time.Hour), Type: "mail_sent", Actor: "system", Stage: "first", Data: map[string]any{
			"message_id": "one@acme.test", "from": "sales@acme.test", "to": "Client@client.test", "subject": "Hello", "text": "text", "letter": "hello",
		}}
		if !reflect.DeepEqual(lines[0].Entry, want) {
			t.Errorf("timeline %+v, want %+v", lines[0].Entry, want)
		}
	})
}

func TestLetterJoinsTheThread(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		added(t, s, state("a"))
		queued(t, s, "one")
		ok(t, s.Capture(t.Context(), sales, func(tx *CaptureTx) error {
			hits, err := tx.Thread([]string{"one@acme.test"})
			if want := []ThreadHit{{"one@acme.test", "a", true, "one"}}; !reflect.DeepEqual(hits, want) {
				t.Errorf("thread %+v, want %+v", hits, want)
			}
			return err
		}))
	})
}

func TestClaimWaits(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		queued(t, s, "one")
		_, wait, err := s.ClaimLetter(t.Context(), "acme", "me", noon.Add(-time.Second))
		if !wait.Equal(noon) || err != nil {
			t.Errorf("before it is due: wait %v, %v", wait, err)
		}
		if row, wait, err := s.ClaimLetter(t.Context(), "other", "me", noon); row != nil || !wait.IsZero() || err != nil {
			t.Errorf("another account: %v, %v, %v", row, wait, err)
		}
		hold := Hold{Account: "acme", Until: noon.Add(time.Hour), Reason: "login failed"}
		ok(t, s.HoldAccount(t.Context(), Hold{Account: "acme", Until: noon}))
		ok(t, s.HoldAccount(t.Context(), hold))
		if row, wait, err := s.ClaimLetter(t.Context(), "acme", "me", noon); row != nil || !wait.Equal(hold.Until) || err != nil {
			t.Errorf("held: %v, %v, %v", row, wait, err)
		}
		holds, err := s.HeldAccounts(t.Context())
		if err != nil || !reflect.DeepEqual(holds, []Hold{hold}) {
			t.Errorf("holds %+v, %v", holds, err)
		}
		ok(t, s.ReleaseAccount(t.Context(), "acme"))
		claimed(t, s, "me", noon)
		ok(t, s.Retry(t.Context(), "one", noon.Add(time.Minute), "450 later"))
		if _, wait, err := s.ClaimLetter(t.Context(), "acme", "me", noon); !wait.Equal(noon.Add(time.Minute)) || err != nil {
			t.Errorf("after a retry: %v, %v", wait, err)
		}
		if row := claimed(t, s, "me", noon.Add(time.Minute)); row.Attempts != 2 || row.LastError != "450 later" || row.Ambiguous {
			t.Errorf("again %+v", row)
		}
	})
}

func TestTwoHoldersNeverShareALetter(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		var keys []string
		for i := range 60 {
			keys = append(keys, fmt.Sprintf("k%02d", i))
		}
		queued(t, s, keys...)
		var mu sync.Mutex
		times := map[string]int{}
		var wg sync.WaitGroup
		for _, holder := range []string{"one", "two", "three"} {
			wg.Go(func() {
				row, _, err := s.ClaimLetter(t.Context(), "acme", holder, noon)
				for row != nil && err == nil {
					mu.Lock()
					times[row.ID]++
					mu.Unlock()
					row, _, err = s.SentAndClaim(t.Context(), row.ID, noon, "acme", holder, noon)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, key := range keys {
			if times[key] != 1 {
				t.Errorf("%s was claimed %d times", key, times[key])
			}
		}
		if lines := sentLines(t, s); len(lines) != len(keys) {
			t.Errorf("%d lines in the timeline", len(lines))
		}
	})
}

func TestSenderDied(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		queued(t, s, "one", "two")
		claimed(t, s, "dead", noon)
		claimed(t, s, "me", noon)
		count, err := s.RecoverSending(t.Context(), "acme", "me")
		if count != 1 || err != nil {
			t.Errorf("recovered %d, %v", count, err)
		}
		row := claimed(t, s, "me", noon)
		if row.ID != "one" || row.MessageID != "one@acme.test" || !row.Ambiguous || row.Attempts != 2 {
			t.Errorf("once more %+v", row)
		}
		// The dead one was but slow: both report the letter as sent.
		for _, holder := range []string{"dead", "me"} {
			_, _, err = s.SentAndClaim(t.Context(), "one", noon, "acme", holder, noon)
			ok(t, err)
		}
		if lines := sentLines(t, s); len(lines) != 1 || lines[0].Data["ambiguous"] != true {
			t.Errorf("timeline %+v", lines)
		}
	})
}

func TestAnswerLostTwice(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		queued(t, s, "one")
		claimed(t, s, "me", noon)
		ok(t, s.Unclear(t.Context(), "one", noon, noon, noon.Add(time.Minute), "connection reset"))
		if lines := sentLines(t, s); len(lines) != 0 {
			t.Errorf("timeline after the first %+v", lines)
		}
		if row := claimed(t, s, "me", noon.Add(time.Minute)); !row.Ambiguous {
			t.Errorf("once more %+v", row)
		}
		ok(t, s.Unclear(t.Context(), "one", noon, noon, noon, "connection reset"))
		row, err := s.OutboxRow(t.Context(), "one")
		ok(t, err)
		if lines := sentLines(t, s); row.Status != Ambiguous || len(lines) != 1 || lines[0].Data["ambiguous"] != true {
			t.Errorf("row %+v, timeline %+v", row, lines)
		}
	})
}

func TestLetterFailed(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		added(t, s, state("a"))
		queued(t, s, "one")
		claimed(t, s, "me", noon)
		input := &Input{ID: "failed/one", DealID: "a", Event: deal.Event{Kind: deal.KindLetterFailed, LetterKey: "one", Permanent: true}}
		for range 2 {
			ok(t, s.Failed(t.Context(), "one", "550 no such user", input))
		}
		row, err := s.OutboxRow(t.Context(), "one")
		ok(t, err)
		pending, err := s.Pending(t.Context(), "a")
		ok(t, err)
		if row.Status != Failed || row.LastError != "550 no such user" || len(pending) != 1 {
			t.Errorf("row %+v, inputs %+v", row, pending)
		}
	})
}

func TestNoticeAboutNoDeal(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		ok(t, s.Capture(t.Context(), sales, func(tx *CaptureTx) error {
			return tx.Enqueue([]OutboxRow{{ID: "n", Key: "quarantine/1", Account: "acme", Kind: KindNotice, To: "anna@acme.test", NotBefore: noon}})
		}))
		claimed(t, s, "me", noon)
		_, _, err := s.SentAndClaim(t.Context(), "n", noon, "acme", "me", noon)
		ok(t, err)
		row, err := s.OutboxRow(t.Context(), "n")
		ok(t, err)
		if row.Status != Sent || !row.SentAt.Equal(noon) || row.DealID != "" {
			t.Errorf("row %+v", row)
		}
	})
}

func TestQueues(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		s.now = func() time.Time { return noon }
		added(t, s, state("a"))
		queued(t, s, "one", "two", "three")
		claimed(t, s, "me", noon)
		queues, err := s.Queues(t.Context())
		if want := []Queue{{Account: "acme", Queued: 2, Sending: 1, Oldest: noon}}; err != nil || !reflect.DeepEqual(queues, want) {
			t.Errorf("queues %+v, %v", queues, err)
		}
	})
}
