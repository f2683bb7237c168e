//go:build system

package system

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
)

// serveLookups answers Postfix in the protocol of tcp_table(5) and returns the address to ask. As the test itself answers,
// a change holds from the next question on: no table is rebuilt and no server reloaded.
func serveLookups(t testing.TB, lookup func(key string) (value string, found bool)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen for Postfix's lookups: %v", err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answerLookups(conn, lookup)
		}
	}()
	return listener.Addr().String()
}

func answerLookups(conn net.Conn, lookup func(key string) (string, bool)) {
	defer func() { _ = conn.Close() }()
	questions := bufio.NewScanner(conn)
	for questions.Scan() {
		encoded, isGet := strings.CutPrefix(questions.Text(), "get ")
		key, err := url.PathUnescape(encoded)
		switch {
		case !isGet || err != nil:
			_, _ = fmt.Fprint(conn, "400 only%20get%20is%20known\n")
		default:
			if value, found := lookup(strings.ToLower(key)); found {
				_, _ = fmt.Fprintf(conn, "200 %s\n", url.PathEscape(value))
			} else {
				_, _ = fmt.Fprint(conn, "500 not%20found\n")
			}
		}
	}
}
