//go:build system

package browser_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system/browser"
)

// paths are the pages that the figures are of.
func (d *dashboard) paths(b *testing.B) map[string]string {
	const scope = "?company=kuhni-dom"
	return map[string]string{
		"board": "/" + scope, "board of an owner": "/" + scope + "&owner=olga@kuhni-dom.test", "board searched": "/" + scope + "&q=" + "%D0%BB%D0%B0%D1%80%D0%B8%D0%BD%D0%B0",
		"deal": "/deals/" + d.deal(b, "Студия").ID, "attention": "/attention" + scope, "funnel": "/funnel" + scope, "funnel of an owner": "/funnel" + scope + "&owner=olga@kuhni-dom.test", "people": "/people" + scope,
		"forecast": "/forecast" + scope, "process": "/process" + scope, "mail": "/mail" + scope,
	}
}

// BenchmarkPages tells what each page takes with a hundred thousand deals: time
// on the server, and what a browser that was never there loads.
func BenchmarkPages(b *testing.B) {
	d := many(b)
	for range 10 { // the server has just started, and looks through its deals once
		for _, path := range d.paths(b) {
			d.get(b, path)
		}
	}
	for name, path := range d.paths(b) {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				for range 40 {
					took = append(took, d.get(b, path))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			weight := d.tab(b, "ru", "light").Weigh(path)
			b.ReportMetric(float64(weight.Bytes)/1000, "kB")
			b.ReportMetric(float64(weight.Requests), "requests")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// get asks for a page as a browser does, and answers how long that took.
func (d *dashboard) get(b *testing.B, path string) time.Duration {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, d.URL(path), http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	request.AddCookie(&http.Cookie{Name: sessionCookie, Value: d.session})
	request.Header.Set("Accept-Encoding", "gzip")
	begin := time.Now()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s answers %s, %v", path, answer.Status, err)
	}
	return time.Since(begin)
}

// BenchmarkNews tells how long it takes from a change by the API to its
// appearance on a board that somebody has open.
func BenchmarkNews(b *testing.B) {
	d := serve(b, func(dir string, edits ...string) { live(b, dir, settle(b, dir, edits...)) })
	id := d.deal(b, "Светлана Мороз").ID
	tab := d.tab(b, "ru", "light")
	tab.Open(shop)
	tab.See(card(id), "Светлана Мороз")
	var took []time.Duration
	for b.Loop() {
		for i := range 10 {
			name := "Светлана " + strings.Repeat("М", i%2+1) + "ороз"
			begin := time.Now()
			d.call(b, "PATCH", "/deals/"+id, map[string]any{"contact": map[string]any{"name": name}}, nil)
			browser.Eval[bool](tab, `(selector, name) => new Promise((good) => {
				const look = () => document.querySelector(selector)?.innerText === name ? good(true) : requestAnimationFrame(look)
				look()
			})`, card(id)+" h3", name)
			took = append(took, time.Since(begin))
			time.Sleep(1200 * time.Millisecond) // or it would be the next second's
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[len(took)-1].Milliseconds()), "max-ms")
	b.ReportMetric(0, "ns/op")
}
