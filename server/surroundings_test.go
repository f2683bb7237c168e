package server

import (
	"context"
	"encoding/json"
	"flag"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

var update = flag.Bool("update", false, "write docs/openapi.json anew")

func (w *world) faults() definitions.Diagnostics {
	return definitions.Diagnostics{{Path: "kitchens/company.yaml", Line: 3, Col: 1, Message: "it cannot be read", Code: "yaml", Severity: definitions.SeverityError}}
}

// TestOpenAPIDocument holds the committed document to the server.
func TestOpenAPIDocument(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Version = "1" })
	served := w.get("/api/v1/openapi.json").want(http.StatusOK).has("openapi", "3.1.0").body
	const file = "../docs/openapi.json"
	if *update {
		if err := os.WriteFile(file, served, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != string(served) {
		t.Errorf("%s differs from what the server serves: go test ./server -run OpenAPI -update", file)
	}
	for _, route := range []string{
		"/deals", "/deals/{id}", "/deals/{id}/events", "/deals/{id}/tasks", "/deals/{id}/tasks/{task}/complete", "/deals/{id}/tasks/{task}", "/deals/{id}/notes",
		"/deals/{id}/move", "/deals/{id}/documents/{document}", "/deals/{id}/signal", "/deals/{id}/pause", "/deals/{id}/resume", "/deals/{id}/reopen", "/deals/{id}/merge",
		"/companies", "/companies/{company}/processes/{process}", "/companies/{company}/funnel", "/companies/{company}/quotas", "/companies/{company}/messages",
	} {
		if !strings.Contains(string(served), `"/api/v1`+route+`"`) {
			t.Errorf("%s is not described", route)
		}
	}
}

func TestDocsPageLoadsNothing(t *testing.T) {
	w := newWorld(t)
	r := w.send("GET", "/api/v1/docs", "", "Accept", "text/html").want(http.StatusOK)
	page := string(r.body)
	if !strings.Contains(page, "/api/v1/deals/{id}/move") || !strings.Contains(page, "Past the gates") {
		t.Error("the page does not describe moving a deal")
	}
	for _, outside := range []string{"http://", "https://", "<script", "src="} {
		if strings.Contains(page, outside) {
			t.Errorf("the page has %q", outside)
		}
	}
}

func TestHealthAndReadiness(t *testing.T) {
	w := newWorld(t)
	w.get("/healthz").want(http.StatusOK).has("ok", true, "version", "test")
	contact := time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		ready  Readiness
		status int
		has    []any
	}{
		"bare":                 {Readiness{Ready: true}, 200, []any{"ready", true, "mailboxes", []any{}, "definitions", []any{}}},
		"a mailbox in trouble": {Readiness{Ready: true, Mailboxes: []MailboxState{{"kitchens", "sales", "retrying", &contact, "no route"}}}, 200, []any{"mailboxes.0.error", "no route", "mailboxes.0.last_contact", "2026-03-02T07:00:00Z"}},
		"a broken edit":        {Readiness{Ready: true, Definitions: []DefinitionState{{"kitchens", false, w.faults()}}}, 200, []any{"definitions.0.ok", false, "definitions.0.faults.0.line", 3}},
		"a good folder":        {Readiness{Ready: true, Definitions: []DefinitionState{{"kitchens", true, nil}}}, 200, []any{"definitions.0.faults", []any{}}},
		"not ready":            {Readiness{}, 503, []any{"ready", false}},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.ready.Store(&c.ready)
			r := w.get("/readyz")
			if r.status != c.status {
				t.Errorf("status %d, want %d", r.status, c.status)
			}
			r.has(c.has...)
		})
	}
}

func TestMetricsKnowRoutesNotDeals(t *testing.T) {
	w := newWorld(t)
	id := w.open(petr)
	w.get("/api/v1/deals/" + id).want(http.StatusOK)
	w.get("/api/v1/nowhere").want(http.StatusNotFound)
	page := string(w.get("/metrics").want(http.StatusOK).body)
	for _, line := range []string{
		`dealwright_http_request_duration_seconds_count{method="GET",route="/api/v1/deals/:id",status="200"} 1`,
		`dealwright_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1`,
		`dealwright_build_info{version="test"} 1`,
	} {
		if !strings.Contains(page, line) {
			t.Errorf("no %s", line)
		}
	}
	if strings.Contains(page, id) {
		t.Error("a deal's id is a label")
	}
}

func TestHeadersAndHead(t *testing.T) {
	w := newWorld(t)
	deal := "/api/v1/deals/" + w.open(petr)
	got := w.get(deal).want(http.StatusOK)
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		"Content-Type": "application/json", "Access-Control-Allow-Origin": "",
	} {
		if h := got.header.Get(name); h != want {
			t.Errorf("%s: %q, want %q", name, h, want)
		}
	}
	head := w.send("HEAD", deal, "").want(http.StatusOK)
	if len(head.body) != 0 || head.header.Get("ETag") != got.header.Get("ETag") {
		t.Errorf("HEAD: %d bytes, ETag %q", len(head.body), head.header.Get("ETag"))
	}
}

func TestPanicsBecomeProblems(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Process = func(context.Context, string, string) (*definitions.Process, error) { panic("a secret of the process") }
	})
	id := w.open0(t)
	r := w.get("/api/v1/deals/" + id).want(http.StatusInternalServerError)
	if strings.Contains(string(r.body), "secret") {
		t.Errorf("%s", r.body)
	}
}

// open0 makes a deal behind the server's back.
func (w *world) open0(t *testing.T) string {
	t.Helper()
	e, err := opening(w.companies[0].Processes[0], &newDeal{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Open(t.Context(), "kitchens", "sales", store.Input{ID: "d1", DealID: "d1", Event: e}); err != nil {
		t.Fatal(err)
	}
	return "d1"
}

func TestDealOutlivesItsCompany(t *testing.T) {
	w := newWorld(t)
	id := w.open(petr)
	w.companies = w.companies[1:]
	w.get("/api/v1/deals/"+id).want(http.StatusOK).has("stage", "qualification", "tasks.0.id", "first-call", "blocking", []any{}, "opened_at", "2026-03-02T07:00:00Z")
	w.get("/api/v1/deals").want(http.StatusOK).has("total", 1)
	w.send("PATCH", "/api/v1/deals/"+id, `{"fields": {"need": "x"}}`).want(http.StatusServiceUnavailable)
}

func TestServeEndsCleanly(t *testing.T) {
	w := newWorld(t)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.server.Serve(ctx, listener) }()
	w.url = "http://" + listener.Addr().String()
	w.get("/healthz").want(http.StatusOK)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	var dialer net.Dialer
	if c, err := dialer.DialContext(t.Context(), "tcp", listener.Addr().String()); err == nil {
		_ = c.Close()
		t.Error("it still listens")
	}
}

func TestRunTellsWhatIsWrongWithTheAddress(t *testing.T) {
	w := newWorld(t)
	taken := strings.TrimPrefix(w.url, "http://")
	if err := w.server.Run(t.Context(), taken); err == nil || !strings.Contains(err.Error(), taken) {
		t.Errorf("listening on an address in use: %v", err)
	}
}

// TestSchemasMatchAnswers checks that what the document calls required is
// always there.
func TestSchemasMatchAnswers(t *testing.T) {
	w := newWorld(t)
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Required []string `json:"required"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(w.get("/api/v1/openapi.json").body, &doc); err != nil {
		t.Fatal(err)
	}
	deal := w.get("/api/v1/deals/" + w.open(petr)).want(http.StatusOK)
	for schema, path := range map[string]string{"Deal": "", "Contact": "contact.", "Task": "tasks.0.", "Blocking": "blocking.0.", "Upcoming": "upcoming.0."} {
		if len(doc.Components.Schemas[schema].Required) == 0 {
			t.Errorf("no schema %s with required keys", schema)
		}
		for _, key := range doc.Components.Schemas[schema].Required {
			deal.at(path + key)
		}
	}
}
