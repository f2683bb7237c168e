package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/store"
)

func TestMetricsOfMailboxes(t *testing.T) {
	w := newWorld(t)
	key := store.MailboxKey{Company: "kitchens", ID: "sales"}
	if err := w.store.ConfigureMailboxes(t.Context(), key.Company, []store.MailboxConfig{{ID: "sales"}, {ID: "new"}}, monday); err != nil {
		t.Fatal(err)
	}
	if err := w.store.SetMailboxState(t.Context(), key, store.MailboxState{State: "reading", LastContact: monday, Lag: 90 * time.Second}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.SetAccounted(t.Context(), key, monday, 3); err != nil {
		t.Fatal(err)
	}
	if err := w.store.SetShared(t.Context(), key, "another server reads it too", time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := w.store.SetShared(t.Context(), store.MailboxKey{Company: "kitchens", ID: "new"}, "another server read it too", time.Now().AddDate(0, 0, -2)); err != nil {
		t.Fatal(err)
	}
	shown := string(w.get("/metrics").want(http.StatusOK).body)
	for _, line := range []string{
		`dealwright_mailbox_up{company="kitchens",mailbox="sales",state="reading"} 1`,
		`dealwright_mailbox_up{company="kitchens",mailbox="new",state="starting"} 0`,
		`dealwright_mailbox_lag_seconds{company="kitchens",mailbox="sales"} 90`,
		`dealwright_mailbox_unaccounted{company="kitchens",mailbox="sales"} 3`,
		`dealwright_mailbox_shared{company="kitchens",mailbox="sales"} 1`,
		`dealwright_mailbox_shared{company="kitchens",mailbox="new"} 0`,
		`dealwright_mailbox_last_contact_timestamp_seconds{company="kitchens",mailbox="sales"} 1.7724`,
	} {
		if !strings.Contains(shown, line) {
			t.Errorf("%s is not in the metrics", line)
		}
	}
}
