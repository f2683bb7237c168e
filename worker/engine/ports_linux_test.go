package engine

import (
	"os"
	"strings"
	"testing"
)

func TestListensOnLoopbackOnly(t *testing.T) {
	if !strings.HasPrefix(shared.HostPort(), "127.0.0.1:") {
		t.Errorf("the frontend is at %s", shared.HostPort())
	}
	const listening = "0A"
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		content, err := os.ReadFile(table)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(content)) {
			fields := strings.Fields(line)
			if len(fields) > 9 && fields[3] == listening && ours(t, fields[9]) && !strings.HasPrefix(fields[1], "0100007F:") {
				t.Errorf("this process listens at %s", fields[1])
			}
		}
	}
}

// ours reports whether a socket is open in this process.
func ours(t *testing.T, inode string) bool {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range open {
		if target, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && target == "socket:["+inode+"]" {
			return true
		}
	}
	return false
}
