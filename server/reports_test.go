package server

import (
	"net/http"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/store"
)

// countedWeek is a week counted by hand. Hours are 9 to 18 in Moscow, where it
// begins on a Monday at 10 o'clock.
func countedWeek(t *testing.T) *world {
	t.Helper()
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
	return w
}

func TestReports(t *testing.T) {
	w := countedWeek(t)
	// Qualification: won stayed 2 hours, back 3, lost 8 + 9 + 1 = 18; back is there again, and so is still.
	w.get("/api/v1/companies/kitchens/funnel").want(http.StatusOK).has(
		"process", "sales", "total", 3, "next_cursor", nil, "to", "2026-03-11T10:00:00.000000001+03:00",
		"items.0.stage", "qualification", "items.0.name", "Qualification",
		"items.0.entered", 5, "items.0.moved_on", 2, "items.0.moved_back", 0, "items.0.lost", 1, "items.0.ended", 0, "items.0.skipped", 0, "items.0.conversion", 0.4,
		"items.0.open_now", 2, "items.0.amount", 1500, "items.0.weighted_amount", 300,
		"items.0.time_in_stage", map[string]any{"median_hours": 3, "p90_hours": 18, "median_of_target": 3.0 / 9, "p90_of_target": 2, "business": true, "target": "1 business day", "within_target": 2.0 / 3, "late_hours": 9, "share_of_delay": 1, "measured": 3},
		"items.1.entered", 2, "items.1.moved_on", 1, "items.1.moved_back", 1, "items.1.conversion", 0.5, "items.1.open_now", 0,
		"items.1.weighted_amount", nil, "items.1.time_in_stage.median_hours", 1, "items.1.time_in_stage.p90_hours", 9, "items.1.time_in_stage.within_target", 1,
		"items.2.stage", "delivery", "items.2.entered", 1, "items.2.moved_on", 1, "items.2.conversion", 1,
		"items.2.time_in_stage", map[string]any{"median_hours": 190, "p90_hours": 190, "median_of_target": nil, "p90_of_target": nil, "business": false, "target": nil, "within_target": nil, "late_hours": nil, "share_of_delay": nil, "measured": 1},
	)
	// Still is Anna's now; the other three are Ivan's.
	w.get("/api/v1/companies/kitchens/funnel?owner=ANNA@kitchens.test").want(http.StatusOK).has("items.0.entered", 1, "items.0.open_now", 1, "items.0.amount", 500, "items.1.entered", 0)
	w.get("/api/v1/companies/kitchens/funnel?source=api").want(http.StatusOK).has("items.0.entered", 5)
	w.get("/api/v1/companies/kitchens/funnel?source=mail").want(http.StatusOK).has("items.0.entered", 0, "items.0.open_now", 0)
	w.get("/api/v1/companies/kitchens/funnel?version=none").want(http.StatusOK).has("items.0.entered", 0)

	// One client of four got a call, after two hours.
	w.get("/api/v1/companies/kitchens/first-touch").want(http.StatusOK).has(
		"opened", 4, "touched", 1, "time.median_hours", 2, "time.p90_hours", 2, "time.business", true, "time.measured", 1)
	w.get("/api/v1/companies/kitchens/first-touch?from=2026-03-03").want(http.StatusOK).has("opened", 0, "time.median_hours", nil)

	w.get("/api/v1/companies/kitchens/lost-reasons").want(http.StatusOK).has("items", []any{map[string]any{
		"reason": "expensive", "name": "Too expensive", "deals": 1, "share": 1, "amount": 1000,
		"stages": []any{map[string]any{"stage": "qualification", "name": "Qualification", "deals": 1, "amount": 1000}},
	}})
	w.get("/api/v1/companies/kitchens/lost-reasons?to=2026-03-03").want(http.StatusOK).has("items", []any{})

	// Won was opened on Monday at 10 and won on Tuesday at 12: 26 hours. Two are open.
	w.get("/api/v1/companies/kitchens/velocity").want(http.StatusOK).has(
		"open_deals", 2, "won", 1, "lost", 1, "win_rate", 0.5, "average_amount", 1000, "average_cycle_days", 26.0/24, "per_day", 2*0.5*1000/(26.0/24))
	w.get("/api/v1/companies/kitchens/velocity?from=2026-03-05").want(http.StatusOK).has("won", 0, "win_rate", nil, "per_day", nil)
	w.get("/api/v1/companies/kitchens/cycle").want(http.StatusOK).has("won", 1, "median_days", 26.0/24, "before.won", 0, "change", nil)
	w.get("/api/v1/companies/kitchens/cycle?from=2026-03-05").want(http.StatusOK).has("won", 0, "median_days", nil, "before.won", 1, "before.p90_days", 26.0/24)

	// 1000 and 500 in qualification, of which the process expects a fifth.
	w.get("/api/v1/companies/kitchens/forecast").want(http.StatusOK).has(
		"deals", 2, "amount", 1500, "currency", "RUB", "by_probability", 300, "by_conversion", nil, "decided", 2,
		"stages.0.stage", "qualification", "stages.0.probability", 20, "stages.0.conversion", nil)
	// On Tuesday only the delivery began.
	w.get("/api/v1/companies/kitchens/funnel?process=sales&from=2026-03-03&to=2026-03-03").want(http.StatusOK).has(
		"from", "2026-03-03T00:00:00+03:00", "to", "2026-03-04T00:00:00+03:00",
		"items.0.entered", 0, "items.0.conversion", nil, "items.0.open_now", 2, "items.1.entered", 0, "items.2.entered", 1)

	// The waived meeting does not count. Ivan owned the deals.
	w.get("/api/v1/companies/kitchens/quotas?from=2026-03-02&to=2026-03-08").want(http.StatusOK).has(
		"total", 2, "items.0.person", "ivan@kitchens.test", "items.0.role", "rep", "items.0.role_name", "Sales rep", "items.0.kind", "call", "items.0.done", 1, "items.0.quota", 40,
		"items.1.kind", "meeting", "items.1.done", 0, "items.1.quota", 8)
	w.get("/api/v1/companies/kitchens/quotas?from=2026-03-02&to=2026-03-15").want(http.StatusOK).has("items.0.quota", 80)
	w.get("/api/v1/companies/kitchens/quotas").want(http.StatusOK).has(
		"from", "2026-03-09T00:00:00+03:00", "to", "2026-03-16T00:00:00+03:00", "items.0.done", 0)
	w.get("/api/v1/companies/yachts/quotas").want(http.StatusOK).has("items", []any{})
}

// Ivan made 13 calls in the third quarter of 2025 and 26 in the fourth, which
// has 92 days.
func TestQuotaFromTheBestQuarter(t *testing.T) {
	w := newWorld(t)
	id := w.open(petr)
	var calls []deal.Entry
	for i := range 39 {
		at := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 24 * time.Hour)
		if i >= 13 {
			at = at.AddDate(0, 3, 0)
		}
		calls = append(calls, deal.Entry{At: at, Type: "task_done", Data: map[string]any{"kind": "call", "assignee": "ivan@kitchens.test"}})
	}
	if err := w.store.UpdateDeal(t.Context(), id, func(tx *store.DealTx) error { return tx.Append(calls) }); err != nil {
		t.Fatal(err)
	}
	w.get("/api/v1/companies/kitchens/quotas").want(http.StatusOK).has(
		"items.0.kind", "call", "items.0.done", 0, "items.0.proposal", 2, "items.0.best_quarter", map[string]any{
			"from": "2025-10-01T00:00:00+03:00", "to": "2026-01-01T00:00:00+03:00", "done": 26, "per_week": 1.98,
		}, "items.1.kind", "meeting", "items.1.best_quarter", nil, "items.1.proposal", nil)
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
	holds(t, "a row of the ledger", first.at("items.0"), ledgerKeys...)
	w.get(messages+"?limit=1&cursor="+first.at("next_cursor").(string)).want(http.StatusOK).has("items.0.deal_id", "d1", "next_cursor", nil)
	w.get(messages+"?outcome=lead").want(http.StatusOK).has("total", 1)
	w.get(messages+"?q=СКИДКИ").want(http.StatusOK).has("total", 1)
	w.get("/api/v1/companies/yachts/messages").want(http.StatusOK).has("total", 0)
}
