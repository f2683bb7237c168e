package activities

import (
	"fmt"

	"github.com/dealwright/dealwright/inbox"
	"github.com/dealwright/dealwright/store"
)

// maxAttachments bounds how many files of one message are kept; the raw message
// has them all.
const maxAttachments = 50

// keepFiles keeps what came with a client's message, pictures within the text
// too: telephones send photographs so.
func (t *taken) keepFiles(row store.LedgerRow, m *inbox.Message) error {
	for i, att := range m.Attachments {
		if i == maxAttachments {
			break
		}
		name := attachmentName(i, att.Name)
		f := store.File{Key: fmt.Sprintf("%s-%02d", row.ID, i+1), DealID: row.DealID, LedgerID: row.ID, Name: name, ContentType: att.Type, Data: att.Data()}
		if _, err := t.tx.PutFile(f); err != nil {
			return fmt.Errorf("attachment %q: %w", name, err)
		}
	}
	return nil
}

// attachmentName is what the n-th file of a message is called.
func attachmentName(n int, given string) string {
	if given == "" {
		return fmt.Sprintf("attachment-%d", n+1)
	}
	return given
}
