package server

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dealwright/dealwright/store"
)

func TestListOfDeals(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i, c := range []string{
		`{"company": "kitchens", "contact": {"name": "Пётр Иванов", "email": "Petr@Client.test"}, "subject": "Белая кухня", "fields": {"budget": 300}}`,
		`{"company": "kitchens", "contact": {"name": "Anna", "phone": "8 921 555-11-22"}, "fields": {"need": "Угловая ДУБОВАЯ", "budget": 100}, "source": "site"}`,
		`{"company": "kitchens", "contact": {"name": "100%_sure"}, "fields": {"budget": 200}}`,
		`{"company": "yachts", "contact": {"name": "Пётр Великий"}}`,
	} {
		ids = append(ids, w.open(c))
		if i == 2 {
			w.post("/api/v1/deals/"+ids[2]+"/move", `{"to": "lost", "reason": "expensive"}`).want(http.StatusOK)
		}
		w.pass(time.Minute)
	}
	version := w.get("/api/v1/deals/" + ids[0]).at("version").(string)
	for name, c := range map[string]struct {
		query url.Values
		want  []int // places in ids, in this order
	}{
		"all, newest first":      {nil, []int{3, 2, 1, 0}},
		"empty parts":            {url.Values{"company": {""}, "q": {""}}, []int{3, 2, 1, 0}},
		"a company":              {url.Values{"company": {"yachts"}}, []int{3}},
		"no such company":        {url.Values{"company": {"nobody"}}, nil},
		"open":                   {url.Values{"status": {"open"}}, []int{3, 1, 0}},
		"lost":                   {url.Values{"status": {"lost"}}, []int{2}},
		"a stage":                {url.Values{"stage": {"talk"}, "process": {"sales"}}, []int{3}},
		"an owner":               {url.Values{"owner": {"Ivan@kitchens.test"}}, []int{2, 1, 0}},
		"a source":               {url.Values{"source": {"site"}}, []int{1}},
		"a version":              {url.Values{"version": {version}}, []int{2, 1, 0}},
		"oldest first":           {url.Values{"sort": {"opened_at"}}, []int{0, 1, 2, 3}},
		"by amount":              {url.Values{"sort": {"-amount"}, "company": {"kitchens"}}, []int{0, 2, 1}},
		"a Cyrillic name":        {url.Values{"q": {"ПЁТР"}}, []int{3, 0}},
		"two words":              {url.Values{"q": {"пётр великий"}}, []int{3}},
		"an address":             {url.Values{"q": {"petr@client"}}, []int{0}},
		"a subject":              {url.Values{"q": {"белая"}}, []int{0}},
		"a text field":           {url.Values{"q": {"дубовая"}}, []int{1}},
		"a phone":                {url.Values{"q": {"9215551122"}}, []int{1}},
		"signs that could act":   {url.Values{"q": {`100%_`}}, []int{2}},
		"a quote":                {url.Values{"q": {`"' OR 1=1`}}, nil},
		"an open deal of yachts": {url.Values{"company": {"yachts"}, "status": {"won"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			r := w.get("/api/v1/deals?"+c.query.Encode()).want(http.StatusOK).has("total", len(c.want), "next_cursor", nil)
			if got := places(r, ids); !slices.Equal(got, c.want) {
				t.Errorf("deals %v, want %v", got, c.want)
			}
		})
	}
}

// places are the deals of a list by their place in ids.
func places(r *reply, ids []string) []int {
	r.t.Helper()
	var got []int
	for _, item := range r.at("items").([]any) {
		got = append(got, slices.Index(ids, item.(map[string]any)["id"].(string)))
	}
	return got
}

func TestPagesMeetWithoutGapOrRepetition(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 7 {
		ids = append(ids, w.open(fmt.Sprintf(`{"company": "kitchens", "fields": {"budget": %d}}`, i/2)))
	}
	for _, sort := range store.DealSorts {
		for _, sign := range []string{"", "-"} {
			t.Run(sign+sort, func(t *testing.T) {
				w.t = t
				var all []int
				cursor := ""
				for page := range 4 {
					r := w.get("/api/v1/deals?limit=2&sort="+sign+sort+"&cursor="+url.QueryEscape(cursor)).want(http.StatusOK).has("total", len(ids))
					all = append(all, places(r, ids)...)
					next := r.at("next_cursor")
					if (next == nil) != (page == 3) {
						t.Fatalf("page %d: next_cursor %v", page, next)
					}
					cursor, _ = next.(string)
				}
				slices.Sort(all)
				if want := []int{0, 1, 2, 3, 4, 5, 6}; !slices.Equal(all, want) {
					t.Errorf("deals %v, want each once", all)
				}
			})
		}
	}
}

func TestIdempotencyKeys(t *testing.T) {
	w := newWorld(t)
	first := w.send("POST", "/api/v1/deals", petr, "Idempotency-Key", "k1").want(http.StatusCreated)
	again := w.send("POST", "/api/v1/deals", petr, "Idempotency-Key", "k1").want(http.StatusCreated)
	if first.at("id") != again.at("id") || again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("the same key made %v and %v", first.at("id"), again.at("id"))
	}
	w.send("POST", "/api/v1/deals", strings.Replace(petr, "Хочу", "Не хочу", 1), "Idempotency-Key", "k1").want(http.StatusConflict).has(
		"type", "urn:dealwright:problem:idempotency-key-reused")
	w.send("POST", "/api/v1/deals", petr, "Idempotency-Key", "k2").want(http.StatusCreated)
	w.get("/api/v1/deals").has("total", 2)

	// A request that no worker took may be sent again.
	w.down.Store(true)
	w.send("POST", "/api/v1/deals", petr, "Idempotency-Key", "k3").want(http.StatusServiceUnavailable)
	w.down.Store(false)
	w.send("POST", "/api/v1/deals", petr, "Idempotency-Key", "k3").want(http.StatusCreated)
	w.get("/api/v1/deals").has("total", 3)

	deal := "/api/v1/deals/" + first.at("id").(string)
	notes := 0
	for range 2 {
		w.send("POST", deal+"/notes", `{"text": "once"}`, "Idempotency-Key", "k1").want(http.StatusCreated)
	}
	task := w.send("POST", deal+"/tasks", `{"name": "once"}`, "Idempotency-Key", "k2").want(http.StatusCreated)
	same := w.send("POST", deal+"/tasks", `{"name": "once"}`, "Idempotency-Key", "k2").want(http.StatusCreated)
	if task.header.Get("Location") != same.header.Get("Location") {
		t.Errorf("task at %s, then at %s", task.header.Get("Location"), same.header.Get("Location"))
	}
	for _, e := range w.get(deal + "/events").at("items").([]any) {
		if e.(map[string]any)["type"] == "note" {
			notes++
		}
	}
	if tasks := len(same.at("tasks").([]any)); notes != 1 || tasks != 2 {
		t.Errorf("%d notes and %d tasks, want 1 and 2", notes, tasks)
	}
}

func TestIdempotencyKeyOfManyAtOnce(t *testing.T) {
	w := newWorld(t)
	ids := make([]any, 20)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			if r := w.send("POST", "/api/v1/deals", petr, "Idempotency-Key", "k"); r.status == http.StatusCreated {
				ids[i] = r.at("id")
			} else {
				t.Errorf("status %d: %s", r.status, r.body)
			}
		})
	}
	all.Wait()
	if same := slices.Compact(ids); len(same) != 1 {
		t.Errorf("deals %v, want one", same)
	}
	w.get("/api/v1/deals").has("total", 1)
}

func TestChangesOnlyWhatWasSeen(t *testing.T) {
	w := newWorld(t)
	deal := "/api/v1/deals/" + w.open(petr)
	seen := w.get(deal).header.Get("ETag")
	changed := w.send("PATCH", deal, `{"fields": {"need": "a"}}`, "If-Match", seen).want(http.StatusOK)
	if tag := changed.header.Get("ETag"); tag == seen || tag == "" {
		t.Errorf("ETag %q after a change, was %q", tag, seen)
	}
	stale := w.send("PATCH", deal, `{"fields": {"need": "b"}}`, "If-Match", seen).want(http.StatusPreconditionFailed)
	if stale.header.Get("ETag") != changed.header.Get("ETag") {
		t.Error("the refusal does not name the present ETag")
	}
	w.send("PATCH", deal, `{"fields": {"need": "c"}}`, "If-Match", "*").want(http.StatusOK).has("fields.need", "c")
}

func TestGeneratedDocuments(t *testing.T) {
	w := newWorld(t)
	deal := "/api/v1/deals/" + w.open(petr)
	generate := deal + "/documents/estimate/generate"
	added := w.send("POST", generate, `{"note": "v1"}`, "Idempotency-Key", "k1").want(http.StatusCreated).has(
		"documents.0.id", "estimate", "documents.0.name", "Смета.pdf", "documents.0.held", true, "documents.0.note", "v1")
	read := func() []byte { return w.send("GET", added.header.Get("Location"), "").want(http.StatusOK).body }
	first := read()
	if !bytes.HasPrefix(first, []byte("%PDF-")) {
		t.Errorf("the file is %.20q", first)
	}
	w.send("PATCH", deal, `{"fields": {"need": "Кухня с островом"}}`).want(http.StatusOK)
	w.send("POST", generate, `{"note": "v1"}`, "Idempotency-Key", "k1").want(http.StatusCreated)
	if !bytes.Equal(read(), first) {
		t.Error("a repeated request made another document")
	}
	w.post(generate, "").want(http.StatusCreated).has("documents.0.id", "estimate")
	if bytes.Equal(read(), first) {
		t.Error("the document is not of what the deal holds now")
	}
	w.post(deal+"/documents/offer/generate", "").want(http.StatusConflict)
	w.post(deal+"/documents/none/generate", "").want(http.StatusNotFound)
}

func TestDocuments(t *testing.T) {
	w := newWorld(t)
	deal := "/api/v1/deals/" + w.open(petr)
	offer := deal + "/documents/offer"
	for name, c := range map[string]struct {
		body, file, bytes, note string
		headers                 []string
	}{
		"form": {
			"--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nверсия 2\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../КП.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n",
			"КП.pdf", "%PDF", "версия 2",
			[]string{"Content-Type", `multipart/form-data; boundary="b"`},
		},
		"body":           {"%PDF-1", "kp.pdf", "%PDF-1", "", []string{"Content-Type", "application/pdf", "Content-Disposition", `attachment; filename="C:\\docs\\kp.pdf"`}},
		"without a name": {"<script>", "offer", "<script>", "", []string{"Content-Type", "text/html"}},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			added := w.send("POST", offer, c.body, c.headers...).want(http.StatusCreated).has(
				"documents.0.id", "offer", "documents.0.name", c.file, "documents.0.held", true, "documents.0.note", c.note, "documents.0.url", nil)
			got := w.send("GET", added.header.Get("Location"), "", "Accept", "application/pdf").want(http.StatusOK)
			if string(got.body) != c.bytes {
				t.Errorf("file %q, want %q", got.body, c.bytes)
			}
			if got.header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") {
				t.Errorf("a browser may show the file: %v", got.header)
			}
		})
	}
}

func TestCompaniesAndProcesses(t *testing.T) {
	w := newWorld(t)
	w.open(petr)
	list := w.get("/api/v1/companies").want(http.StatusOK).has(
		"total", 2, "next_cursor", nil, "items.0.id", "kitchens", "items.0.timezone", "Europe/Moscow", "items.0.team.0.members.0.email", "ivan@kitchens.test",
		"items.0.team.0.id", "rep", "items.0.team.0.name", "Sales rep", "items.0.team.1.name", "manager",
		"items.0.mailboxes.0.id", "sales", "items.0.processes.0.id", "sales", "items.0.processes.0.stages", []string{"qualification", "presentation", "delivery"})
	if strings.Contains(string(list.body), "mail.kitchens.test") || strings.Contains(string(list.body), "PASSWORD") {
		t.Errorf("hosts or secrets in %s", list.body)
	}
	w.get("/api/v1/companies/yachts").want(http.StatusOK).has("name", "Yachts")

	w.ready.Store(&Readiness{Ready: true, Definitions: []DefinitionState{{Company: "kitchens", Faults: w.faults()}}})
	process := w.get("/api/v1/companies/kitchens/processes/sales").want(http.StatusOK).has(
		"company", "kitchens", "process", "sales", "name", "Kitchen sales", "live", true, "fields.0.id", "budget", "stages.0.id", "qualification",
		"stages.0.owner", "rep", "stages.0.target", "1 business day", "stages.0.escalation.levels.0.notify", []string{"owner"}, "stages.0.exit.0.filled", []string{"budget", "need"},
		"qualification.criteria.0.when", "deal.budget > 0", "letters.reminder.subject", "Still interested", "lost_reasons.1.id", "rival",
		"versions.0.deals", 1, "versions.0.first_live", "2026-03-02T10:00:00+03:00", "faults.0.code", "yaml")
	if !strings.HasPrefix(process.at("diagram").(string), "flowchart") {
		t.Errorf("diagram: %v", process.at("diagram"))
	}
	w.get("/api/v1/companies/kitchens/processes/sales?version="+process.at("version").(string)).want(http.StatusOK).has("live", true)
}
