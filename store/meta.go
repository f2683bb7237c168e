package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
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

// secretLength is as long as the hash that the secret keys.
const secretLength = 32

// Secret signs what leaves the company and is to be known again: the deal in a
// Message-ID, the address in an opt-out link. It is made at the first call and
// kept with the data, so that all processes share it.
func (s *Store) Secret(ctx context.Context) ([]byte, error) {
	var secret []byte
	err := s.read(ctx).row(`SELECT value FROM meta WHERE key = 'secret'`, nil, document{&secret})
	if err == nil {
		return secret, nil
	}
	if err := ignoreNotFound(err); err != nil {
		return nil, wrap("read the secret", err)
	}
	fresh := make([]byte, secretLength)
	rand.Read(fresh) // never fails
	err = s.transact(ctx, func(c conn) error {
		if _, err := c.exec(`INSERT INTO meta (key, value) VALUES ('secret', ?) ON CONFLICT (key) DO NOTHING`, document{fresh}); err != nil {
			return err
		}
		return c.row(`SELECT value FROM meta WHERE key = 'secret'`, nil, document{&secret})
	})
	return secret, wrap("make the secret", err)
}

// RefreshToken is the refresh token that an OAuth 2.0 endpoint last gave a
// client in place of the configured one, or that one.
func (s *Store) RefreshToken(ctx context.Context, endpoint, client, configured string) (string, error) {
	latest := configured
	err := s.read(ctx).row(`SELECT value FROM meta WHERE key = ?`, []any{refreshTokenKey(endpoint, client, configured)}, document{&latest})
	return latest, wrap("read the refresh token of "+client, ignoreNotFound(err))
}

// SetRefreshToken keeps the refresh token that takes the place of the
// configured one. Another configured one begins anew.
func (s *Store) SetRefreshToken(ctx context.Context, endpoint, client, configured, latest string) error {
	_, err := s.write(ctx).exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
		refreshTokenKey(endpoint, client, configured), document{latest})
	return wrap("keep the refresh token of "+client, err)
}

func refreshTokenKey(endpoint, client, configured string) string {
	sum := sha256.Sum256([]byte(endpoint + "\x00" + client + "\x00" + configured))
	return fmt.Sprintf("refresh_token/%x", sum[:16])
}
