package store

import (
	"strings"
	"time"
)

// ThreadMessage ties a message to a deal, so that an answer to it finds the
// deal, and its sender and recipients to the people who may answer.
type ThreadMessage struct {
	MessageID    string
	DealID       string
	Ours         bool      // a letter or a colleague's answer
	LetterKey    string    // of the outbox
	At           time.Time // deal time
	Participants []string  // addresses of the client's side
}

// ThreadHit is a known message.
type ThreadHit struct {
	MessageID string
	DealID    string
	Ours      bool
	LetterKey string
}

func addThread(c conn, company string, m ThreadMessage) error {
	if m.MessageID != "" {
		_, err := c.exec(`INSERT INTO thread (company, message_id, deal_id, ours, letter_key, at)
			VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, company, m.MessageID, m.DealID, m.Ours, m.LetterKey, m.At)
		if err != nil {
			return err
		}
	}
	for _, email := range m.Participants {
		_, err := c.exec(`INSERT INTO participants (deal_id, email) VALUES (?, ?) ON CONFLICT DO NOTHING`,
			m.DealID, strings.ToLower(email))
		if err != nil {
			return err
		}
	}
	return nil
}

// Unthread takes a message out of a deal's thread.
func (t *CaptureTx) Unthread(messageID, dealID string) error {
	_, err := t.c.exec(`DELETE FROM thread WHERE company = ? AND message_id = ? AND deal_id = ?`, t.from.Company, messageID, dealID)
	return err
}

// maxLookup bounds how many message ids of one mail are looked up: the newest
// references are the last.
const maxLookup = 200

func threadHits(c conn, company string, ids []string) ([]ThreadHit, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	ids = ids[max(0, len(ids)-maxLookup):]
	return collect(c, func(row scanner) (ThreadHit, error) {
		var h ThreadHit
		return h, row.Scan(&h.MessageID, &h.DealID, &h.Ours, &h.LetterKey)
	}, `SELECT message_id, deal_id, ours, letter_key FROM thread WHERE company = ? AND message_id IN (`+placeholders(len(ids))+`)
		ORDER BY at DESC, deal_id`, append([]any{company}, anys(ids)...)...)
}
