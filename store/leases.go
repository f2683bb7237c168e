package store

import (
	"context"
	"time"
)

// Lease takes or renews a lease on a name. It answers false while another
// holds it. The clocks of the machines must agree to well within ttl.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) (bool, error) {
	now := s.now()
	count, err := s.write(ctx).exec(`INSERT INTO leases (name, holder, until) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE leases.holder = excluded.holder OR leases.until <= ?`, name, holder, now.Add(ttl), now)
	return count == 1, wrap("lease "+name, err)
}

// Release gives a lease back; one that another holds is left to it.
func (s *Store) Release(ctx context.Context, name, holder string) error {
	_, err := s.write(ctx).exec(`DELETE FROM leases WHERE name = ? AND holder = ?`, name, holder)
	return wrap("lease "+name, err)
}

// ReleaseAll frees every lease: for a process that alone holds the folder, so
// that nobody waits for one that was killed.
func (s *Store) ReleaseAll(ctx context.Context) error {
	_, err := s.write(ctx).exec(`DELETE FROM leases`)
	return wrap("release all leases", err)
}
