package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"time"
)

// MaxRaw is how much of a message is kept; of a longer one, the beginning. No
// large provider takes in more than 50 MB.
const MaxRaw = 64 << 20

func keepRaw(c conn, ledgerID string, processedAt time.Time, raw []byte) error {
	var packed bytes.Buffer
	if len(raw) > 1<<20 {
		packed.Grow(len(raw)) // to grow by doubling would take several times as much
	}
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(raw[:min(len(raw), MaxRaw)]); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_, err := c.exec(`INSERT INTO raw_messages (ledger_id, processed_at, data) VALUES (?, ?, ?)`, ledgerID, processedAt, packed.Bytes())
	return err
}

// RawMessage is a message as it was received, as long as it is kept.
func (s *Store) RawMessage(ctx context.Context, ledgerID string) ([]byte, error) {
	var packed []byte
	if err := s.read(ctx).row(`SELECT data FROM raw_messages WHERE ledger_id = ?`, []any{ledgerID}, &packed); err != nil {
		return nil, wrap("raw message "+ledgerID, err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, wrap("raw message "+ledgerID, err)
	}
	raw, err := io.ReadAll(r)
	return raw, wrap("raw message "+ledgerID, err)
}

// HasRaw reports whether the bytes of a message are kept.
func (s *Store) HasRaw(ctx context.Context, ledgerID string) (has bool, err error) {
	err = s.read(ctx).row(`SELECT EXISTS (SELECT 1 FROM raw_messages WHERE ledger_id = ?)`, []any{ledgerID}, &has)
	return has, wrap("raw message "+ledgerID, err)
}

// prunedTogether is how many messages one transaction deletes; others write in
// between.
const prunedTogether = 500

// PruneRaw deletes the messages of a company, not their ledger rows, that were
// taken in before a moment in deal time, and tells how many.
func (s *Store) PruneRaw(ctx context.Context, company string, before time.Time) (int64, error) {
	var all int64
	for {
		count, err := s.write(ctx).exec(`DELETE FROM raw_messages WHERE ledger_id IN (
			SELECT r.ledger_id FROM raw_messages r JOIN ledger l ON l.id = r.ledger_id
			WHERE r.processed_at < ? AND l.company = ? LIMIT ?)`, before, company, prunedTogether)
		all += count
		if err != nil || count < prunedTogether {
			return all, wrap("prune raw messages of "+company, err)
		}
	}
}
