package store

import (
	"context"
	"time"
)

// File is a document's file.
type File struct {
	Key         string
	DealID      string
	Name        string
	ContentType string
	Data        []byte
	CreatedAt   time.Time // wall time
}

// PutFile keeps a file of a deal and gives the key to read it by.
func (s *Store) PutFile(ctx context.Context, dealID, name, contentType string, data []byte) (key string, err error) {
	now := s.now()
	key = idAt(now)
	_, err = s.write(ctx).exec(`INSERT INTO files (key, deal_id, name, content_type, data, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
		key, dealID, name, contentType, data, now)
	return key, wrap("file of deal "+dealID, err)
}

// File reads a file.
func (s *Store) File(ctx context.Context, key string) (*File, error) {
	f := File{Key: key}
	err := s.read(ctx).row(`SELECT deal_id, name, content_type, data, created_at FROM files WHERE key = ?`, []any{key},
		&f.DealID, &f.Name, &f.ContentType, &f.Data, moment{&f.CreatedAt})
	if err != nil {
		return nil, wrap("file "+key, err)
	}
	return &f, nil
}
