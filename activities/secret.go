package activities

import (
	"context"
	"sync"

	"github.com/dealwright/dealwright/store"
)

// secret is the data's own secret, read once.
type secret struct {
	mu  sync.Mutex
	key []byte
}

func (s *secret) of(ctx context.Context, from *store.Store) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key != nil {
		return s.key, nil
	}
	key, err := from.Secret(ctx)
	if err != nil {
		return nil, err
	}
	s.key = key
	return key, nil
}
