package activities

import (
	"errors"
	"testing"
	"time"

	"github.com/dealwright/dealwright/store"
)

func TestOldMessagesAreDeletedAndTheirRowsStay(t *testing.T) {
	w := newWorld(t, "retention: {raw: 400d}\n")
	old := w.mail("From: a@client.test\nSubject: Old", "Old")
	young := w.mail("From: b@client.test\nSubject: Young", "Young")
	w.sql(`UPDATE raw_messages SET processed_at = ? WHERE ledger_id = ?`, time.Now().AddDate(0, 0, -401).UnixMicro(), old.ID)
	w.a.retain(t.Context())
	if _, err := w.a.Store.RawMessage(t.Context(), old.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the old message: %v, want not found", err)
	}
	if _, err := w.a.Store.RawMessage(t.Context(), young.ID); err != nil {
		t.Errorf("the young message: %v", err)
	}
	if _, err := w.a.Store.Message(t.Context(), old.ID); err != nil {
		t.Errorf("the old message's row: %v", err)
	}
}
