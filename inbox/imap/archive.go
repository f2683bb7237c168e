package imap

import (
	"context"
	"fmt"
	"slices"

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
	return w.store(set)
}

// leftovers moves what was handled before and is still in the folder: the connection, or the program, ended in between.
func (w *watch) leftovers(ctx context.Context) error {
	if w.account.Archive == "" || w.options.Handled == nil || w.cursor.LastUID == 0 {
		return nil
	}
	read := &goimap.SearchCriteria{UID: []goimap.UIDSet{{{Start: 1, Stop: goimap.UID(w.cursor.LastUID)}}}, NotFlag: []goimap.Flag{goimap.FlagDeleted}}
	var left []uint32
	err := w.ask(func() error {
		data, err := w.client.UIDSearch(read, nil).Wait()
		if err != nil {
			return err
		}
		for _, uid := range data.AllUIDs() {
			left = append(left, uint32(uid))
		}
		return nil
	})
	if err != nil {
		err = w.fail("look for messages that are not in the archive yet", err)
		if _, refused := refusal(err); refused {
			w.options.Warn(err)
			return nil
		}
		return err
	}
	if len(left) == 0 {
		return nil
	}
	handled, err := w.options.Handled(ctx, w.cursor.UIDValidity, left)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(handled, atOnce) {
		var set goimap.UIDSet
		for _, uid := range some {
			set.AddNum(goimap.UID(uid))
		}
		if err := w.store(set); err != nil {
			return err
		}
	}
	return nil
}

// atOnce is how many messages one command names: their numbers may have gaps, and servers bound a line.
const atOnce = 500

// store moves messages to the archive folder, and makes that when it is not there.
func (w *watch) store(set goimap.UIDSet) error {
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
