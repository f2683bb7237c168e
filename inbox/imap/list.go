package imap

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"
)

// Entry names one message that the server holds.
type Entry struct {
	UID uint32
	// MessageID is as the message has it, with angle brackets; empty when it has none.
	MessageID    string
	InternalDate time.Time
	Size         int64
}

// List calls each for every message in a folder, the account's own when folder is empty, in the server's order, and returns the folder's
// UIDVALIDITY. It uses a connection of its own and holds one message's header at a time. An error of each ends it.
func (r *Reader) List(ctx context.Context, folder string, each func(Entry) error) (uidValidity uint32, err error) {
	s, err := open(ctx, r.account)
	if err != nil {
		return 0, err
	}
	defer s.close()
	if folder == "" {
		folder = r.account.folder()
	}
	data, err := s.look(folder, true)
	if err != nil {
		return 0, err
	}
	if data.NumMessages == 0 {
		return data.UIDValidity, nil
	}
	var stopped error
	err = s.fetch(goimap.UIDSet{{Start: 1}}, listOptions(), maxListedHeader, func(a answer) error {
		if a.uid != 0 {
			stopped = each(Entry{a.uid, messageID(a.body), a.date, a.size})
		}
		return stopped
	})
	switch {
	case stopped != nil:
		return data.UIDValidity, stopped
	case err != nil:
		return data.UIDValidity, s.fail(fmt.Sprintf("list folder %q", folder), err)
	}
	return data.UIDValidity, nil
}

// maxListedHeader bounds the header field that List reads.
const maxListedHeader = 16 << 10

func listOptions() *goimap.FetchOptions {
	return &goimap.FetchOptions{
		UID: true, RFC822Size: true, InternalDate: true,
		BodySection: []*goimap.FetchItemBodySection{{
			Peek: true, Specifier: goimap.PartSpecifierHeader, HeaderFields: []string{"Message-ID"},
		}},
	}
}

// messageID reads the value of the first field in header, which may be folded.
func messageID(header []byte) string {
	_, value, _ := bytes.Cut(header, []byte(":"))
	end := 0
	for line := range bytes.Lines(value) {
		if end > 0 && line[0] != ' ' && line[0] != '\t' {
			break
		}
		end += len(line)
	}
	return strings.Join(strings.Fields(string(value[:end])), " ")
}
