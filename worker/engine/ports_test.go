package engine

import (
	"bytes"
	"errors"
	"net"
	"syscall"
	"testing"

	"go.temporal.io/server/common/primitives"
)

// A port that another process took between the search and the start is told apart, so that the start is tried again.
func TestATakenPort(t *testing.T) {
	ports, err := freePorts()
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", address(ports[primitives.MatchingService]))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	data, err := openDatabase(t.Context(), Options{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	_, err = launch(t.Context(), data, ports, loggerTo(new(bytes.Buffer)).starting())
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v", err)
	}
}
