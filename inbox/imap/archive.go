package imap

import (
	"fmt"

	goimap "github.com/emersion/go-imap/v2"
)

// archive moves handled messages to the archive folder, if there is one. A message whose body was never had stays. What the server refuses
// is a warning only: the messages stay where they are and have been handled all the same.
func (w *watch) archive(messages []Raw) error {
	if w.account.Archive == "" {
		return nil
	}
	var set goimap.UIDSet
	for _, m := range messages {
		if m.Fault == "" {
			set.AddNum(goimap.UID(m.UID))
		}
	}
	if len(set) == 0 {
		return nil
	}
	err := w.move(set)
	answer, refused := refusal(err)
	if refused && answer.Code == goimap.ResponseCodeTryCreate {
		if err = w.ask(func() error { return w.client.Create(w.account.Archive, nil).Wait() }); err == nil {
			err = w.move(set)
		}
		_, refused = refusal(err)
	}
	if err == nil {
		return nil
	}
	err = w.fail(fmt.Sprintf("move messages %s to %q", set, w.account.Archive), err)
	if refused {
		w.options.Warn(err)
		return nil
	}
	return err
}

// move uses the server's own MOVE where there is one. Else it copies and, only when that has succeeded, flags the
// originals; it never expunges, which would take with it what others have flagged. (The library's fallback for MOVE sends all three at once,
// so that a failed copy loses the message.)
func (w *watch) move(set goimap.UIDSet) error {
	if w.client.Caps().Has(goimap.CapMove) {
		return w.ask(func() error {
			_, err := w.client.Move(set, w.account.Archive).Wait()
			return err
		})
	}
	return w.ask(func() error {
		if _, err := w.client.Copy(set, w.account.Archive).Wait(); err != nil {
			return err
		}
		flags := &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Silent: true, Flags: []goimap.Flag{goimap.FlagDeleted}}
		return w.client.Store(set, flags, nil).Close()
	})
}
