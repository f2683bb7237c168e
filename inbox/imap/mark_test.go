package imap_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"github.com/dealwright/dealwright/inbox/imap"
)

// marking reads a folder to its end by a reader with a mark, and lists what it found on messages.
func marking(t *testing.T, s *server, account imap.Account, mark string, from imap.Cursor) (read []uint32, found []string) {
	t.Helper()
	wake := make(chan struct{}, 1)
	options := imap.Options{
		Mark: mark, Poll: time.Hour, Wake: wake,
		Marked: func(uid uint32, marks []string) {
			found = append(found, fmt.Sprint(uid, " ", strings.Join(marks, " ")))
		},
		Warn: func(err error) { found = append(found, err.Error()) },
	}
	err := imap.NewReader(account).Watch(t.Context(), from, options, func(_ context.Context, b imap.Batch) error {
		if read = append(read, uids(b)...); len(b.Messages) == 0 {
			return errEnough
		}
		wake <- struct{}{} // one more look, so that what follows the batch is done
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	return read, found
}

func TestTwoReadersOfOneFolderNoticeEachOther(t *testing.T) {
	one, other := imap.MarkPrefix+"aaaa", imap.MarkPrefix+"bbbb"
	s := start(t, setup{})
	s.deliver("INBOX", 1, 3, 500)
	read, found := marking(t, s, s.account(), one, imap.Cursor{})
	same(t, "the first reads", read, []uint32{1, 2, 3})
	same(t, "and finds", found, nil)
	read, found = marking(t, s, s.account(), other, imap.Cursor{})
	same(t, "the second reads", read, []uint32{1, 2, 3})
	same(t, "and finds", found, []string{"3 " + one})

	s.deliver("INBOX", 4, 4, 500)
	_, found = marking(t, s, s.account(), other, imap.Cursor{UIDValidity: 1, LastUID: 3})
	same(t, "alone with a new message it finds", found, nil)
	_, found = marking(t, s, s.account(), one, imap.Cursor{UIDValidity: 1, LastUID: 3})
	same(t, "the first finds there", found, []string{"4 " + other})
	if all, unseen, deleted := s.status("INBOX"); all != 4 || unseen != 4 || deleted != 0 {
		t.Errorf("the mailbox now has %d messages, %d unseen, %d deleted", all, unseen, deleted)
	}
}

// A copy of the data has the same mark: the message was handled and is marked already.
func TestCopyOfAReaderIsNoticed(t *testing.T) {
	mark := imap.MarkPrefix + "aaaa"
	s := start(t, setup{})
	s.deliver("INBOX", 1, 1, 500)
	marking(t, s, s.account(), mark, imap.Cursor{})
	_, found := marking(t, s, s.account(), mark, imap.Cursor{})
	same(t, "the copy finds", found, []string{"1 " + mark})
}

func TestMarkIsArchivedWithItsMessage(t *testing.T) {
	s := start(t, setup{})
	s.deliver("INBOX", 1, 2, 500)
	account := s.account()
	account.Archive = "Captured"
	marking(t, s, account, imap.MarkPrefix+"aaaa", imap.Cursor{})
	account.Folder, account.Archive = "Captured", ""
	read, found := marking(t, s, account, imap.MarkPrefix+"bbbb", imap.Cursor{})
	same(t, "the archive holds", read, []uint32{1, 2})
	same(t, "with marks", found, []string{"2 " + imap.MarkPrefix + "aaaa"})
}

// Where no keywords are kept the mail is read all the same.
func TestFolderWithoutKeywords(t *testing.T) {
	refuse := func() error {
		return &goimap.Error{Type: goimap.StatusResponseTypeNo, Code: goimap.ResponseCodeLimit, Text: "too many keywords"}
	}
	cases := []struct {
		name string
		hook hooked
		want []string
	}{
		{"it says so", hooked{flags: []goimap.Flag{goimap.FlagSeen}}, nil},
		{"it refuses", hooked{store: refuse}, []string{"mailbox sales@127.0.0.1:PORT: mark message 2: imap: NO [LIMIT] too many keywords"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, setup{session: hook(c.hook)})
			s.deliver("INBOX", 1, 2, 500)
			read, found := marking(t, s, s.account(), imap.MarkPrefix+"aaaa", imap.Cursor{})
			same(t, "read", read, []uint32{1, 2})
			for i := range c.want {
				c.want[i] = strings.ReplaceAll(c.want[i], "PORT", fmt.Sprint(s.port))
			}
			same(t, "found", found, c.want)
		})
	}
}
