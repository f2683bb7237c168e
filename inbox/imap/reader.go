// Package imap reads a mailbox: everything above a cursor, in order, in bounded batches, and then what arrives.
//
// The reader marks no message as seen, deletes none, and moves none unless an archive folder is named. Where it is given a mark of its
// own, it leaves that as a keyword, by which a second reader of the same folder is noticed.
package imap

import (
	"context"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

// The ways a connection is secured, as company files write them.
const (
	ImplicitTLS = "implicit"
	StartTLS    = "starttls"
	NoTLS       = "none"
)

// Account is a mailbox on an IMAP server.
type Account struct {
	Host string
	Port int
	// TLS is implicit (the default), starttls or none. With starttls a server that does not offer it gets no password.
	TLS      string
	Username string
	// Password is asked at every login, or Token (XOAUTH2) where it is set. Stale is a token that the server has just refused;
	// it is empty at the first attempt.
	Password func(ctx context.Context) (string, error)
	Token    func(ctx context.Context, stale string) (string, error)
	// Folder is INBOX by default.
	Folder string
	// Archive is where messages are moved once they have been handled; empty to leave them where they are.
	Archive string
	// RootCAs are trusted instead of the system's when set.
	RootCAs *x509.CertPool
	// Timeout bounds each silence of the server while an answer is awaited; 30 seconds by default.
	Timeout time.Duration
}

func (a Account) address() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

// name is how errors speak of the mailbox.
func (a Account) name() string { return fmt.Sprintf("%s@%s:%d", a.Username, a.Host, a.Port) }

func (a Account) timeout() time.Duration {
	if a.Timeout <= 0 {
		return 30 * time.Second
	}
	return a.Timeout
}

func (a Account) folder() string {
	if a.Folder == "" {
		return "INBOX"
	}
	return a.Folder
}

// Cursor is how far a folder has been read. The zero Cursor stands before its first message.
type Cursor struct {
	UIDValidity uint32
	LastUID     uint32
}

// Raw is one message as the server holds it.
type Raw struct {
	UID          uint32
	InternalDate time.Time
	// Size is the size of the whole message, in bytes.
	Size  int64
	Bytes []byte
	// Truncated says that Bytes holds only the first MaxSize bytes.
	Truncated bool
	// Fault says why the server does not hand out the message, which has no Bytes then; it is empty for all others.
	Fault string
}

// Batch is what handle gets: messages in the order of their UIDs, or none when a poll found nothing new.
type Batch struct {
	UIDValidity uint32
	// LastUID is the cursor to commit together with the batch.
	LastUID uint32
	// Reset says that the folder is not the one the cursor was made for, so that everything in it is delivered again.
	Reset bool
	// ReadAt is the wall time at which the poll that found the batch began.
	ReadAt   time.Time
	Messages []Raw
	// Last says that the folder has been read to its end as of ReadAt.
	Last bool
	// Lag is how many messages of this poll are still unread.
	Lag int
}

// Options bounds what is read at a time. Zero fields get the defaults named.
type Options struct {
	// Poll is the time between two looks at the folder, whatever the server announces; one minute.
	Poll time.Duration
	// BatchSize is the number of messages in a batch, 50, and BatchBytes their size, 32 MiB; one message may exceed it.
	BatchSize  int
	BatchBytes int64
	// MaxSize is how much of one message is read, 64 MiB.
	MaxSize int64
	// Since leaves out messages that arrived before it.
	Since time.Time
	// Wake causes a look at the folder before its time.
	Wake <-chan struct{}
	// Mark is the keyword of this reader, which begins with MarkPrefix; empty to leave no mark. Marked is told which such keywords,
	// in lower case, already were on a message that has just been handled, its own among them.
	Mark   string
	Marked func(uid uint32, marks []string)
	// Handled tells which of these messages have been handled, for the archive: what a lost connection left behind is moved when the
	// folder is read again.
	Handled func(ctx context.Context, uidValidity uint32, uids []uint32) ([]uint32, error)
	// Warn is told of what goes wrong without ending the reading, such as an archive folder that takes no message.
	Warn func(error)
}

func (o Options) withDefaults() Options {
	if o.Poll <= 0 {
		o.Poll = time.Minute
	}
	if o.BatchSize <= 0 {
		o.BatchSize = 50
	}
	if o.BatchBytes <= 0 {
		o.BatchBytes = 32 << 20
	}
	if o.MaxSize <= 0 {
		o.MaxSize = 64 << 20
	}
	if o.Warn == nil {
		o.Warn = func(error) {}
	}
	return o
}

// Reader reads one mailbox. Keep it when Watch is started again: it remembers at which message connections were lost.
type Reader struct {
	account  Account
	suspects suspects
}

// NewReader makes a reader for the account. It connects in Watch and List.
func NewReader(account Account) *Reader {
	return &Reader{account: account}
}

// Watch hands over everything above the cursor and then what arrives, until ctx ends or something fails; the error then
// says what. It calls handle for every batch, and with an empty one for every look that found nothing, so that the caller knows up to
// when the folder has been read. An error of handle ends Watch and is returned as it is. The caller waits (see Backoff) and calls again
// with the cursor it has committed. Only one Watch of a reader may run at a time.
func (r *Reader) Watch(ctx context.Context, from Cursor, options Options, handle func(ctx context.Context, batch Batch) error) error {
	options = options.withDefaults()
	s, err := open(ctx, r.account)
	if err != nil {
		return err
	}
	defer s.close()
	w := &watch{session: s, suspects: &r.suspects, options: options, cursor: from, handle: handle}
	for {
		if err := w.poll(ctx); err != nil {
			return err
		}
		if err := s.wait(ctx, options); err != nil {
			return err
		}
	}
}

// Backoff is the wait before the n-th attempt after a failure, n counted from 1: from a second, doubled each time, to five minutes,
// a fifth more or less by chance, so that many mailboxes do not return at once.
func Backoff(n int) time.Duration {
	const first, longest = time.Second, 5 * time.Minute
	wait := longest
	if n < 10 {
		wait = min(longest, first<<max(0, n-1))
	}
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
}
