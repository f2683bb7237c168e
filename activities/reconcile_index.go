package activities

import (
	"slices"
	"strings"
	"time"

	"github.com/dealwright/dealwright/inbox/imap"
	"github.com/dealwright/dealwright/store"
)

// ledgerIndex finds rows by where a message stood, and by what it is once it
// stands elsewhere. Each row answers for one message.
type ledgerIndex struct {
	rows     []store.LedgerRow
	taken    []bool
	byUID    map[imap.Cursor]int
	byID     map[string][]int
	byWeight map[weight][]int
	dealTime func(time.Time) time.Time
}

// weight is what a server keeps of a message that it moves (RFC 9051, COPY):
// its size and when it arrived.
type weight struct {
	size int64
	at   int64 // deal time in seconds
}

func newLedgerIndex(rows []store.LedgerRow, dealTime func(time.Time) time.Time) *ledgerIndex {
	x := &ledgerIndex{
		rows: rows, taken: make([]bool, len(rows)), byUID: make(map[imap.Cursor]int, len(rows)),
		byID: map[string][]int{}, byWeight: map[weight][]int{}, dealTime: dealTime,
	}
	for i, r := range rows {
		x.byUID[imap.Cursor{UIDValidity: r.UIDValidity, LastUID: r.UID}] = i
		if id := plainID(r.MessageID); id != "" {
			x.byID[id] = append(x.byID[id], i)
		}
		w := weight{r.Size, r.ReceivedAt.Unix()}
		x.byWeight[w] = append(x.byWeight[w], i)
	}
	return x
}

func (x *ledgerIndex) takeUID(validity, uid uint32) bool {
	i, ok := x.byUID[imap.Cursor{UIDValidity: validity, LastUID: uid}]
	return ok && x.take(i)
}

// takeContent finds a message that stands elsewhere than it was read: by its
// Message-ID, else, as of one that has none or a broken one, by its weight.
func (x *ledgerIndex) takeContent(e imap.Entry) bool {
	candidates := x.byID[plainID(e.MessageID)]
	if len(candidates) == 0 {
		candidates = x.byWeight[weight{e.Size, x.dealTime(e.InternalDate).Unix()}]
	}
	return slices.ContainsFunc(candidates, x.take)
}

func (x *ledgerIndex) take(i int) bool {
	if x.taken[i] {
		return false
	}
	x.taken[i] = true
	return true
}

// left is how many rows no message was found for.
func (x *ledgerIndex) left() (n int) {
	for _, taken := range x.taken {
		if !taken {
			n++
		}
	}
	return n
}

// plainID is a Message-ID without what writers differ in.
func plainID(id string) string {
	return strings.ToLower(strings.Trim(strings.Join(strings.Fields(id), ""), "<>"))
}
