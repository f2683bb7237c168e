package store

import (
	"testing"
	"time"
)

// What the comparison of mail, ledger and deals asks holds on every database.
func TestWhatIsMissing(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		ctx := t.Context()
		whole, orphan := state("whole"), state("orphan")
		whole.Source, orphan.Source = "mail:sales", "mail:sales"
		ok(t, s.Capture(ctx, sales, func(tx *CaptureTx) error {
			ok(t, tx.CreateDeal(whole, Input{ID: "mail/l1", DealID: "whole"}))
			ok(t, tx.CreateDeal(orphan, Input{ID: "open", DealID: "orphan"}))
			for i, row := range []LedgerRow{
				{ID: "l1", Outcome: "lead", DealID: "whole"},
				{ID: "l2", Outcome: "reply", DealID: "nowhere"},
				{ID: "l3", Outcome: "reply", DealID: "whole"}, // of which the deal was not told
				{ID: "l4", Outcome: "ignored"},
			} {
				row.UIDValidity, row.UID, row.ReceivedAt = 1, uint32(i+1), noon
				if _, err := tx.AddLedger(&row, nil); err != nil {
					return err
				}
			}
			_, err := tx.PutFile(File{Key: "l1-01", DealID: "whole", LedgerID: "l1", Name: "plan", Data: []byte("12345")})
			return err
		}))
		rows, err := s.RowsWithoutDeal(ctx, sales)
		ok(t, err)
		if len(rows) != 2 || rows[0].ID != "l2" || rows[1].ID != "l3" {
			t.Errorf("rows without their deals %+v, want l2 and l3", rows)
		}
		deals, err := s.DealsWithoutMessage(ctx, sales)
		ok(t, err)
		if len(deals) != 1 || deals[0].DealID != "orphan" {
			t.Errorf("deals without their messages %+v, want orphan", deals)
		}
		files, err := s.Attachments(ctx, "whole")
		ok(t, err)
		if len(files) != 1 || files[0].Size != 5 || !files[0].ReceivedAt.Equal(noon) {
			t.Errorf("attachments %+v", files)
		}
	})
}

func TestNoticesOfOneMailShareItsFate(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		capturing(t, s)
		ctx := t.Context()
		notice := func(id, kind, to string) OutboxRow {
			return OutboxRow{ID: id, Key: id, Account: "acme", Kind: KindNotice, Letter: kind, To: to, NotBefore: noon}
		}
		ok(t, s.Capture(ctx, sales, func(tx *CaptureTx) error {
			return tx.Enqueue([]OutboxRow{
				notice("n1", "new_lead", "a@acme.test"), notice("n2", "new_lead", "a@acme.test"),
				notice("n3", "stalled", "a@acme.test"), notice("n4", "new_lead", "b@acme.test"),
			})
		}))
		main := claimed(t, s, "me", noon)
		more, err := s.ClaimNotices(ctx, main, "me", noon, []string{"stalled"}, 10)
		ok(t, err)
		if main.ID != "n1" || len(more) != 1 || more[0].ID != "n2" {
			t.Fatalf("claimed %s and %+v, want n1 and n2", main.ID, more)
		}
		if settled, err := s.Follow(ctx, "n1", []string{"n2"}); err != nil || settled {
			t.Errorf("while it is being sent: settled %v, %v", settled, err)
		}
		ok(t, s.Retry(ctx, "n1", noon.Add(time.Hour), "later"))
		settled, err := s.Follow(ctx, "n1", []string{"n2"})
		ok(t, err)
		row, err := s.OutboxRow(ctx, "n2")
		ok(t, err)
		if !settled || row.Status != Queued || !row.NotBefore.Equal(noon.Add(time.Hour)) || row.LastError != "later" {
			t.Errorf("settled %v, row %+v", settled, row)
		}
	})
}
