//go:build system

package system_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
	"github.com/dealwright/dealwright/worker/engine"
)

// PostgreSQL goes away under a running server: every call says so and when to
// try again, a stream of events is kept open, and once it is back all goes on
// without a restart. What was told before is still there, and nothing is told
// twice.
func TestPostgresGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	temporal, err := engine.Start(t.Context(), engine.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(temporal.Stop)
	m := system.StartMail(t)
	dir, _ := receivedCompany(t, m)
	database := system.NewPostgres(t)
	s := system.StartServer(t, dir, "--temporal", temporal.HostPort(), "--namespace", temporal.Namespace(), "--database", database.URL)

	var d dealJSON
	if status := s.Call(http.MethodPost, "/api/v1/deals", map[string]any{"company": "crm", "subject": "Before"}, &d); status != http.StatusCreated {
		t.Fatalf("a new deal answers %d", status)
	}
	path := "/api/v1/deals/" + d.ID
	stream := follow(t, s, "/api/v1/events?deal="+d.ID)
	note := func(text, key string) (int, http.Header, map[string]any) {
		t.Helper()
		return ask(t, http.MethodPost, s.URL(path+"/notes"), `{"text": "`+text+`"}`, "Content-Type", "application/json", "Idempotency-Key", key)
	}
	if status, _, _ := note("before", "k1"); status != http.StatusCreated {
		t.Fatalf("a note answers %d", status)
	}
	stream.await("before")

	database.Stop()
	for _, call := range []string{path, "/api/v1/deals?q=before", path + "/events", "/api/v1/companies/crm/funnel", "/api/v1/companies/crm/messages"} {
		unavailable(t, call, func() (int, http.Header, map[string]any) { return ask(t, http.MethodGet, s.URL(call), "") })
	}
	unavailable(t, "a note", func() (int, http.Header, map[string]any) { return note("during", "k2") })
	unavailable(t, "a new deal", func() (int, http.Header, map[string]any) {
		return ask(t, http.MethodPost, s.URL("/api/v1/deals"), `{"company": "crm", "subject": "During"}`, "Content-Type", "application/json", "Idempotency-Key", "k3")
	})
	if status, header, _ := ask(t, http.MethodGet, s.URL("/readyz"), ""); status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("/readyz answers %d, %v", status, header)
	}
	if status, _, _ := ask(t, http.MethodGet, s.URL("/healthz"), ""); status != http.StatusOK {
		t.Errorf("/healthz answers %d", status)
	}

	m.Place("sales@crm.test", mailFrom("petr@client.test", "Kitchen", "meanwhile@client.test", "How much?"))
	database.Start()
	system.Eventually(t, 30*time.Second, func() error {
		if status, _, _ := ask(t, http.MethodGet, s.URL("/readyz"), ""); status != http.StatusOK {
			return fmt.Errorf("/readyz answers %d", status)
		}
		return nil
	})
	// The same requests again, as their clients would: each is taken once.
	for range 2 {
		system.Eventually(t, 30*time.Second, func() error {
			status, _, problem := note("during", "k2")
			if status != http.StatusCreated {
				return fmt.Errorf("the note answers %d: %v", status, problem)
			}
			return nil
		})
	}
	stream.await("during")
	awaitDeals(t, s, 60*time.Second, 2) // the client's mail is the other
	notes := map[string]int{}
	for _, e := range events(t, s, d.ID) {
		if e.Type == "note" {
			notes[fmt.Sprint(e.Data["text"])]++
		}
	}
	if notes["before"] != 1 || notes["during"] != 1 {
		t.Errorf("notes %v, want each once", notes)
	}
}

// unavailable checks that a call says that the store is away.
func unavailable(t *testing.T, what string, call func() (int, http.Header, map[string]any)) {
	t.Helper()
	begin := time.Now()
	status, header, problem := call()
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || header.Get("Content-Type") != "application/problem+json" ||
		problem["type"] != "urn:dealwright:problem:unavailable" {
		t.Errorf("%s: %d %v %v", what, status, header, problem)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("%s: it took %v to say so", what, took)
	}
}

// ask makes a request; headers are given as name, value, ….
func ask(t *testing.T, method, url, body string, headers ...string) (int, http.Header, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	_ = json.Unmarshal(text, &answer)
	return res.StatusCode, res.Header, answer
}

// following is a stream of events.
type following struct {
	t     *testing.T
	lines *bufio.Scanner
}

// follow opens a stream; it ends with the test.
func follow(t *testing.T, s *system.Server, path string) *following {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL(path), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return &following{t, bufio.NewScanner(res.Body)}
}

// await reads on until a line has the text.
func (f *following) await(text string) {
	f.t.Helper()
	for f.lines.Scan() {
		if strings.Contains(f.lines.Text(), text) {
			return
		}
	}
	f.t.Fatalf("the stream ended before %q: %v", text, f.lines.Err())
}
