package server

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/store"
)

// Of many who saw the same deal, one changes it: the check and the change are
// one transaction.
func TestOneOfManyWhoSawTheSame(t *testing.T) {
	w := newWorld(t)
	d := "/api/v1/deals/" + w.open(petr)
	seen := w.get(d).header.Get("ETag")
	var all sync.WaitGroup
	var taken, stale atomic.Int32
	for i := range 30 {
		all.Go(func() {
			switch r := w.send("PATCH", d, fmt.Sprintf(`{"fields": {"rooms": %d}}`, i+1), "If-Match", seen); r.status {
			case http.StatusOK:
				taken.Add(1)
			case http.StatusPreconditionFailed:
				stale.Add(1)
			default:
				t.Errorf("status %d: %s", r.status, r.body)
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 || stale.Load() != 29 {
		t.Errorf("%d taken and %d refused, want 1 and 29", taken.Load(), stale.Load())
	}
}

func TestIfMatch(t *testing.T) {
	const now = 7
	for name, c := range map[string]struct {
		header string
		want   int64
	}{
		"none":              {"", 0},
		"any":               {"*", 0},
		"the deal's":        {`"7"`, 7},
		"an older":          {`"6"`, 6},
		"of a list":         {`"5", "7"`, 7},
		"of a list without": {`"5", "6"`, 6},
		"weak":              {`W/"7"`, -1},
		"without quotes":    {`7`, -1},
		"a sign":            {`"+7"`, -1},
		"zero":              {`"0"`, -1},
		"more behind":       {`"7"x`, -1},
		"words":             {`"seven"`, -1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (ChangeInput{IfMatch: c.header}).revision(now); got != c.want {
				t.Errorf("revision %d, want %d", got, c.want)
			}
		})
	}
}

// A POST that is sent again with its key is done once and answers as before,
// whatever it was and however often it is sent at once.
func TestEveryPostOnce(t *testing.T) {
	for name, c := range map[string]struct {
		path, body string
		status     int
		of         func(*store.EventRow) bool
	}{
		"note":     {"/notes", `{"text": "once"}`, 201, func(e *store.EventRow) bool { return e.Type == "note" }},
		"task":     {"/tasks", `{"name": "Photos"}`, 201, func(e *store.EventRow) bool { return e.Data["ad_hoc"] == true }},
		"finish":   {"/tasks/first-call/complete", `{"note": "called"}`, 200, func(e *store.EventRow) bool { return e.Type == "task_done" }},
		"signal":   {"/signal", `{"name": "met"}`, 200, func(e *store.EventRow) bool { return e.Type == "signalled" }},
		"pause":    {"/pause", `{"reason": "away"}`, 200, func(e *store.EventRow) bool { return e.Type == "paused" }},
		"move":     {"/move", `{"to": "lost", "reason": "expensive"}`, 200, func(e *store.EventRow) bool { return e.Type == "lost" }},
		"document": {"/documents/offer", `{"url": "https://a.test/b"}`, 201, func(e *store.EventRow) bool { return e.Type == "document_added" }},
		"refused":  {"/move", `{"to": "delivery"}`, 409, func(*store.EventRow) bool { return false }},
		"invalid":  {"/move", `{"to": "nowhere"}`, 422, func(*store.EventRow) bool { return false }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			d := "/api/v1/deals/" + w.open(petr)
			var all sync.WaitGroup
			var places sync.Map
			for range 10 {
				all.Go(func() {
					r := w.send("POST", d+c.path, c.body, "Idempotency-Key", "k")
					if r.status != c.status {
						t.Errorf("status %d, want %d: %s", r.status, c.status, r.body)
					}
					places.Store(r.header.Get("Location"), true)
				})
			}
			all.Wait()
			n := 0
			places.Range(func(any, any) bool { n++; return true })
			if n != 1 {
				t.Errorf("%d different places", n)
			}
			page, err := w.store.Events(t.Context(), strings.TrimPrefix(d, "/api/v1/deals/"), "", 0)
			if err != nil {
				t.Fatal(err)
			}
			times := 0
			for i := range page.Items {
				if c.of(&page.Items[i]) {
					times++
				}
			}
			if want := min(1, 300/c.status); times != want {
				t.Errorf("done %d times, want %d", times, want)
			}
			w.send("POST", d+"/notes", `{"text": "another"}`, "Idempotency-Key", "k").want(http.StatusConflict).has(
				"type", "urn:dealwright:problem:idempotency-key-reused")
			// What was answered is answered again, even by a server without workers.
			w.down.Store(true)
			w.send("POST", d+c.path, c.body, "Idempotency-Key", "k").want(c.status)
		})
	}
}

// A change that changes nothing leaves the deal's revision alone.
func TestRefusedChangeKeepsTheRevision(t *testing.T) {
	w := newWorld(t)
	id := w.open(petr)
	seen := w.get("/api/v1/deals/" + id).header.Get("ETag")
	w.post("/api/v1/deals/"+id+"/move", `{"to": "delivery"}`).want(http.StatusConflict)
	w.tick(id)
	if now := w.get("/api/v1/deals/" + id).header.Get("ETag"); now != seen {
		t.Errorf("ETag %s after a refusal, was %s", now, seen)
	}
	if err := w.Do(t.Context(), store.Input{ID: "n", DealID: id, Event: deal.Event{Kind: deal.KindNote, Text: "x"}}); err != nil {
		t.Fatal(err)
	}
	if now := w.get("/api/v1/deals/" + id).header.Get("ETag"); now == seen {
		t.Error("the ETag is the same after a note")
	}
}
