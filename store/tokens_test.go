package store

import (
	"errors"
	"testing"
	"time"
)

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		has := func(want bool) {
			t.Helper()
			if got, err := s.HasTokens(t.Context()); err != nil || got != want {
				t.Errorf("has tokens: %v, %v", got, err)
			}
		}
		has(false)
		forever := &Token{Hash: "h1", Name: "site", Role: "admin"}
		ok(t, s.AddToken(t.Context(), forever))
		ok(t, s.AddToken(t.Context(), &Token{Hash: "h2", Name: "rep@acme.test", Role: "rep", Companies: []string{"acme"}, ExpiresAt: time.Now().Add(time.Hour)}))
		ok(t, s.AddToken(t.Context(), &Token{Hash: "h3", Name: "old", Role: "viewer", ExpiresAt: time.Now().Add(-time.Hour)}))
		has(true)
		if found, err := s.TokenByHash(t.Context(), "h2"); err != nil || found.Name != "rep@acme.test" || len(found.Companies) != 1 {
			t.Errorf("found %+v, %v", found, err)
		}
		for _, hash := range []string{"h3", "h4", ""} {
			if _, err := s.TokenByHash(t.Context(), hash); !errors.Is(err, ErrNotFound) {
				t.Errorf("token %q: %v", hash, err)
			}
		}
		ok(t, s.RevokeToken(t.Context(), forever.ID))
		ok(t, s.RevokeToken(t.Context(), forever.ID))
		if _, err := s.TokenByHash(t.Context(), "h1"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a revoked token: %v", err)
		}
		if err := s.RevokeToken(t.Context(), "none"); !errors.Is(err, ErrNotFound) {
			t.Errorf("revoke nothing: %v", err)
		}
		if err := s.AddToken(t.Context(), &Token{Hash: "h2"}); err == nil {
			t.Error("the same token twice")
		}
		tokens, err := s.Tokens(t.Context())
		ok(t, err)
		if len(tokens) != 3 || tokens[0].RevokedAt.IsZero() || tokens[0].Companies == nil || tokens[1].CreatedAt.IsZero() {
			t.Errorf("tokens %+v", tokens)
		}
		has(true)
	})
}

func TestAudit(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		for i, company := range []string{"acme", "other", "acme"} {
			ok(t, s.AddAudit(t.Context(), AuditRow{Actor: "ann", Role: "rep", Company: company, DealID: "d", Operation: "move-deal", Target: "/x", Status: 200 + i}))
		}
		page, err := s.Audit(t.Context(), AuditFilter{Company: "acme", Limit: 1})
		ok(t, err)
		if len(page.Items) != 1 || page.Total != 2 || page.Items[0].Status != 202 || page.Items[0].At.IsZero() {
			t.Fatalf("page %+v", page)
		}
		page, err = s.Audit(t.Context(), AuditFilter{Company: "acme", Limit: 1, Cursor: page.Next})
		ok(t, err)
		if len(page.Items) != 1 || page.Items[0].Status != 200 || page.Next != "" {
			t.Errorf("page %+v", page)
		}
		if page, err := s.Audit(t.Context(), AuditFilter{Actor: "bob"}); err != nil || page.Total != 0 {
			t.Errorf("of another: %+v, %v", page, err)
		}
		var bad *BadQuery
		if _, err := s.Audit(t.Context(), AuditFilter{Cursor: "x"}); !errors.As(err, &bad) {
			t.Errorf("bad cursor: %v", err)
		}
	})
}
