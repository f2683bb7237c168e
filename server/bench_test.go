package server

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// benchDatabase is a database that BenchmarkAPI runs on.
type benchDatabase struct {
	name string
	make func(testing.TB) (dsn string)
	open func(testing.TB, string) *sql.DB // the same one, past the store
	tidy string                           // what it is given when it is full
}

var benchDatabases = []benchDatabase{{
	"sqlite",
	func(t testing.TB) string { return t.TempDir() },
	func(t testing.TB, folder string) *sql.DB {
		return opened(t, "sqlite", "file:"+filepath.Join(folder, "dealwright.db")+"?_pragma=synchronous(OFF)&_pragma=busy_timeout(60000)")
	},
	`INSERT INTO deal_words (rowid, text) SELECT n, text FROM deal_search WHERE n > 1000000`, // nobody analyses a user's SQLite either
}}

func opened(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// BenchmarkAPI tells how long calls take, warm, with 100,000 deals and 2
// million events, through HTTP and with the roles checked.
func BenchmarkAPI(b *testing.B) {
	for _, database := range benchDatabases {
		b.Run(database.name, func(b *testing.B) {
			dsn := database.make(b)
			w := newWorldIn(b, dsn)
			db := database.open(b, dsn)
			defer func() { _ = db.Close() }()
			ids := w.multiply(b, db, 100_000, 20)
			if _, err := db.ExecContext(b.Context(), database.tidy); err != nil {
				b.Fatal(err)
			}
			w.benchmark(b, ids)
		})
	}
}

func (w *world) benchmark(b *testing.B, ids []string) {
	for _, call := range []struct{ name, path string }{
		{"list", "/deals?company=kitchens&limit=50"},
		{"list of 500", "/deals?company=kitchens&limit=500"},
		{"list filtered", "/deals?company=kitchens&status=open&stage=presentation&owner=ivan@kitchens.test&limit=50"},
		{"list of a source", "/deals?company=kitchens&source=nowhere&limit=50"},
		{"list sorted", "/deals?company=kitchens&status=open&sort=-amount&limit=50"},
		{"list oldest", "/deals?company=kitchens&status=open&sort=stage_entered_at&limit=50"},
		{"search rare", "/deals?company=kitchens&q=клиент%2099137&limit=50"},
		{"search some", "/deals?company=kitchens&status=open&q=9913&limit=50"},
		{"search all", "/deals?company=kitchens&q=клиент&limit=50"},
		{"get", "/deals/" + ids[0]},
		{"timeline", "/deals/" + ids[0] + "/events"},
		{"funnel", "/companies/kitchens/funnel"},
		{"funnel of a month", "/companies/kitchens/funnel?from=2026-04-01&to=2026-04-30"},
		{"funnel of an owner", "/companies/kitchens/funnel?owner=anna@kitchens.test"},
		{"first touch", "/companies/kitchens/first-touch?from=2026-03-01&to=2026-12-31"},
		{"lost reasons", "/companies/kitchens/lost-reasons?from=2026-03-01&to=2026-12-31"},
		{"forecast", "/companies/kitchens/forecast"},
		{"velocity", "/companies/kitchens/velocity?from=2026-03-01&to=2026-12-31"},
		{"cycle", "/companies/kitchens/cycle?from=2026-03-01&to=2026-12-31"},
		{"quotas", "/companies/kitchens/quotas"},
	} {
		b.Run(call.name, func(b *testing.B) {
			w.measure(b, func(int) *http.Request { return called("GET", apiPath+call.path, "") })
		})
	}
	b.Run("board", func(b *testing.B) {
		w.measure(b, func(int) *http.Request { return called("GET", "/?company=kitchens", "") })
	})
	b.Run("board filtered", func(b *testing.B) {
		w.measure(b, func(int) *http.Request { return called("GET", "/?company=kitchens&q=9913", "") })
	})
	b.Run("add note", func(b *testing.B) {
		w.measure(b, func(i int) *http.Request {
			return called("POST", apiPath+"/deals/"+ids[i%len(ids)]+"/notes", `{"text": "Позвонил клиенту"}`)
		})
	})
	next := 0
	b.Run("complete task", func(b *testing.B) {
		w.measure(b, func(int) *http.Request {
			next++
			return called("POST", apiPath+"/deals/"+ids[next]+"/tasks/first-call/complete", `{"note": "Позвонил"}`)
		})
	})
}

func called(method, path, body string) *http.Request {
	req := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body)) //nolint:noctx // the benchmark's own
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// measure reports how many calls one client after another makes in a second,
// and the median and the 99th percentile of how long they take.
func (w *world) measure(b *testing.B, next func(int) *http.Request) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		for i := range 105 {
			req, answer := next(i), httptest.NewRecorder()
			begin := time.Now()
			w.server.ServeHTTP(answer, req)
			if i >= 5 {
				took = append(took, time.Since(begin))
			}
			if answer.Code >= http.StatusBadRequest {
				b.Fatalf("%s: %d %s", req.URL, answer.Code, answer.Body)
			}
		}
	}
	slices.Sort(took)
	all := time.Duration(0)
	for _, t := range took {
		all += t
	}
	b.ReportMetric(float64(len(took))/all.Seconds(), "req/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// multiply makes many deals of eight that went different ways, and fills their
// timelines up with notes. It gives those whose first call is still to be made.
func (w *world) multiply(b *testing.B, db *sql.DB, deals, events int) []string {
	b.Helper()
	patterns := w.patterns()
	each := deals/len(patterns) - 1
	for p, id := range patterns {
		copies := fmt.Sprintf(`WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < %d), o AS (SELECT * FROM deals WHERE id = '%s'), f AS (SELECT i FROM k WHERE i <= %d)`, each, id, events)
		n := fmt.Sprintf(`(1000000 + %d * %d + k.i)`, p, deals)
		name := fmt.Sprintf(`'клиент ' || (%d + k.i * 8)`, p)
		shift := `k.i * CAST(600000000 AS BIGINT)`
		for _, statement := range []string{
			`INSERT INTO deals SELECT ` + n + `, 'd' || ` + n + `, company, process, version, stage, status, CASE k.i % 10 WHEN 0 THEN 'anna@kitchens.test' ELSE owner END,
				` + name + `, contact_email, contact_phone, subject, source, k.i % 1000, currency, stalled_since, escalation_level, visit, opened_at + ` + shift + `, stage_entered_at + ` + shift + `,
				next_wake, CASE closed_at WHEN 0 THEN 0 ELSE closed_at + ` + shift + ` END, lost_reason, updated_at + ` + shift + `, search_hash, ` + fmt.Sprint(events) + `, revision,
				CASE touched_at WHEN 0 THEN 0 ELSE touched_at + ` + shift + ` END, CASE decided_at WHEN 0 THEN 0 ELSE decided_at + ` + shift + ` END, waits FROM o, k`,
			`INSERT INTO deal_states SELECT ` + n + `, replace(state, '` + id + `', 'd' || ` + n + `) FROM k, deal_states s, o WHERE s.n = o.n`,
			`INSERT INTO deal_search SELECT ` + n + `, o.company, ` + name + ` || text FROM k, deal_search s, o WHERE s.n = o.n`,
			`INSERT INTO visits (deal_n, passage, entered_at, left_at) SELECT ` + n + `, v.passage, v.entered_at + ` + shift + `,
				CASE v.left_at WHEN 0 THEN 0 ELSE v.left_at + ` + shift + ` END FROM k, visits v, o WHERE v.deal_n = o.n`,
			`INSERT INTO work (deal_n, duty, at) SELECT ` + n + `, t.duty, t.at + ` + shift + ` FROM k, work t, o WHERE t.deal_n = o.n`,
			`INSERT INTO events (deal_n, seq, at, type, actor, stage, data) SELECT ` + n + `, e.seq, e.at + ` + shift + `, e.type, e.actor, e.stage, e.data FROM k, events e, o WHERE e.deal_n = o.n`,
			`INSERT INTO events (deal_n, seq, at, type, actor, stage, data) SELECT ` + n + `, o.events + f.i, o.updated_at + ` + shift + `, 'note', 'ivan@kitchens.test', o.stage, '{"text": "Позвонил клиенту, просил перезвонить."}'
				FROM k, o, f WHERE f.i <= ` + fmt.Sprint(events) + ` - o.events`,
		} {
			if _, err := db.ExecContext(b.Context(), copies+" "+statement); err != nil {
				b.Fatalf("%v: %s", err, statement)
			}
		}
	}
	var found, told int
	if err := db.QueryRowContext(b.Context(), `SELECT (SELECT COUNT(*) FROM deals), (SELECT COUNT(*) FROM events)`).Scan(&found, &told); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d deals, %d events", found, told)
	ids := make([]string, 2000)
	for i := range ids {
		ids[i] = fmt.Sprintf("d%d", 1_000_000+deals+1+i)
	}
	return ids
}

// patterns are deals that went different ways.
func (w *world) patterns() []string {
	const full = `{"company": "kitchens", "contact": {"name": "Пётр", "email": "petr@client.test"}, "fields": {"budget": 1000, "need": "белая кухня"}, "subject": "Нужна кухня"}`
	var ids []string
	for range 8 {
		ids = append(ids, w.open(full))
	}
	w.pass(2 * time.Hour)
	for i, id := range ids {
		d := apiPath + "/deals/" + id
		if i > 2 {
			w.post(d+"/tasks/first-call/complete", `{}`).want(http.StatusOK)
		}
		w.pass(time.Hour)
		if i > 5 {
			w.post(d+"/documents/offer", `{"note": "x"}`).want(http.StatusCreated)
			w.post(d+"/tasks/show/complete", `{}`).want(http.StatusOK)
		}
	}
	w.pass(24 * time.Hour)
	w.post(apiPath+"/deals/"+ids[0]+"/move", `{"to": "lost", "reason": "expensive"}`).want(http.StatusOK)
	w.post(apiPath+"/deals/"+ids[3]+"/move", `{"to": "lost", "reason": "rival"}`).want(http.StatusOK)
	w.post(apiPath+"/deals/"+ids[7]+"/tasks/deliver/complete", `{}`).want(http.StatusOK)
	return ids
}
