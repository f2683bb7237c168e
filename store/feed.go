package store

import "context"

// FeedPosition is how far a reader of the event feed has come, by its name, and
// whether it has begun at all.
func (s *Store) FeedPosition(ctx context.Context, reader string) (last int64, begun bool, err error) {
	err = s.read(ctx).row(`SELECT value FROM meta WHERE key = ?`, []any{"feed/" + reader}, document{&last})
	if err == nil {
		return last, true, nil
	}
	return 0, false, wrap("position of "+reader, ignoreNotFound(err))
}

// SetFeedPosition keeps how far a reader of the event feed has come.
func (s *Store) SetFeedPosition(ctx context.Context, reader string, last int64) error {
	_, err := s.write(ctx).exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
		"feed/"+reader, document{last})
	return wrap("position of "+reader, err)
}
