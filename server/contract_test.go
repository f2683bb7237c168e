package server

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/store"
)

// What clients of the API are promised, whatever else is added.
var (
	dealKeys = words(`id company process version stage status owner contact subject source fields amount currency probability stalled stalled_since
		escalation_level visit opened_at stage_entered_at next_wake closed_at lost_reason qualification tasks blocking upcoming`)
	taskKeys   = words(`id name kind status assignee due_at overdue required`)
	eventKeys  = words(`seq at type actor stage data`)
	eventTypes = words(`opened mail_received mail_sent mail_failed stage_entered stage_left stage_skipped task_opened task_done task_overdue fields_changed
		document_added note stalled progressed escalated notified assigned paused resumed signalled won lost reopened recycled merged process_changed closed`)
	eventData = map[string][]string{
		"mail_received": mailKeys, "mail_sent": mailKeys, "mail_failed": mailKeys,
		"notified": {"to", "about"}, "stage_entered": {"from", "to", "by", "detour"},
		// What docs/api.md adds to it.
		"opened": {"subject", "source"}, "stage_left": {"to", "by"}, "stage_skipped": {"from"}, "task_opened": {"task", "name"}, "task_done": {"task", "name"},
		"task_overdue": {"task", "name"}, "document_added": {"document", "name"}, "note": {"text"}, "stalled": {"since"}, "escalated": {"level"},
		"assigned": {"to"}, "signalled": {"name"}, "won": {"amount"}, "lost": {"reason"}, "merged": {"into"}, "process_changed": {"from", "to"},
	}
	ledgerKeys = words(`id mailbox uidvalidity uid message_id received_at from subject outcome rule deal_id`)
)

func words(text string) []string { return strings.Fields(text) }

// holds checks that an object has the keys.
func holds(t *testing.T, what string, object any, keys ...string) {
	t.Helper()
	m, is := object.(map[string]any)
	if !is {
		t.Errorf("%s is %T, not an object", what, object)
	}
	for _, key := range keys {
		if _, has := m[key]; !has {
			t.Errorf("%s has no %s: %v", what, key, slices.Sorted(maps.Keys(m)))
		}
	}
}

// filled fills the client card of a kitchen.
const filled = `{"company": "kitchens", "contact": {"name": "Пётр", "email": "petr@client.test"}, "fields": {"budget": 1000, "need": "x"}}`

func TestDealsHoldToTheContract(t *testing.T) {
	w := newWorld(t)
	id := w.open(petr)
	w.open(filled)
	for what, d := range map[string]any{
		"a new deal":       w.post("/api/v1/deals", petr).want(http.StatusCreated).at("."),
		"a deal":           w.get("/api/v1/deals/" + id).at("."),
		"a deal of a list": w.get("/api/v1/deals").at("items.0"),
	} {
		holds(t, what, d, dealKeys...)
		d := d.(map[string]any)
		holds(t, what+"'s contact", d["contact"], "name", "email", "phone")
		holds(t, what+"'s qualification", d["qualification"], "score", "missing")
		holds(t, what+"'s task", d["tasks"].([]any)[0], taskKeys...)
		holds(t, what+"'s blocking", d["blocking"].([]any)[0], "message")
		holds(t, what+"'s upcoming", d["upcoming"].([]any)[0], "at", "what")
	}
}

// Every type of event there may be happens here, with the data it is to have;
// and no other type does.
func TestEventsHoldToTheContract(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	look := func(id string) {
		t.Helper()
		for _, item := range w.get("/api/v1/deals/" + id + "/events?limit=500").want(http.StatusOK).at("items").([]any) {
			holds(t, "an event", item, eventKeys...)
			e := item.(map[string]any)
			kind := e["type"].(string)
			holds(t, kind, e["data"], eventData[kind]...)
			if kind == "notified" && strings.ContainsAny(e["data"].(map[string]any)["to"].(string), "<> ") {
				t.Errorf("notified: %v is no bare address", e["data"])
			}
			seen[kind] = true
		}
	}
	do := func(id string, e deal.Event) {
		t.Helper()
		if err := w.Do(t.Context(), store.Input{ID: store.NewID(), DealID: id, Event: e}); err != nil {
			t.Fatalf("%s: %v", e.Kind, err)
		}
	}
	mail := &deal.Mail{MessageID: "<1@client.test>", From: "petr@client.test", To: "sales@kitchens.test", Subject: "Re", Text: "Да"}

	// A sale, through every stage and past the one that is to be skipped.
	sold := w.open(filled)
	do(sold, deal.Event{Kind: deal.KindReply, Mail: mail})
	do(sold, deal.Event{Kind: deal.KindOutbound, Mail: mail})
	do(sold, deal.Event{Kind: deal.KindLetterFailed, Name: "reminder", Reason: "no such user", Permanent: true})
	err := w.store.UpdateDeal(t.Context(), sold, func(tx *store.DealTx) error {
		earlier := *tx.State
		earlier.Version = "an earlier one"
		return tx.Save(&earlier, store.SaveExtra{At: monday})
	})
	if err != nil {
		t.Fatal(err)
	}
	do(sold, deal.Event{Kind: deal.KindUpgrade})
	do(sold, deal.Event{Kind: deal.KindMember})
	d := "/api/v1/deals/" + sold
	w.post(d+"/pause", "").want(http.StatusOK)
	w.post(d+"/resume", "").want(http.StatusOK)
	w.post(d+"/signal", `{"name": "x"}`).want(http.StatusOK)
	w.post(d+"/notes", `{"text": "x"}`).want(http.StatusCreated)
	w.send("PATCH", d, `{"fields": {"solo": true}}`).want(http.StatusOK)
	w.post(d+"/tasks/first-call/complete", "").want(http.StatusOK)
	w.post(d+"/documents/offer", `{"note": "x"}`).want(http.StatusCreated)
	w.post(d+"/tasks/show/complete", "").want(http.StatusOK)
	w.post(d+"/tasks/deliver/complete", "").want(http.StatusOK)
	look(sold)

	// One that stalls, moves again and is lost, is reopened and merged.
	silent := w.open(filled)
	w.pass(15 * 24 * time.Hour)
	w.tick(silent)
	w.post("/api/v1/deals/"+silent+"/tasks/first-call/complete", "").want(http.StatusOK)
	w.post("/api/v1/deals/"+silent+"/move", `{"to": "lost", "reason": "rival"}`).want(http.StatusOK)
	w.post("/api/v1/deals/"+silent+"/reopen", "").want(http.StatusOK)
	w.post("/api/v1/deals/"+silent+"/merge", `{"into": "`+sold+`"}`).want(http.StatusOK)
	look(silent)

	// One that is lost, comes back, and passes a stage over.
	yacht := w.open(`{"company": "yachts"}`)
	w.post("/api/v1/deals/"+yacht+"/move", `{"to": "lost", "reason": "no"}`).want(http.StatusOK)
	w.pass(91 * 24 * time.Hour)
	w.tick(yacht)
	w.post("/api/v1/deals/"+yacht+"/move", `{"to": "sketch"}`).want(http.StatusOK).has("stage", "sign", "visit", 2)
	look(yacht)

	got := slices.Sorted(maps.Keys(seen))
	want := slices.Sorted(slices.Values(eventTypes))
	if !slices.Equal(got, want) {
		t.Errorf("types of events\n%v, want\n%v", got, want)
	}
}

func TestSurroundingsHoldToTheContract(t *testing.T) {
	w := newWorld(t)
	w.ready.Store(&Readiness{
		Ready: true, Mailboxes: []MailboxState{{Company: "kitchens", ID: "sales"}}, Definitions: []DefinitionState{{Company: "kitchens", OK: true}},
	})
	r := w.get("/readyz").want(http.StatusOK)
	holds(t, "/readyz", r.at("."), "ready", "mailboxes", "definitions")
	holds(t, "a mailbox", r.at("mailboxes.0"), "company", "id", "state", "last_contact", "error")
	holds(t, "definitions", r.at("definitions.0"), "company", "ok", "faults")

	for _, list := range []string{
		"/deals", "/companies", "/companies/kitchens/messages", "/companies/kitchens/funnel", "/companies/kitchens/quotas",
		"/companies/kitchens/lost-reasons", "/companies/kitchens/suppressions", "/companies/kitchens/audit", "/deals/" + w.open(petr) + "/events",
	} {
		holds(t, list, w.get("/api/v1"+list+"?limit=500").want(http.StatusOK).at("."), "items", "next_cursor", "total")
		w.get("/api/v1" + list + "?limit=501").want(http.StatusUnprocessableEntity)
		w.get("/api/v1" + list + "?cursor=nonsense").want(http.StatusUnprocessableEntity)
	}
}
