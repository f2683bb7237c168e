package imap

import (
	"cmp"
	"net"
	"sync"
	"time"
)

// wire is the network connection under the IMAP library. The library bounds a whole response and, while it waits for one to begin,
// nothing; wire bounds each silence instead, so that a long message on a slow line passes and a dead line does not.
type wire struct {
	net.Conn
	mu       sync.Mutex
	patience time.Duration // 0 while nothing is awaited
	fault    error         // what ended the reading
}

// await begins to bound the silence, or with 0 ends it.
func (w *wire) await(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.patience = d
	w.extend()
}

// extend moves the deadline; the caller holds mu. A closed connection says so at the next read.
func (w *wire) extend() {
	if w.patience == 0 {
		_ = w.Conn.SetReadDeadline(time.Time{})
		return
	}
	_ = w.Conn.SetReadDeadline(time.Now().Add(w.patience))
}

// Read waits for the server no longer than it is awaited. A fault is final: the library reads on after one, several times, and would
// wait as often.
func (w *wire) Read(b []byte) (int, error) {
	w.mu.Lock()
	fault := w.fault
	w.extend()
	w.mu.Unlock()
	if fault != nil {
		return 0, fault
	}
	n, err := w.Conn.Read(b)
	if err != nil {
		w.mu.Lock()
		w.fault = cmp.Or(w.fault, err) // the first is the cause of those that follow
		w.mu.Unlock()
	}
	return n, err
}

// SetReadDeadline leaves the library's own deadlines out.
func (w *wire) SetReadDeadline(time.Time) error { return nil }

// lastFault is the error that ended the reading, which the library reports as text only, or nil.
func (w *wire) lastFault() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault
}
