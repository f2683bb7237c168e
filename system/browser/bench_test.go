//go:build system

package browser_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system/browser"
)

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
