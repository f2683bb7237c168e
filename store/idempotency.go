package store

import (
	"context"
	"database/sql"
	"errors"
)

// Idempotent looks for the answer that a key was given before. conflict says
// that the key was used for another request.
func (s *Store) Idempotent(ctx context.Context, scope, key, requestHash string) (response []byte, found, conflict bool, err error) {
	var earlier string
	err = s.read(ctx).row(`SELECT request_hash, response FROM idempotency WHERE scope = ? AND key = ?`, []any{scope, key}, &earlier, &response)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, false, false, nil
	case err != nil:
		return nil, false, false, wrap("idempotency key", err)
	case earlier != requestHash:
		return nil, true, true, nil
	}
	return response, true, false, nil
}

// SaveIdempotent keeps the answer that a key was given; the first one stays.
func (s *Store) SaveIdempotent(ctx context.Context, scope, key, requestHash string, response []byte) error {
	_, err := s.write(ctx).exec(`INSERT INTO idempotency (scope, key, request_hash, response, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		scope, key, requestHash, response, s.now())
	return wrap("idempotency key", err)
}
