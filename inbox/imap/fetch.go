package imap

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// outline is what is known of a message before it is read; size 0 and a zero date are unknown.
type outline struct {
	uid  uint32
	size int64
	date time.Time
}

// outlines lists the messages from a UID on, in order.
func (s *session) outlines(from uint32) ([]outline, error) {
	var list []outline
	set := goimap.UIDSet{{Start: goimap.UID(from)}} // from:*
	err := s.fetch(set, &goimap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}, 0, func(a answer) error {
		// "n:*" names the last message even when it is older than n.
		if a.uid >= from {
			list = append(list, a.outline)
		}
		return nil
	})
	if err != nil {
		return nil, s.fail(fmt.Sprintf("list messages from UID %d on", from), err)
	}
	slices.SortFunc(list, func(a, b outline) int { return cmp.Compare(a.uid, b.uid) })
	return list, nil
}

// messages reads a chunk. A message that has meanwhile left the folder is left out; one that the server refuses to hand out is there with its fault.
func (s *session) messages(chunk []outline, maxSize int64) ([]Raw, error) {
	var set goimap.UIDSet
	for _, o := range chunk {
		set.AddNum(goimap.UID(o.uid))
	}
	read := map[uint32]Raw{}
	err := s.bodies(set, chunk[0].size > maxSize, maxSize, read)
	if _, ok := refusal(err); err != nil && !ok {
		return nil, s.fail(fmt.Sprintf("read messages %s", set), err)
	}
	var list []Raw
	for _, o := range chunk {
		raw, ok := read[o.uid]
		if !ok {
			if raw, ok, err = s.missing(o, maxSize); err != nil {
				return nil, err
			}
		}
		if ok {
			list = append(list, raw)
		}
	}
	return list, nil
}

// missing reads one message that a larger answer did not hold: it is gone, or another client's change of its flags was taken
// for it, or it spoilt the answer.
func (s *session) missing(o outline, maxSize int64) (raw Raw, found bool, err error) {
	set := goimap.UIDSetNum(goimap.UID(o.uid))
	read := map[uint32]Raw{}
	err = s.bodies(set, o.size > maxSize, maxSize, read)
	if raw, ok := read[o.uid]; ok && err == nil {
		return raw, true, nil
	}
	answer, refused := refusal(err)
	if err != nil && !refused {
		return Raw{}, false, s.fail(fmt.Sprintf("read message %d", o.uid), err)
	}
	fault := "the server answers without the message"
	if refused {
		fault = "the server does not hand it out: " + answer.Error()
	}

	var data *goimap.SearchData
	err = s.ask(func() (err error) {
		data, err = s.client.UIDSearch(&goimap.SearchCriteria{UID: []goimap.UIDSet{set}}, nil).Wait()
		return err
	})
	if err != nil {
		return Raw{}, false, s.fail(fmt.Sprintf("look for message %d", o.uid), err)
	}
	if len(data.AllUIDs()) == 0 {
		return Raw{}, false, nil
	}
	return Raw{UID: o.uid, InternalDate: o.date, Size: o.size, Fault: fault}, true, nil
}

// bodies reads whole messages, or with partial their first maxSize bytes, without marking them as seen. What was read
// before an error stays in read.
func (s *session) bodies(set goimap.UIDSet, partial bool, maxSize int64, read map[uint32]Raw) error {
	section := &goimap.FetchItemBodySection{Peek: true}
	if partial {
		section.Partial = &goimap.SectionPartial{Size: maxSize}
	}
	options := &goimap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true, BodySection: []*goimap.FetchItemBodySection{section}}
	return s.fetch(set, options, maxSize, func(a answer) error {
		if a.hasBody {
			length := int64(len(a.body))
			read[a.uid] = Raw{
				UID: a.uid, InternalDate: a.date, Size: max(a.size, length), Bytes: a.body,
				Truncated: a.cut || partial && a.size > length,
			}
		}
		return nil
	})
}

// answer is what the server said of one message.
type answer struct {
	outline
	body    []byte
	hasBody bool
	cut     bool // the body was longer than the limit
}

// fetch runs one FETCH and passes its answers on as they come; limit bounds each body. An error of each closes the connection,
// because the rest of the answers could be long.
func (s *session) fetch(set goimap.NumSet, options *goimap.FetchOptions, limit int64, each func(answer) error) error {
	return s.ask(func() error {
		command := s.client.Fetch(set, options)
		for data := command.Next(); data != nil; data = command.Next() {
			a, err := readAnswer(data, limit)
			if err != nil {
				// The connection is dead, and the command is left as it is: to drain it would read the broken literal once more,
				// while the library's own goroutine already reads behind it.
				_ = s.wire.Close()
				return err
			}
			if err := each(a); err != nil {
				_ = s.wire.Close()
				_ = command.Close()
				return err
			}
		}
		return command.Close()
	})
}

func readAnswer(data *imapclient.FetchMessageData, limit int64) (answer, error) {
	var a answer
	for item := data.Next(); item != nil; item = data.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			a.uid = uint32(item.UID)
		case imapclient.FetchItemDataRFC822Size:
			a.size = item.Size
		case imapclient.FetchItemDataInternalDate:
			a.date = item.Time
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			length := item.Literal.Size()
			a.body = make([]byte, min(length, limit))
			// The library ends a literal that was cut off like one that is complete, so the bytes are counted.
			if _, err := io.ReadFull(item.Literal, a.body); err != nil {
				return a, fmt.Errorf("message %d: %w", a.uid, err)
			}
			a.hasBody, a.cut = true, length > limit
		}
	}
	return a, nil
}
