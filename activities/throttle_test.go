package activities

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/dealwright/dealwright/definitions"
)

// At most so many letters leave in any minute; what is more waits its turn.
func TestLettersOfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sender{
			company: &definitions.Company{Sending: definitions.Sending{PerMinute: 3}},
			leased:  time.Now().Add(time.Hour),
		}
		begin := time.Now()
		want := []time.Duration{0, 0, 0, time.Minute, time.Minute, time.Minute, 2 * time.Minute, 2 * time.Minute}
		for i, after := range want {
			s.throttle(t.Context())
			s.sentAt = append(s.sentAt, time.Now())
			if left := time.Since(begin); left != after {
				t.Errorf("letter %d leaves after %s, want %s", i+1, left, after)
			}
		}
	})
}
