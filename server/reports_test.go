package server

import (
	"net/http"
	"testing"
	"time"

	"github.com/dealwright/dealwright/store"
)

// TestReports checks the reports against a week counted by hand. Hours are
// 9 to 18 in Moscow, where it is Monday, 10 o'clock.
func TestReports(t *testing.T) {
	w := newWorld(t)
	const full = `{"company": "kitchens", "fields": {"budget": 1000, "need": "x"}}`
	path := func(id string) string { return "/api/v1/deals/" + id }
	won, lost, back, still := path(w.open(full)), path(w.open(full)), path(w.open(full)), path(w.open(full))
	skip := func(d time.Duration, method, path, body string) {
		w.pass(d)
		if r := w.send(method, path, body); r.status >= 300 {
			t.Fatalf("%s: %d %s", r.what, r.status, r.body)
		}
	}
	skip(2*time.Hour, "POST", won+"/tasks/first-call/complete", "")                               // Monday 12:00
	skip(time.Hour, "POST", back+"/move", `{"to": "presentation", "force": true, "reason": "x"}`) // 13:00
	skip(time.Hour, "POST", back+"/move", `{"to": "qualification"}`)                              // 14:00
	skip(22*time.Hour, "POST", won+"/documents/offer", `{"note": "x"}`)                           // Tuesday 12:00
	skip(0, "PATCH", won+"/tasks/show", `{"waive": true, "reason": "x"}`)                         // and so to delivery
	skip(22*time.Hour, "POST", lost+"/move", `{"to": "lost", "reason": "expensive"}`)             // Wednesday 10:00
	skip(7*24*time.Hour, "POST", won+"/tasks/deliver/complete", "")                               // Wednesday week
	skip(0, "PATCH", still, `{"fields": {"budget": 500}, "owner": "anna@kitchens.test"}`)         // it is stalled no more
	w.open(`{"company": "yachts"}`)

	// Qualification: won stayed 2 hours, back 3, lost 8 + 9 + 1 = 18; back is there again, and so is still.
	w.get("/api/v1/companies/kitchens/funnel").want(http.StatusOK).has(
		"process", "sales", "total", 3, "next_cursor", nil, "to", "2026-03-11T10:00:00.000000001+03:00",
		"items.0.stage", "qualification", "items.0.name", "Qualification",
		"items.0.entered", 5, "items.0.moved_on", 2, "items.0.moved_back", 0, "items.0.lost", 1, "items.0.ended", 0, "items.0.skipped", 0, "items.0.conversion", 0.4,
		"items.0.open_now", 2, "items.0.amount", 1500, "items.0.weighted_amount", 300,
		"items.0.time_in_stage", map[string]any{"median_hours": 3, "p90_hours": 18, "business": true, "target": "1 business day", "within_target": 2.0 / 3},
		"items.1.entered", 2, "items.1.moved_on", 1, "items.1.moved_back", 1, "items.1.conversion", 0.5, "items.1.open_now", 0,
		"items.1.weighted_amount", nil, "items.1.time_in_stage.median_hours", 1, "items.1.time_in_stage.p90_hours", 9, "items.1.time_in_stage.within_target", 1,
		"items.2.stage", "delivery", "items.2.entered", 1, "items.2.moved_on", 1, "items.2.conversion", 1,
		"items.2.time_in_stage", map[string]any{"median_hours": 190, "p90_hours": 190, "business": false, "target": nil, "within_target": nil},
	)
	// On Tuesday only the delivery began.
	w.get("/api/v1/companies/kitchens/funnel?process=sales&from=2026-03-03&to=2026-03-03").want(http.StatusOK).has(
		"from", "2026-03-03T00:00:00+03:00", "to", "2026-03-04T00:00:00+03:00",
		"items.0.entered", 0, "items.0.conversion", nil, "items.0.open_now", 2, "items.1.entered", 0, "items.2.entered", 1)

	// The waived meeting does not count. Ivan owned the deals.
	w.get("/api/v1/companies/kitchens/quotas?from=2026-03-02&to=2026-03-08").want(http.StatusOK).has(
		"total", 2, "items.0.person", "ivan@kitchens.test", "items.0.role", "rep", "items.0.kind", "call", "items.0.done", 1, "items.0.quota", 40,
		"items.1.kind", "meeting", "items.1.done", 0, "items.1.quota", 8)
	w.get("/api/v1/companies/kitchens/quotas?from=2026-03-02&to=2026-03-15").want(http.StatusOK).has("items.0.quota", 80)
	w.get("/api/v1/companies/kitchens/quotas").want(http.StatusOK).has(
		"from", "2026-03-09T00:00:00+03:00", "to", "2026-03-16T00:00:00+03:00", "items.0.done", 0)
	w.get("/api/v1/companies/yachts/quotas").want(http.StatusOK).has("items", []any{})
}

func TestWeekOf(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ at, from, to string }{
		"Monday's first moment": {"2026-03-02T00:00:00+01:00", "2026-03-02T00:00:00+01:00", "2026-03-09T00:00:00+01:00"},
		"Sunday":                {"2026-03-08T23:59:59+01:00", "2026-03-02T00:00:00+01:00", "2026-03-09T00:00:00+01:00"},
		"the clocks change":     {"2026-03-29T12:00:00+02:00", "2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		"over the new year":     {"2027-01-01T12:00:00+01:00", "2026-12-28T00:00:00+01:00", "2027-01-04T00:00:00+01:00"},
	} {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			got := weekOf(at.In(zone))
			if from, to := got.from.Format(time.RFC3339), got.to.Format(time.RFC3339); from != c.from || to != c.to {
				t.Errorf("week from %s to %s, want %s to %s", from, to, c.from, c.to)
			}
			if d := days(got); d != 7 {
				t.Errorf("it has %v days", d)
			}
		})
	}
}

func TestLedgerOfMail(t *testing.T) {
	w := newWorld(t)
	box := store.MailboxKey{Company: "kitchens", ID: "sales"}
	if err := w.store.ConfigureMailboxes(t.Context(), "kitchens", []store.MailboxConfig{{ID: "sales"}}, monday); err != nil {
		t.Fatal(err)
	}
	rows := []store.LedgerRow{
		{MessageID: "<1@client.test>", From: "petr@client.test", Subject: "Нужна кухня", Outcome: "lead", Rule: "lead", DealID: "d1"},
		{MessageID: "<2@client.test>", From: "news@shop.test", Subject: "Скидки", Outcome: "ignored", Rule: "list", Why: "List-Id"},
	}
	err := w.store.Capture(t.Context(), box, func(tx *store.CaptureTx) error {
		for i := range rows {
			rows[i].UIDValidity, rows[i].UID, rows[i].ReceivedAt, rows[i].ProcessedAt = 7, uint32(i+1), monday, monday
			if _, err := tx.AddLedger(&rows[i], nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const messages = "/api/v1/companies/kitchens/messages"
	first := w.get(messages+"?limit=1").want(http.StatusOK).has(
		"total", 2, "items.0.mailbox", "sales", "items.0.uidvalidity", 7, "items.0.uid", 2, "items.0.message_id", "<2@client.test>",
		"items.0.received_at", "2026-03-02T10:00:00+03:00", "items.0.from", "news@shop.test", "items.0.subject", "Скидки", "items.0.outcome", "ignored",
		"items.0.rule", "list", "items.0.why", "List-Id", "items.0.deal_id", nil)
	w.get(messages+"?limit=1&cursor="+first.at("next_cursor").(string)).want(http.StatusOK).has("items.0.deal_id", "d1", "next_cursor", nil)
	w.get(messages+"?outcome=lead").want(http.StatusOK).has("total", 1)
	w.get(messages+"?q=СКИДКИ").want(http.StatusOK).has("total", 1)
	w.get("/api/v1/companies/yachts/messages").want(http.StatusOK).has("total", 0)
}
