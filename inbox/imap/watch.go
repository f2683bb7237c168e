package imap

import (
	"context"
	"fmt"
	"time"
)

// watch is one run of Reader.Watch.
type watch struct {
	*session
	suspects   *suspects
	options    Options
	cursor     Cursor
	marks      bool // the folder takes marks
	unmarkable bool // it said so and then did not
	looked     bool // for what was left out of the archive
	handle     func(context.Context, Batch) error
}

// poll looks at the folder once and hands over everything above the cursor.
func (w *watch) poll(ctx context.Context) error {
	readAt := time.Now()
	select {
	case <-w.news: // what was announced before this look is seen by it
	default:
	}
	folder, err := w.look(w.account.folder(), w.account.Archive == "" && w.options.Mark == "")
	if err != nil {
		return err
	}
	w.marks = takesMarks(folder, w.options.Mark) && !w.unmarkable
	next := uint32(folder.UIDNext)
	reset := w.cursor.UIDValidity != 0 && (folder.UIDValidity != w.cursor.UIDValidity || next != 0 && next <= w.cursor.LastUID)
	if reset || w.cursor.UIDValidity == 0 {
		// A folder that gives out numbers again which were read before was restored from a copy: its cursor means nothing either.
		w.cursor = Cursor{UIDValidity: folder.UIDValidity}
	}

	if !w.looked {
		w.looked = true
		if err := w.leftovers(ctx); err != nil {
			return err
		}
	}
	var waiting []outline
	if folder.NumMessages > 0 && (next == 0 || next > w.cursor.LastUID+1) {
		if waiting, err = w.outlines(w.cursor.LastUID + 1); err != nil {
			return err
		}
	}
	end := w.cursor.LastUID
	if len(waiting) > 0 {
		end = waiting[len(waiting)-1].uid
	}
	waiting = since(waiting, w.options.Since)
	for {
		chunk := w.nextChunk(waiting)
		waiting = waiting[len(chunk):]
		messages, err := w.read(ctx, chunk)
		if err != nil {
			return err
		}
		last := end
		if len(waiting) > 0 {
			last = chunk[len(chunk)-1].uid
		}
		batch := Batch{
			UIDValidity: folder.UIDValidity, LastUID: last, Reset: reset, ReadAt: readAt,
			Messages: messages, Last: len(waiting) == 0, Lag: len(waiting),
		}
		if err := w.handle(ctx, batch); err != nil {
			return err
		}
		reset = false
		w.cursor.LastUID = last
		if err := w.mark(messages); err != nil {
			return err
		}
		if err := w.archive(messages); err != nil {
			return err
		}
		if batch.Last {
			return nil
		}
	}
}

// since leaves out what arrived earlier. A message without a date stays.
func since(waiting []outline, earliest time.Time) []outline {
	if earliest.IsZero() {
		return waiting
	}
	kept := waiting[:0]
	for _, o := range waiting {
		if o.date.IsZero() || !o.date.Before(earliest) {
			kept = append(kept, o)
		}
	}
	return kept
}

// nextChunk takes from the front what one batch may hold.
func (w *watch) nextChunk(waiting []outline) []outline {
	var size int64
	for i, o := range waiting {
		weight := o.size
		if weight == 0 {
			weight = w.options.MaxSize // unknown
		}
		size += min(weight, w.options.MaxSize)
		alone := weight > w.options.MaxSize || w.suspects.concern(w.cursor.UIDValidity, o.uid)
		switch {
		case i == 0 && alone:
			return waiting[:1]
		case i > 0 && (alone || i == w.options.BatchSize || size > w.options.BatchBytes):
			return waiting[:i]
		}
	}
	return waiting
}

// read fetches a chunk and keeps the book of suspects.
func (w *watch) read(ctx context.Context, chunk []outline) ([]Raw, error) {
	if len(chunk) == 0 {
		return nil, nil
	}
	validity, first, last := w.cursor.UIDValidity, chunk[0], chunk[len(chunk)-1]
	if losses := w.suspects.lossesAt(validity, first.uid); losses >= maxLosses {
		w.suspects.cleared(validity, first.uid)
		return []Raw{{
			UID: first.uid, InternalDate: first.date, Size: first.size,
			Fault: fmt.Sprintf("the connection was lost %d times in a row while this message was read", losses),
		}}, nil
	}
	messages, err := w.messages(chunk, w.options.MaxSize)
	switch {
	case err == nil:
		w.suspects.cleared(validity, last.uid)
	case ctx.Err() == nil:
		w.suspects.lost(validity, first.uid, last.uid)
	}
	return messages, err
}

// maxLosses is how often a connection must be lost at one and the same message, with the growing waits of Backoff between,
// before it is given up: about a quarter of an hour, in which any restart of a server is over.
const maxLosses = 10

// suspects remembers the messages at which connections were lost, so that one message that makes a server fall over, or
// the library fail, does not stand in the way of all others for ever.
type suspects struct {
	validity    uint32
	first, last uint32 // the range read one at a time
	at          uint32 // the single message that failed last
	losses      int
}

func (s *suspects) concern(validity, uid uint32) bool {
	return s.validity == validity && s.first <= uid && uid <= s.last && s.last != 0
}

func (s *suspects) lossesAt(validity, uid uint32) int {
	if s.validity != validity || s.at != uid {
		return 0
	}
	return s.losses
}

func (s *suspects) lost(validity, first, last uint32) {
	if first == last {
		if s.lossesAt(validity, first) == 0 {
			s.at, s.losses = first, 0
		}
		s.losses++
	}
	if !s.concern(validity, first) {
		s.first, s.last = first, last
	}
	s.validity = validity
}

// cleared forgets what is known up to uid, which has been read.
func (s *suspects) cleared(validity, uid uint32) {
	if s.validity != validity || uid >= s.last {
		*s = suspects{}
		return
	}
	s.first = max(s.first, uid+1)
	s.at, s.losses = 0, 0
}
