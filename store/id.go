package store

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

// sortable is a base 32 whose letters are in the order of their values and
// leave out those that are easily misread.
var sortable = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes a name for anything: 20 letters and digits, of which the first
// ten grow with time.
func NewID() string { return idAt(time.Now()) }

// NewDealID makes a name for a deal.
func NewDealID() string { return NewID() }

func idAt(at time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(at.UnixMilli())<<14) // 50 bits are ten letters
	rand.Read(b[8:])                                             // never fails
	return sortable.EncodeToString(b[:8])[:10] + sortable.EncodeToString(b[8:])[:10]
}
