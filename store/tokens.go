package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Token lets its holder use the API. Only its hash is kept.
type Token struct {
	ID        string
	Hash      string // SHA-256 in hex
	Name      string
	Role      string
	Companies []string  // none: all
	CreatedAt time.Time // wall time, as the two that follow
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: not
}

// AddToken keeps a token and gives it an id unless it has one.
func (s *Store) AddToken(ctx context.Context, t *Token) error {
	if t.ID == "" {
		t.ID = NewID()
	}
	if t.Companies == nil {
		t.Companies = []string{}
	}
	t.CreatedAt = s.now()
	_, err := s.write(ctx).exec(`INSERT INTO tokens (id, hash, name, role, companies, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
		t.ID, t.Hash, t.Name, t.Role, document{t.Companies}, t.CreatedAt, t.ExpiresAt)
	return wrap("add token "+t.Name, err)
}

// Tokens lists all tokens, revoked and expired ones too, oldest first.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	tokens, err := collect(s.read(ctx), scanToken, tokenSelect+` ORDER BY n`)
	return tokens, wrap("list tokens", err)
}

// HasTokens reports whether a token was ever made: from then on the API asks
// for one.
func (s *Store) HasTokens(ctx context.Context) (bool, error) {
	var n int64
	err := s.read(ctx).row(`SELECT n FROM tokens LIMIT 1`, nil, &n)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, wrap("look for tokens", err)
}

// TokenByHash finds a token that is neither revoked nor expired.
func (s *Store) TokenByHash(ctx context.Context, hash string) (*Token, error) {
	tokens, err := collect(s.read(ctx), scanToken, tokenSelect+` WHERE hash = ? AND revoked_at = 0 AND (expires_at = 0 OR expires_at > ?)`, hash, s.now())
	if err == nil && len(tokens) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return nil, wrap("find a token", err)
	}
	return &tokens[0], nil
}

// RevokeToken ends a token; one that is revoked stays so.
func (s *Store) RevokeToken(ctx context.Context, id string) error {
	count, err := s.write(ctx).exec(`UPDATE tokens SET revoked_at = CASE WHEN revoked_at = 0 THEN ? ELSE revoked_at END WHERE id = ?`, s.now(), id)
	if err == nil && count == 0 {
		err = ErrNotFound
	}
	return wrap("revoke token "+id, err)
}

const tokenSelect = `SELECT id, hash, name, role, companies, created_at, expires_at, revoked_at FROM tokens`

func scanToken(row scanner) (Token, error) {
	var t Token
	return t, row.Scan(&t.ID, &t.Hash, &t.Name, &t.Role, document{&t.Companies}, moment{&t.CreatedAt}, moment{&t.ExpiresAt}, moment{&t.RevokedAt})
}
