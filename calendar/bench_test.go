package calendar

import (
	"testing"
	"time"
)

func BenchmarkAdd(b *testing.B) {
	c := office(b, "Europe/Berlin")
	start := moment(b, c, "2026-03-20 16:45")
	for _, length := range []string{"15m", "7d", "15 business minutes", "4 business hours", "1 business day", "5 business days", "30 business days", "400 business hours"} {
		d := MustParseDuration(length)
		b.Run(length, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Add(start, d)
			}
		})
	}
}

func BenchmarkBetween(b *testing.B) {
	c := office(b, "Europe/Berlin")
	start := moment(b, c, "2026-03-20 16:45")
	for name, end := range map[string]time.Time{"a day": start.AddDate(0, 0, 1), "a year": start.AddDate(1, 0, 0)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Between(start, end)
			}
		})
	}
}
