package clock

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	wallEpoch = time.Date(2026, 3, 1, 12, 0, 0, 250, time.UTC)
	dealEpoch = time.Date(2026, 1, 1, 9, 0, 0, 0, time.FixedZone("", 3*3600))
)

func newClock(t testing.TB, speed float64) *Clock {
	t.Helper()
	c, err := New(wallEpoch, dealEpoch, speed)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAt(t *testing.T) {
	for _, test := range []struct {
		name  string
		speed float64
		wall  time.Duration
		deal  time.Duration
	}{
		{"at the epoch", 1440, 0, 0},
		{"a day in a minute", 1440, time.Minute, 24 * time.Hour},
		{"before the epoch", 1440, -time.Minute, -24 * time.Hour},
		{"as fast as the wall clock", 1, 90 * 24 * time.Hour, 90 * 24 * time.Hour},
		{"slow motion", 0.25, time.Minute, 15 * time.Second},
		{"years in a minute", MaxSpeed, time.Minute, 60_000_000 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClock(t, test.speed)
			wall, deal := wallEpoch.Add(test.wall), dealEpoch.Add(test.deal)
			got := c.At(wall)
			if !got.Equal(deal) || got.Location() != time.UTC {
				t.Errorf("deal time %s, want %s in UTC", got, deal)
			}
			if back := c.Wall(deal); !back.Equal(wall) || back.Location() != time.UTC {
				t.Errorf("wall time %s, want %s in UTC", back, wall)
			}
		})
	}
}

func TestFarBeyondTheRangeOfDurations(t *testing.T) {
	c := newClock(t, MaxSpeed)
	wall := wallEpoch.Add(30 * 24 * time.Hour) // 82,000 years of deal time
	deal := c.At(wall)
	if want := dealEpoch.Unix() + 30*24*3600*MaxSpeed; deal.Unix() != want {
		t.Errorf("deal time %d, want %d", deal.Unix(), want)
	}
	if back := c.Wall(deal); !back.Equal(wall) {
		t.Errorf("and back %s, want %s", back, wall)
	}
}

func TestSpeedIsChecked(t *testing.T) {
	for _, speed := range []float64{0, -1, MaxSpeed + 1, math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, err := New(wallEpoch, dealEpoch, speed); err == nil {
			t.Errorf("speed %v is taken", speed)
		}
	}
	for _, speed := range []float64{math.SmallestNonzeroFloat64, 0.5, 1, MaxSpeed} {
		c, err := New(wallEpoch, dealEpoch, speed)
		if err != nil {
			t.Errorf("speed %v: %v", speed, err)
		} else if c.Speed() != speed {
			t.Errorf("speed %v, want %v", c.Speed(), speed)
		}
	}
}

func TestEpoch(t *testing.T) {
	c := newClock(t, 60)
	wall, deal := c.Epoch()
	again, err := New(wall, deal, c.Speed())
	if err != nil {
		t.Fatal(err)
	}
	at := wallEpoch.Add(time.Hour)
	if got, want := again.At(at), c.At(at); !got.Equal(want) {
		t.Errorf("a clock of the same epoch and speed shows %s, want %s", got, want)
	}
}

func TestNow(t *testing.T) {
	wall := wallEpoch
	c := newClock(t, 60).WithWall(func() time.Time { return wall })
	steps := []struct {
		name string
		wall time.Duration
		want time.Duration
	}{
		{"at the epoch", 0, 0},
		{"a minute later", time.Minute, time.Hour},
		{"the wall clock is set back", 30 * time.Second, time.Hour},
		{"it catches up", time.Minute, time.Hour},
		{"and goes on", 2 * time.Minute, 2 * time.Hour},
	}
	for _, step := range steps {
		wall = wallEpoch.Add(step.wall)
		if got, want := c.Now(), dealEpoch.Add(step.want); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", step.name, got, want)
		}
	}
}

func TestReal(t *testing.T) {
	c := Real()
	before := time.Now().Round(0)
	now := c.Now()
	if after := time.Now().Round(0); now.Before(before) || now.After(after) {
		t.Errorf("now is %s, want a time from %s to %s", now, before, after)
	}
	if c.Speed() != 1 || !c.Wall(now).Equal(now) {
		t.Errorf("speed %v, and %s is %s on the wall", c.Speed(), now, c.Wall(now))
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		speed := rapid.OneOf(rapid.Float64Range(1e-3, MaxSpeed), rapid.SampledFrom([]float64{0.1, 1, 1.0 / 3, 60, 1440, 1e6})).Draw(t, "speed")
		c, err := New(wallEpoch, dealEpoch, speed)
		if err != nil {
			t.Fatal(err)
		}
		offset := time.Duration(rapid.Int64Range(-1e17, 1e17).Draw(t, "offset"))

		deal := dealEpoch.Add(offset)
		wall := c.Wall(deal)
		if c.At(wall).Before(deal) {
			t.Fatalf("%s is %s on the wall, and that is only %s", deal, wall, c.At(wall))
		}
		if earlier := c.At(wall.Add(-1)); !earlier.Before(deal) {
			t.Fatalf("%s is reached before %s", deal, wall)
		}

		wall = wallEpoch.Add(offset)
		if back := c.Wall(c.At(wall)); back.After(wall) || (speed >= 1 && !back.Equal(wall)) {
			t.Fatalf("%s goes to %s and comes back as %s", wall, c.At(wall), back)
		}
		later := wall.Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "later")))
		if c.At(later).Before(c.At(wall)) {
			t.Fatalf("deal time goes back between %s and %s", wall, later)
		}
	})
}
