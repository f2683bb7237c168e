//go:build system

package system

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// StartPostgres runs Debian's PostgreSQL with an empty database and returns its address for --database. It ends with the
// test.
func StartPostgres(t testing.TB) (url string) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		t.Fatal("PostgreSQL is not installed: run scripts/debian.sh")
	}
	bin := slices.Max(found)
	dir, err := os.MkdirTemp("", "postgres")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	// It refuses to run as root.
	account := userID(t, "postgres")
	if err := os.Chown(dir, account, -1); err != nil {
		t.Fatal(err)
	}
	as := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(account), Gid: uint32(account)}}
	data, port := filepath.Join(dir, "data"), freePort(t)
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, as
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	var output transcript
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off")
	server.Dir, server.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as.Credential}
	process := startProcess(t, "PostgreSQL", server, &output)
	t.Cleanup(func() {
		_ = process.cmd.Process.Signal(syscall.SIGINT) // whoever is connected
		if !process.stop(20 * time.Second) {
			t.Errorf("PostgreSQL had to be killed:\n%s", &output)
		}
	})
	Eventually(t, 30*time.Second, func() error {
		out, err := exec.Command(filepath.Join(bin, "pg_isready"), "-h", "127.0.0.1", "-p", strconv.Itoa(port)).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s%s", err, out, &output)
		}
		return nil
	})
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
}
