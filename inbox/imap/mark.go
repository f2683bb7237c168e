package imap

import (
	"fmt"
	"slices"
	"strings"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// MarkPrefix begins the keywords by which readers know of each other.
const MarkPrefix = "$dealwright-"

// mark puts this reader's keyword on the last message of a batch, and tells of the keywords that readers have put there before: two
// who read the same folder come by the same messages, so whoever comes second finds the other's. A folder that keeps no keywords, or
// not from us, is left unmarked.
func (w *watch) mark(messages []Raw) error {
	if w.options.Mark == "" || !w.marks || len(messages) == 0 {
		return nil
	}
	uid := messages[len(messages)-1].UID
	set := goimap.UIDSetNum(goimap.UID(uid))
	var found []string
	err := w.ask(func() error {
		list, err := w.client.Fetch(set, &goimap.FetchOptions{UID: true, Flags: true}).Collect()
		for _, m := range list {
			found = append(found, marksOf(m)...)
		}
		if err != nil || slices.Contains(found, w.options.Mark) {
			return err
		}
		flags := &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{goimap.Flag(w.options.Mark)}}
		return w.client.Store(set, flags, nil).Close()
	})
	if len(found) > 0 && w.options.Marked != nil {
		w.options.Marked(uid, found)
	}
	if err == nil {
		return nil
	}
	_, refused := refusal(err)
	err = w.fail(fmt.Sprintf("mark message %d", uid), err)
	if refused {
		w.unmarkable, w.marks = true, false
		w.options.Warn(err)
		return nil
	}
	return err
}

func marksOf(m *imapclient.FetchMessageBuffer) (marks []string) {
	for _, flag := range m.Flags {
		if name := strings.ToLower(string(flag)); strings.HasPrefix(name, MarkPrefix) {
			marks = append(marks, name)
		}
	}
	return marks
}

// takesMarks tells whether the folder keeps new keywords, or this reader's.
func takesMarks(folder *goimap.SelectData, mark string) bool {
	return slices.ContainsFunc(folder.PermanentFlags, func(f goimap.Flag) bool {
		return f == goimap.FlagWildcard || strings.EqualFold(string(f), mark)
	})
}
