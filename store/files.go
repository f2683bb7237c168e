package store

import (
	"context"
	"time"
)

// File is a document's file.
type File struct {
	Key         string // made when empty
	DealID      string
	Name        string
	ContentType string
	Data        []byte
	CreatedAt   time.Time // wall time
	LedgerID    string    // the message it came with; empty: a person added it
}

// PutFile keeps a file of a deal and gives the key to read it by.
func (s *Store) PutFile(ctx context.Context, dealID, name, contentType string, data []byte) (key string, err error) {
	key, err = putFile(s.write(ctx), File{DealID: dealID, Name: name, ContentType: contentType, Data: data}, s.now())
	return key, wrap("file of deal "+dealID, err)
}

// PutFile keeps a file that came with a message, once for its key.
func (t *CaptureTx) PutFile(f File) (key string, err error) { return putFile(t.c, f, t.now) }

func putFile(c conn, f File, now time.Time) (key string, err error) {
	if key = f.Key; key == "" {
		key = idAt(now)
	}
	_, err = c.exec(`INSERT INTO files (key, deal_id, name, content_type, data, created_at, ledger_id) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
		key, f.DealID, f.Name, f.ContentType, f.Data, now, f.LedgerID)
	return key, err
}

// MoveFiles gives what came with a message from one deal to another.
func (t *CaptureTx) MoveFiles(ledgerID, from, to string) error {
	_, err := t.c.exec(`UPDATE files SET deal_id = ? WHERE deal_id = ? AND ledger_id = ?`, to, from, ledgerID)
	return err
}

// DropFiles forgets what came with a message of a deal.
func (t *CaptureTx) DropFiles(ledgerID, dealID string) error {
	_, err := t.c.exec(`DELETE FROM files WHERE deal_id = ? AND ledger_id = ?`, dealID, ledgerID)
	return err
}

// Attachment is a file that came with a client's message, without its bytes.
type Attachment struct {
	Key         string
	LedgerID    string
	Name        string
	ContentType string
	Size        int64
	ReceivedAt  time.Time // deal time
}

// Attachments lists what came with the messages of a deal, oldest first.
func (s *Store) Attachments(ctx context.Context, dealID string) ([]Attachment, error) {
	list, err := collect(s.read(ctx), func(row scanner) (Attachment, error) {
		var a Attachment
		return a, row.Scan(&a.Key, &a.LedgerID, &a.Name, &a.ContentType, &a.Size, moment{&a.ReceivedAt})
	}, `SELECT f.key, f.ledger_id, f.name, f.content_type, LENGTH(f.data), COALESCE(l.received_at, 0)
		FROM files f LEFT JOIN ledger l ON l.id = f.ledger_id WHERE f.deal_id = ? AND f.ledger_id <> '' ORDER BY l.n, f.key`, dealID)
	return list, wrap("attachments of deal "+dealID, err)
}

// File reads a file.
func (s *Store) File(ctx context.Context, key string) (*File, error) {
	f := File{Key: key}
	err := s.read(ctx).row(`SELECT deal_id, name, content_type, data, created_at, ledger_id FROM files WHERE key = ?`, []any{key},
		&f.DealID, &f.Name, &f.ContentType, &f.Data, moment{&f.CreatedAt}, &f.LedgerID)
	if err != nil {
		return nil, wrap("file "+key, err)
	}
	return &f, nil
}
