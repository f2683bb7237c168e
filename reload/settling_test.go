package reload

import (
	"testing"
	"time"
)

func TestFilesAreTakenWhenTheyHaveComeToRest(t *testing.T) {
	start := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	type look struct {
		at    time.Duration
		stamp string // "" is as before
		touch bool
		take  bool
		again time.Duration
	}
	tests := []struct {
		name  string
		looks []look
	}{
		{"nothing happens", []look{{at: 0, again: poll}, {at: 2 * time.Second, again: poll}}},
		{"one save", []look{
			{at: 0, stamp: "b", again: quiet},
			{at: 400 * time.Millisecond, again: 600 * time.Millisecond},
			{at: time.Second, take: true, again: poll},
			{at: 3 * time.Second, again: poll},
		}},
		{"a checkout of many files", []look{
			{at: 0, stamp: "b", again: quiet},
			{at: 900 * time.Millisecond, stamp: "c", again: quiet},
			{at: 1800 * time.Millisecond, stamp: "d", again: quiet},
			{at: 2700 * time.Millisecond, again: 100 * time.Millisecond},
			{at: 2800 * time.Millisecond, take: true, again: poll},
		}},
		{"a change that leaves sizes and times as they were", []look{
			{at: 0, touch: true, again: quiet},
			{at: time.Second, take: true, again: poll},
		}},
		{"a change back to what it was is looked at all the same", []look{
			{at: 0, stamp: "b", again: quiet},
			{at: 500 * time.Millisecond, stamp: "a", again: quiet},
			{at: 1500 * time.Millisecond, take: true, again: poll},
		}},
		{"two saves", []look{
			{at: 0, stamp: "b", again: quiet},
			{at: time.Second, take: true, again: poll},
			{at: 3 * time.Second, stamp: "c", again: quiet},
			{at: 4 * time.Second, take: true, again: poll},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := settling{seen: "a"}
			stamp := "a"
			for _, l := range tt.looks {
				now := start.Add(l.at)
				if l.stamp != "" {
					stamp = l.stamp
				}
				if l.touch {
					s.touch(now)
				}
				if take, again := s.look(now, stamp); take != l.take || again != l.again {
					t.Fatalf("at %s: take %v, again in %s; want %v, %s", l.at, take, again, l.take, l.again)
				}
			}
		})
	}
}
