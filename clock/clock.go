// Package clock maps the wall clock to deal time, which runs from an epoch with a speed: 1 in production, more in a demonstration
// or a test, where months pass in minutes.
package clock

import (
	"fmt"
	"math"
	"math/big"
	"sync/atomic"
	"time"
)

// MaxSpeed is the fastest that deal time may run: about eleven and a half days in each second.
const MaxSpeed = 1e6

// Clock tells deal time. It is safe for use by several goroutines. Every time it returns is in UTC.
type Clock struct {
	epochWall, epochDeal time.Time
	speed                float64
	ratio                *big.Rat // speed without rounding
	wallNow              func() time.Time
	latest               atomic.Pointer[time.Time] // what Now answered last
}

// New is a clock that reads epochDeal when the wall clock reads epochWall, and runs speed times as fast. The speed must be more
// than 0 and at most [MaxSpeed].
func New(epochWall, epochDeal time.Time, speed float64) (*Clock, error) {
	if math.IsNaN(speed) || speed <= 0 || speed > MaxSpeed {
		return nil, fmt.Errorf("clock: speed %v: must be more than 0 and at most %.0f", speed, MaxSpeed)
	}
	return &Clock{
		epochWall: epochWall.Round(0).UTC(),
		epochDeal: epochDeal.Round(0).UTC(),
		speed:     speed,
		ratio:     new(big.Rat).SetFloat64(speed),
		wallNow:   time.Now,
	}, nil
}

// Real is the clock of production: deal time is wall time.
func Real() *Clock {
	epoch := time.Unix(0, 0).UTC()
	return &Clock{epochWall: epoch, epochDeal: epoch, speed: 1, ratio: big.NewRat(1, 1), wallNow: time.Now}
}

// WithWall is the same clock on another source of wall time, which a test can drive.
func (c *Clock) WithWall(now func() time.Time) *Clock {
	return &Clock{epochWall: c.epochWall, epochDeal: c.epochDeal, speed: c.speed, ratio: c.ratio, wallNow: now}
}

// Now is the present deal time. It never goes back: when the wall clock is set back, deal time stands still until the wall clock
// has caught up.
func (c *Clock) Now() time.Time {
	now := c.At(c.wallNow())
	for {
		latest := c.latest.Load()
		if latest != nil && !now.After(*latest) {
			return *latest
		}
		if c.latest.CompareAndSwap(latest, &now) {
			return now
		}
	}
}

// At is the deal time at a wall time, rounded down to a nanosecond.
func (c *Clock) At(wall time.Time) time.Time {
	elapsed := since(c.epochWall, wall)
	elapsed.Mul(elapsed, c.ratio.Num())
	return after(c.epochDeal, elapsed.Div(elapsed, c.ratio.Denom()))
}

// Wall is the first wall time at which deal time has come to a moment: At(Wall(deal)) is never before deal, so who sleeps until
// then is not too early. At speeds from 1 up Wall(At(wall)) is wall.
func (c *Clock) Wall(deal time.Time) time.Time {
	elapsed := since(c.epochDeal, deal)
	elapsed.Mul(elapsed, c.ratio.Denom())
	// Div rounds towards the past; negated twice it rounds towards the future.
	elapsed.Div(elapsed.Neg(elapsed), c.ratio.Num())
	return after(c.epochWall, elapsed.Neg(elapsed))
}

// Speed is how many seconds of deal time pass in a second.
func (c *Clock) Speed() float64 { return c.speed }

// Epoch is the wall time and the deal time from which the clock runs.
func (c *Clock) Epoch() (wall, deal time.Time) { return c.epochWall, c.epochDeal }

var second = big.NewInt(int64(time.Second))

// since counts nanoseconds; unlike time.Duration it has no limit, and at a high speed deal time soon runs past that limit.
func since(epoch, t time.Time) *big.Int {
	elapsed := big.NewInt(t.Unix() - epoch.Unix())
	elapsed.Mul(elapsed, second)
	return elapsed.Add(elapsed, big.NewInt(int64(t.Nanosecond()-epoch.Nanosecond())))
}

// after is the moment that many nanoseconds after the epoch.
func after(epoch time.Time, elapsed *big.Int) time.Time {
	seconds, nanoseconds := new(big.Int).DivMod(elapsed, second, new(big.Int))
	return time.Unix(epoch.Unix()+seconds.Int64(), int64(epoch.Nanosecond())+nanoseconds.Int64()).UTC()
}
