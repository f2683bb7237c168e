package store

import (
	"context"
	"fmt"
	"time"
)

// Epoch is from where and how fast deal time runs.
type Epoch struct {
	Wall  time.Time `json:"wall"`
	Deal  time.Time `json:"deal"`
	Speed float64   `json:"speed"`
}

// Clock is the epoch of this database. The first call sets it, from now on and
// with the speed it wants; another speed is an error ever after.
func (s *Store) Clock(ctx context.Context, speed float64) (Epoch, error) {
	now := s.now().UTC().Truncate(time.Microsecond)
	var epoch Epoch
	err := s.transact(ctx, func(c conn) error {
		_, err := c.exec(`INSERT INTO meta (key, value) VALUES ('clock', ?) ON CONFLICT (key) DO NOTHING`,
			document{Epoch{Wall: now, Deal: now, Speed: speed}})
		if err != nil {
			return err
		}
		return c.row(`SELECT value FROM meta WHERE key = 'clock'`, nil, document{&epoch})
	})
	if err != nil {
		return Epoch{}, wrap("read the clock", err)
	}
	if epoch.Speed != speed {
		return Epoch{}, fmt.Errorf("store: this data was made with --speed %v and cannot go on with --speed %v: give the first speed, or another data folder or database", epoch.Speed, speed)
	}
	return epoch, nil
}
