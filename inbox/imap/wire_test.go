package imap

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// The library tries again after a fault: each attempt must not wait once more, nor take up in the middle what comes late.
func TestBrokenWireStaysBroken(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	w := &wire{Conn: near}
	w.await(10 * time.Millisecond)
	if _, err := w.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("silence ends with %v", err)
	}
	w.await(time.Minute)
	go func() { _, _ = far.Write([]byte("late")) }()
	if n, err := w.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("afterwards %d bytes are read, with %v", n, err)
	}
}
