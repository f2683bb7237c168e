package simulate

import (
	"context"
	"testing"
)

// BenchmarkYear simulates a year of 10,000 deals of the classic process: in one
// run, which one core lives through, and in ten, spread over the cores.
func BenchmarkYear(b *testing.B) {
	p := shipped(b, "classic")
	for name, cfg := range map[string]Config{
		"one run of 10000 deals": {LeadsPerWeek: 200, Days: 365, Runs: 1, Deals: 10_000, Seed: 1},
		"ten runs of 1000 deals": {LeadsPerWeek: 20, Days: 365, Runs: 10, Deals: 1_000, Seed: 1},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			leads := 0
			for b.Loop() {
				r, err := Run(context.Background(), p, nil, cfg)
				if err != nil {
					b.Fatal(err)
				}
				for _, f := range r.PerRun {
					leads += f.Leads
				}
			}
			b.ReportMetric(float64(leads)/float64(b.N), "deals/op")
		})
	}
}
