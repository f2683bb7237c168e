package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/store"
)

// TestBadInput sends what must not be taken: never a 500, and never a change.
func TestBadInput(t *testing.T) {
	w := newWorld(t)
	id := w.open(petr)
	deal := "/api/v1/deals/" + id
	before := w.get(deal).at("revision")
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		field              string // of the first fault
	}{
		"unknown address":             {"GET", "/api/v1/nothing", "", nil, 404, ""},
		"trailing slash":              {"GET", "/api/v1/deals/", "", nil, 404, ""},
		"outside the API":             {"GET", "/wp-login.php", "", nil, 404, ""},
		"unknown deal":                {"GET", "/api/v1/deals/nothing", "", nil, 404, ""},
		"events of an unknown deal":   {"GET", "/api/v1/deals/nothing/events", "", nil, 404, ""},
		"change of an unknown deal":   {"POST", "/api/v1/deals/nothing/notes", `{"text": "x"}`, nil, 404, ""},
		"unknown company":             {"GET", "/api/v1/companies/nobody", "", nil, 404, ""},
		"unknown process":             {"GET", "/api/v1/companies/kitchens/processes/none", "", nil, 404, ""},
		"unknown version":             {"GET", "/api/v1/companies/kitchens/processes/sales?version=abc", "", nil, 404, ""},
		"funnel of no company":        {"GET", "/api/v1/companies/nobody/funnel", "", nil, 404, ""},
		"funnel of no process":        {"GET", "/api/v1/companies/kitchens/funnel?process=none", "", nil, 404, ""},
		"messages of no company":      {"GET", "/api/v1/companies/nobody/messages", "", nil, 404, ""},
		"slash in an id":              {"GET", "/api/v1/deals/a%2Fevents", "", nil, 404, ""},
		"SQL in an id":                {"GET", "/api/v1/deals/" + url.PathEscape("' OR 1=1 --"), "", nil, 404, ""},
		"wrong method":                {"DELETE", deal, "", nil, 405, ""},
		"wrong method on a list":      {"PUT", "/api/v1/deals", "{}", nil, 405, ""},
		"preflight":                   {"OPTIONS", "/api/v1/deals", "", nil, 405, ""},
		"XML wanted":                  {"GET", deal, "", []string{"Accept", "application/xml"}, 406, ""},
		"anything but JSON wanted":    {"GET", deal, "", []string{"Accept", "application/json;q=0, text/csv"}, 406, ""},
		"NUL in the query":            {"GET", "/api/v1/deals?q=%00", "", nil, 400, ""},
		"no UTF-8 in the query":       {"GET", "/api/v1/deals?q=%ff", "", nil, 400, ""},
		"no UTF-8 in the address":     {"GET", "/api/v1/deals/%ff", "", nil, 400, ""},
		"broken escape":               {"GET", "/api/v1/deals?q=%zz", "", nil, 400, ""},
		"limit too high":              {"GET", "/api/v1/deals?limit=501", "", nil, 422, "limit"},
		"limit of nothing":            {"GET", "/api/v1/deals?limit=0", "", nil, 422, "limit"},
		"limit in words":              {"GET", "/api/v1/deals?limit=many", "", nil, 422, "limit"},
		"limit too long a number":     {"GET", "/api/v1/deals?limit=99999999999999999999", "", nil, 422, "limit"},
		"made-up cursor":              {"GET", "/api/v1/deals?cursor=abc", "", nil, 422, "cursor"},
		"cursor of another list":      {"GET", deal + "/events?cursor=WyJkIiwiMSJd", "", nil, 422, "cursor"},
		"cursor of messages":          {"GET", "/api/v1/companies/kitchens/messages?cursor=!!", "", nil, 422, "cursor"},
		"unknown sort":                {"GET", "/api/v1/deals?sort=colour", "", nil, 422, "sort"},
		"unknown status":              {"GET", "/api/v1/deals?status=asleep", "", nil, 422, "status"},
		"stalled in words":            {"GET", "/api/v1/deals?stalled=maybe", "", nil, 422, "stalled"},
		"misspelt filter":             {"GET", "/api/v1/deals?stauts=open", "", nil, 422, "stauts"},
		"unknown outcome":             {"GET", "/api/v1/companies/kitchens/messages?outcome=odd", "", nil, 422, "outcome"},
		"no date":                     {"GET", "/api/v1/companies/kitchens/funnel?from=yesterday", "", nil, 422, "from"},
		"a year nobody means":         {"GET", "/api/v1/companies/kitchens/quotas?to=9999-12-31", "", nil, 422, "to"},
		"a period that runs backward": {"GET", "/api/v1/companies/kitchens/quotas?from=2026-03-02&to=2026-03-01", "", nil, 422, "to"},

		"no body":                 {"POST", "/api/v1/deals", "", nil, 400, ""},
		"no JSON":                 {"POST", "/api/v1/deals", "company=kitchens", nil, 400, ""},
		"half of JSON":            {"POST", "/api/v1/deals", `{"company": "kit`, nil, 400, ""},
		"JSON twice":              {"POST", "/api/v1/deals", petr + petr, nil, 400, ""},
		"no UTF-8":                {"POST", "/api/v1/deals", "{\"company\": \"\xff\"}", nil, 400, ""},
		"NUL in a text":           {"POST", deal + "/notes", `{"text": "a\u0000b"}`, nil, 400, ""},
		"too deep":                {"POST", "/api/v1/deals", strings.Repeat("[", 100000), nil, 400, ""},
		"number too large":        {"PATCH", deal, `{"fields": {"budget": 1e999}}`, nil, 400, ""},
		"a list":                  {"POST", "/api/v1/deals", "[]", nil, 422, ""},
		"null":                    {"POST", "/api/v1/deals", "null", nil, 422, ""},
		"form":                    {"POST", "/api/v1/deals", "company=kitchens", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, ""},
		"text":                    {"POST", deal + "/notes", `{"text": "x"}`, []string{"Content-Type", "text/plain"}, 415, ""},
		"no content type at all":  {"POST", deal + "/notes", `{"text": "x"}`, []string{"Content-Type", ";;;"}, 415, ""},
		"too large":               {"POST", deal + "/notes", `{"text": "` + strings.Repeat("x", maxBody) + `"}`, nil, 413, ""},
		"far too large":           {"POST", deal + "/documents/offer", strings.Repeat("x", maxFile+1), []string{"Content-Type", "application/pdf"}, 413, ""},
		"unknown key":             {"POST", "/api/v1/deals", `{"company": "kitchens", "compny": 1}`, nil, 422, "compny"},
		"unknown key of contact":  {"PATCH", deal, `{"contact": {"emial": "x@y.test"}}`, nil, 422, "contact.emial"},
		"key in other letters":    {"POST", deal + "/notes", `{"Text": "x"}`, nil, 422, ""},
		"company missing":         {"POST", "/api/v1/deals", `{}`, nil, 422, ""},
		"company unknown":         {"POST", "/api/v1/deals", `{"company": "nobody"}`, nil, 422, "company"},
		"process unknown":         {"POST", "/api/v1/deals", `{"company": "kitchens", "process": "none"}`, nil, 422, "process"},
		"company of a wrong type": {"POST", "/api/v1/deals", `{"company": 7}`, nil, 422, "company"},
		"contact of a wrong type": {"POST", "/api/v1/deals", `{"company": "kitchens", "contact": "Пётр"}`, nil, 422, "contact"},
		"no address":              {"POST", "/api/v1/deals", `{"company": "kitchens", "contact": {"email": "petr"}}`, nil, 422, "email"},
		"two addresses":           {"POST", "/api/v1/deals", `{"company": "kitchens", "contact": {"email": "a@b.test, c@d.test"}}`, nil, 422, "email"},
		"a line break in address": {"POST", "/api/v1/deals", `{"company": "kitchens", "contact": {"email": "a@b.test\r\nBcc: c@d.test"}}`, nil, 422, "email"},
		"no phone":                {"POST", "/api/v1/deals", `{"company": "kitchens", "contact": {"phone": "call me"}}`, nil, 422, "phone"},
		"undeclared field":        {"POST", "/api/v1/deals", `{"company": "kitchens", "fields": {"colour": "red"}}`, nil, 422, "colour"},
		"subject too long":        {"POST", "/api/v1/deals", `{"company": "kitchens", "subject": "` + strings.Repeat("x", 999) + `"}`, nil, 422, "subject"},
		"words for money":         {"PATCH", deal, `{"fields": {"budget": "a lot"}}`, nil, 422, "budget"},
		"an object for money":     {"PATCH", deal, `{"fields": {"budget": {}}}`, nil, 422, "budget"},
		"a list for a text":       {"PATCH", deal, `{"fields": {"need": ["a"]}}`, nil, 422, "need"},
		"no such day":             {"PATCH", deal, `{"fields": {"timeline": "2026-02-30"}}`, nil, 422, "timeline"},
		"no such option":          {"PATCH", deal, `{"fields": {"way": "rocket"}}`, nil, 422, "way"},
		"no yes and no no":        {"PATCH", deal, `{"fields": {"solo": "perhaps"}}`, nil, 422, "solo"},
		"undeclared field later":  {"PATCH", deal, `{"fields": {"colour": "red"}}`, nil, 422, "colour"},
		"no owner":                {"PATCH", deal, `{"owner": null}`, nil, 422, "owner"},
		"a stranger as owner":     {"PATCH", deal, `{"owner": "eve@evil.test"}`, nil, 422, "owner"},
		"stale ETag":              {"PATCH", deal, `{"fields": {"need": "x"}}`, []string{"If-Match", `"0"`}, 412, ""},
		"weak ETag":               {"PATCH", deal, `{"fields": {"need": "x"}}`, []string{"If-Match", `W/"1"`}, 412, ""},

		"unknown stage":              {"POST", deal + "/move", `{"to": "moon"}`, nil, 422, "to"},
		"to nowhere":                 {"POST", deal + "/move", `{"to": ""}`, nil, 422, "to"},
		"force without a reason":     {"POST", deal + "/move", `{"to": "delivery", "force": true}`, nil, 422, "reason"},
		"lost without a reason":      {"POST", deal + "/move", `{"to": "lost"}`, nil, 422, "reason"},
		"lost for no known reason":   {"POST", deal + "/move", `{"to": "lost", "reason": "mood"}`, nil, 422, "reason"},
		"won past the gates":         {"POST", deal + "/move", `{"to": "won"}`, nil, 409, ""},
		"reopen an open deal":        {"POST", deal + "/reopen", "", nil, 409, ""},
		"resume what runs":           {"POST", deal + "/resume", "", nil, 409, ""},
		"pause until the past":       {"POST", deal + "/pause", `{"until": "2020-01-01T00:00:00Z"}`, nil, 422, "until"},
		"pause until no moment":      {"POST", deal + "/pause", `{"until": "soon"}`, nil, 422, "until"},
		"pause until never":          {"POST", deal + "/pause", `{"until": "9999-12-31T23:59:59Z"}`, nil, 422, "until"},
		"merge with itself":          {"POST", deal + "/merge", `{"into": "` + id + `"}`, nil, 422, "into"},
		"merge into nothing":         {"POST", deal + "/merge", `{"into": "nothing"}`, nil, 422, "into"},
		"empty note":                 {"POST", deal + "/notes", `{"text": "  "}`, nil, 422, "text"},
		"signal without a name":      {"POST", deal + "/signal", `{"name": " "}`, nil, 422, "name"},
		"unknown task":               {"POST", deal + "/tasks/none/complete", "", nil, 404, ""},
		"unknown task changed":       {"PATCH", deal + "/tasks/none", `{"assignee": "anna@kitchens.test"}`, nil, 404, ""},
		"undeclared field of a task": {"POST", deal + "/tasks/first-call/complete", `{"fields": {"colour": "red"}}`, nil, 422, "colour"},
		"waive without a reason":     {"PATCH", deal + "/tasks/first-call", `{"waive": true}`, nil, 422, "reason"},
		"waive and reschedule":       {"PATCH", deal + "/tasks/first-call", `{"waive": true, "reason": "x", "due_at": "2026-03-05T12:00:00Z"}`, nil, 422, "waive"},
		"due in the year 1":          {"PATCH", deal + "/tasks/first-call", `{"due_at": "0001-01-01T00:00:00Z"}`, nil, 422, "due_at"},
		"a stranger as assignee":     {"PATCH", deal + "/tasks/first-call", `{"assignee": "eve@evil.test"}`, nil, 422, "assignee"},
		"task without a name":        {"POST", deal + "/tasks", `{"name": " "}`, nil, 422, "name"},
		"task of an unknown kind":    {"POST", deal + "/tasks", `{"name": "x", "kind": "dance"}`, nil, 422, "kind"},
		"unknown document":           {"POST", deal + "/documents/none", `{"note": "x"}`, nil, 404, ""},
		"document without anything":  {"POST", deal + "/documents/offer", `{}`, nil, 422, "url"},
		"document with unknown key":  {"POST", deal + "/documents/offer", `{"link": "https://x.test"}`, nil, 422, "link"},
		"document in broken JSON":    {"POST", deal + "/documents/offer", `{`, nil, 400, ""},
		"document at a script":       {"POST", deal + "/documents/offer", `{"url": "javascript:alert(1)"}`, nil, 422, "url"},
		"document with a password":   {"POST", deal + "/documents/offer", `{"url": "https://me:pw@files.test/x"}`, nil, 422, "url"},
		"document without a body":    {"POST", deal + "/documents/offer", "", nil, 400, ""},
		"form without its boundary":  {"POST", deal + "/documents/offer", "x", []string{"Content-Type", "multipart/form-data"}, 400, ""},
		"form cut short":             {"POST", deal + "/documents/offer", "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx", []string{"Content-Type", "multipart/form-data; boundary=b"}, 400, ""},
		"form without a file":        {"POST", deal + "/documents/offer", "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nx\r\n--b--\r\n", []string{"Content-Type", "multipart/form-data; boundary=b"}, 422, "file"},
		"form with another part":     {"POST", deal + "/documents/offer", "--b\r\nContent-Disposition: form-data; name=\"fiel\"\r\n\r\nx\r\n--b--\r\n", []string{"Content-Type", "multipart/form-data; boundary=b"}, 422, "fiel"},
		"file that is not there":     {"GET", deal + "/documents/offer", "", nil, 404, ""},
		"key that is far too long":   {"POST", "/api/v1/deals", petr, []string{"Idempotency-Key", strings.Repeat("k", 201)}, 422, "Idempotency-Key"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			r := w.send(c.method, c.path, c.body, c.headers...).want(c.status)
			if c.field != "" {
				if got := fmt.Sprint(r.at("errors.0.field")); got != c.field {
					t.Errorf("field %q, want %q: %s", got, c.field, r.body)
				}
			}
			if c.status == http.StatusMethodNotAllowed && r.header.Get("Allow") == "" {
				t.Error("no Allow")
			}
		})
	}
	w.t = t
	if got := w.get(deal).at("revision"); got != before {
		t.Errorf("revision %v, was %v: something of it was taken", got, before)
	}
	if total := w.get("/api/v1/deals").at("total"); total != 1.0 {
		t.Errorf("%v deals, want the one", total)
	}
}

func TestErrorsDoNotRepeatSecrets(t *testing.T) {
	w := newWorld(t)
	for name, body := range map[string]string{
		"in an unknown key's value": `{"company": "kitchens", "password": "hunter2"}`,
		"in a wrong type":           `{"company": ["hunter2"]}`,
		"in broken JSON":            `{"company": "hunter2`,
		"in a text too long":        `{"company": "` + strings.Repeat("hunter2", 100) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			if r := w.post("/api/v1/deals", body); r.status < 400 || strings.Contains(string(r.body), "hunter2") {
				t.Errorf("status %d: %s", r.status, r.body)
			}
		})
	}
}

func TestFaultsBehindTheServer(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		err    error
		status int
	}{
		"something unforeseen": {errTest, 500},
		"no worker":            {fmt.Errorf("update: %w", ErrUnavailable), 503},
		"no store":             {fmt.Errorf("write: %w", store.ErrUnavailable), 503},
		"nobody waits longer":  {fmt.Errorf("update: %w", context.DeadlineExceeded), 503},
		"a deal that says no":  {fmt.Errorf("input: %w", &deal.Refusal{}), 409},
		"a wrong request":      {fmt.Errorf("input: %w", &deal.Refusal{Invalid: true}), 422},
		"a deal that is gone":  {fmt.Errorf("update: %w", store.ErrNotFound), 404},
	} {
		t.Run(name, func(t *testing.T) {
			p, ok := w.server.failed(t.Context(), c.err).(*Problem) //nolint:errorlint // what goes to huma is a Problem itself
			if !ok || p.Status != c.status || strings.Contains(p.Error(), "secret") {
				t.Errorf("%v becomes %+v", c.err, p)
			}
		})
	}
}
