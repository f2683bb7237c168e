package server

import (
	"net/http"
	"testing"
	"time"
)

func TestDealFromCreationToDone(t *testing.T) {
	w := newWorld(t)
	created := w.post("/api/v1/deals", petr).want(http.StatusCreated)
	id := created.at("id").(string)
	if got, want := created.header.Get("Location"), "/api/v1/deals/"+id; got != want {
		t.Errorf("Location %q, want %q", got, want)
	}
	deal := "/api/v1/deals/" + id
	w.get(deal).want(http.StatusOK).has(
		"company", "kitchens", "process", "sales", "stage", "qualification", "stage_name", "Qualification", "status", "open",
		"owner", "ivan@kitchens.test", "contact.name", "Пётр", "contact.phone", "+79211234567", "subject", "Нужна кухня", "source", "api",
		"fields", map[string]any{}, "amount", 0, "currency", "RUB", "probability", 20, "stalled", false, "stalled_since", nil,
		"escalation_level", 0, "visit", 1, "opened_at", "2026-03-02T10:00:00+03:00", "stage_entered_at", "2026-03-02T10:00:00+03:00",
		"next_wake", "2026-03-02T10:30:00+03:00", "closed_at", nil, "lost_reason", nil,
		"qualification.score", 0, "qualification.missing", []string{"budget", "need", "timeline"},
		"tasks.0.id", "first-call", "tasks.0.kind", "call", "tasks.0.status", "open", "tasks.0.assignee", "ivan@kitchens.test",
		"tasks.0.due_at", "2026-03-02T10:30:00+03:00", "tasks.0.overdue", false, "tasks.0.required", true, "tasks.0.asks", []string{"budget", "need"},
		"blocking.0.task", "first-call", "blocking.1.field", "budget", "blocking.2.field", "need",
		"upcoming.0.at", "2026-03-02T10:30:00+03:00", "upcoming.0.kind", "task_overdue",
	)

	// The gates hold, and say why.
	w.post(deal+"/move", `{"to": "presentation"}`).want(http.StatusConflict).has(
		"type", "urn:dealwright:problem:refused", "errors.0.task", "first-call", "errors.1.field", "budget", "errors.2.field", "need")

	w.send("PATCH", deal, `{"fields": {"budget": "300 000", "timeline": "2026-06-01"}}`).want(http.StatusOK).has(
		"fields.budget", 300000, "fields.timeline", "2026-06-01", "amount", 300000, "qualification.missing", []string{"need"})
	w.post(deal+"/tasks/first-call/complete", `{"fields": {"need": "белая"}, "note": "поговорили"}`).want(http.StatusOK).has(
		"stage", "presentation", "tasks.0.status", "done", "tasks.1.id", "show", "probability", 60)

	// A document that is required, in its three forms.
	w.post(deal+"/tasks/show/complete", "").want(http.StatusOK).has("stage", "presentation", "blocking.0.document", "offer")
	w.post(deal+"/documents/offer", `{"url": "https://files.test/offer.pdf", "note": "v1"}`).want(http.StatusCreated).has(
		"stage", "delivery", "status", "won", "probability", 100, "documents.0.url", "https://files.test/offer.pdf", "documents.0.held", false)
	w.pass(time.Hour)
	w.post(deal+"/tasks/deliver/complete", `{}`).want(http.StatusOK).has("closed_at", "2026-03-02T11:00:00+03:00", "next_wake", nil, "upcoming", []any{})
	w.post(deal+"/notes", `{"text": "спасибо"}`).want(http.StatusCreated)

	events := w.get(deal+"/events?limit=3").want(http.StatusOK).has(
		"items.0.seq", 1, "items.0.type", "opened", "items.0.actor", "api", "items.0.at", "2026-03-02T10:00:00+03:00", "items.1.data.to", "qualification")
	cursor := events.at("next_cursor").(string)
	w.get(deal+"/events?limit=3&cursor="+cursor).want(http.StatusOK).has("items.0.seq", 4, "total", events.at("total"))
}

func TestChanges(t *testing.T) {
	w := newWorld(t)
	deal := "/api/v1/deals/" + w.open(petr)

	added := w.post(deal+"/tasks", `{"name": "Send photos", "kind": "email", "due_at": "2026-03-05T12:00:00+03:00", "required": true}`).want(http.StatusCreated).has(
		"tasks.1.name", "Send photos", "tasks.1.ad_hoc", true, "tasks.1.due_at", "2026-03-05T12:00:00+03:00", "tasks.1.assignee", "ivan@kitchens.test")
	task := deal + "/tasks/" + added.at("tasks.1.id").(string)
	if got := added.header.Get("Location"); got != task {
		t.Errorf("Location %q, want %q", got, task)
	}
	w.send("PATCH", task, `{"due_at": "2026-03-06T12:00:00Z", "assignee": "Anna@kitchens.test"}`).want(http.StatusOK).has(
		"tasks.1.due_at", "2026-03-06T15:00:00+03:00", "tasks.1.assignee", "anna@kitchens.test")
	w.send("PATCH", task, `{"waive": true}`).want(http.StatusUnprocessableEntity).has("errors.0.field", "reason")
	w.send("PATCH", task, `{"waive": true, "reason": "sent already"}`).want(http.StatusOK).has("tasks.1.status", "waived")
	w.post(task+"/complete", "{}").want(http.StatusConflict)

	w.send("PATCH", deal, `{"contact": {"name": null, "phone": "8 (495) 111-22-33"}, "owner": "anna@kitchens.test"}`).want(http.StatusOK).has(
		"contact", map[string]any{"name": "", "email": "petr@client.test", "phone": "+74951112233"}, "owner", "anna@kitchens.test")
	w.send("PATCH", deal, `{"fields": {"need": "white"}}`).want(http.StatusOK).has("fields.need", "white")
	w.send("PATCH", deal, `{"fields": {"need": null}}`).want(http.StatusOK).has("fields", map[string]any{})

	w.post(deal+"/pause", `{"until": "2026-04-01T09:00:00+03:00", "reason": "on holiday"}`).want(http.StatusOK).has("paused_at", "2026-03-02T10:00:00+03:00")
	w.post(deal+"/pause", "").want(http.StatusConflict)
	w.post(deal+"/resume", "").want(http.StatusOK).has("paused_at", nil)

	w.post(deal+"/move", `{"to": "presentation", "force": true, "reason": "the boss said so"}`).want(http.StatusOK).has("stage", "presentation")
	w.post(deal+"/signal", `{"name": "rival", "fields": {"need": "blue"}}`).want(http.StatusOK).has("status", "lost", "lost_reason", "rival", "probability", 0)
	w.post(deal+"/reopen", `{"to": "qualification", "reason": "they came back"}`).want(http.StatusOK).has("status", "open", "visit", 2, "stage", "qualification")
	w.post(deal+"/move", `{"to": "lost", "reason": "expensive"}`).want(http.StatusOK).has("status", "lost", "lost_reason", "expensive")

	other, foreign := w.open(petr), w.open(`{"company": "yachts"}`)
	w.post("/api/v1/deals/"+other+"/merge", `{"into": "`+foreign+`"}`).want(http.StatusUnprocessableEntity).has("errors.0.field", "into")
	w.get("/api/v1/deals/"+other).want(http.StatusOK).has("returning", true)
	third := w.open(petr)
	w.post("/api/v1/deals/"+other+"/merge", `{"into": "`+third+`"}`).want(http.StatusOK).has("merged_into", third)
	w.post("/api/v1/deals/"+third+"/merge", `{"into": "`+other+`"}`).want(http.StatusConflict)
}

func TestStalledDealShowsItsLadder(t *testing.T) {
	w := newWorld(t)
	id := w.open(petr)
	w.pass(9 * 24 * time.Hour)
	w.tick(id)
	w.get("/api/v1/deals/"+id).want(http.StatusOK).has("stalled", true, "stalled_since", "2026-03-09T10:00:00+03:00", "escalation_level", 2, "tasks.0.overdue", true)
	w.get("/api/v1/deals?stalled=true").want(http.StatusOK).has("total", 1)
	w.get("/api/v1/deals?stalled=false").want(http.StatusOK).has("total", 0)
}

func TestNoWorkerAnswers(t *testing.T) {
	w := newWorld(t)
	id := w.open(petr)
	w.down.Store(true)
	for _, r := range []*reply{
		w.post("/api/v1/deals", petr),
		w.post("/api/v1/deals/"+id+"/notes", `{"text": "x"}`),
	} {
		if r.want(http.StatusServiceUnavailable).header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", r.what)
		}
	}
	w.get("/api/v1/deals/" + id).want(http.StatusOK)
}

func TestStoreDownAndBack(t *testing.T) {
	w := newWorld(t)
	id := w.open(petr)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/api/v1/deals", "/api/v1/deals/" + id, "/api/v1/deals/" + id + "/events", "/api/v1/companies/kitchens/funnel"} {
		if r := w.get(path); r.status < 500 {
			t.Errorf("%s: status %d without a store", path, r.status)
		}
	}
	w.get("/healthz").want(http.StatusOK)
	if r := w.get("/readyz"); r.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: status %d without a store", r.status)
	}
	w.get("/api/v1/companies").want(http.StatusOK)
}
