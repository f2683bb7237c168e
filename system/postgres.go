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

// Postgres is Debian's PostgreSQL with an empty database.
type Postgres struct {
	URL string // for --database

	t      testing.TB
	run    func() *exec.Cmd
	output transcript
	server *process
}

// StartPostgres runs Debian's PostgreSQL with an empty database and returns its address for --database. It ends with the
// test.
func StartPostgres(t testing.TB) (url string) {
	t.Helper()
	return NewPostgres(t).URL
}

// NewPostgres is StartPostgres for a test that stops the server in between.
func NewPostgres(t testing.TB) *Postgres {
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
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(account), Gid: uint32(account)}}
		return cmd
	}
	data, port := filepath.Join(dir, "data"), strconv.Itoa(freePort(t))
	initdb := command("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	p := &Postgres{
		URL: "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable", t: t,
		run: func() *exec.Cmd {
			return command("postgres", "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off")
		},
	}
	t.Cleanup(func() {
		if p.server.running() {
			p.Stop()
		}
	})
	p.Start()
	return p
}

// Start starts the server, and waits until it takes connections.
func (p *Postgres) Start() {
	p.t.Helper()
	p.server = startProcess(p.t, "PostgreSQL", p.run(), &p.output)
	Eventually(p.t, 30*time.Second, func() error {
		out, err := exec.Command("pg_isready", "-d", p.URL).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s%s", err, out, &p.output)
		}
		return nil
	})
}

// Stop ends the server, whoever is connected.
func (p *Postgres) Stop() {
	p.t.Helper()
	_ = p.server.cmd.Process.Signal(syscall.SIGINT)
	if !p.server.stop(20 * time.Second) {
		p.t.Errorf("PostgreSQL had to be killed:\n%s", &p.output)
	}
}
