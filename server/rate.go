package server

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How many requests in a second one token may make unless the options say
// otherwise, and how many an address without a valid one.
const (
	usualRate = 100
	strangers = 5
)

// limits holds callers to a number of requests in a second; a short burst of
// four seconds' worth is let through.
type limits struct {
	mu      sync.Mutex
	callers map[string]*caller
}

type caller struct {
	*rate.Limiter
	seen time.Time
}

// forgotten is after how long a caller is as good as new.
const forgotten = time.Minute

// manyCallers is from how many on the forgotten ones are cleared away.
const manyCallers = 10_000

func (l *limits) allow(who string, perSecond float64) bool {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.callers[who]
	if c == nil {
		if len(l.callers) >= manyCallers {
			l.clear(now)
		}
		c = &caller{Limiter: rate.NewLimiter(rate.Limit(perSecond), int(4*perSecond))}
		l.callers[who] = c
	}
	c.seen = now
	return c.AllowN(now, 1)
}

// clear drops who has not called for a while, or everybody when all have.
func (l *limits) clear(now time.Time) {
	for who, c := range l.callers {
		if now.Sub(c.seen) > forgotten {
			delete(l.callers, who)
		}
	}
	if len(l.callers) >= manyCallers {
		clear(l.callers)
	}
}
