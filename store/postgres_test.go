//go:build system

package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

func init() {
	databases = append(databases, database{"postgres", func(t testing.TB) *Store { return open(t, newDatabase(t)) }})
}

// TestMain ends the PostgreSQL server that the tests have started.
func TestMain(m *testing.M) {
	code := m.Run()
	server.stop()
	os.Exit(code)
}

// postgres is one server for all tests, started when the first one asks.
type postgres struct {
	start      sync.Once
	bin        string
	folder     string
	attributes *syscall.SysProcAttr
	port       int
	cmd        *exec.Cmd
	made       int // databases
}

var server postgres

// newDatabase is the address of an empty database, dropped with the test.
func newDatabase(t testing.TB) string {
	t.Helper()
	server.start.Do(func() { server.run(t) })
	if server.cmd == nil {
		t.Fatal("PostgreSQL did not start; see the first test")
	}
	server.made++
	name := "test" + strconv.Itoa(server.made)
	server.admin(t, `CREATE DATABASE `+name)
	t.Cleanup(func() { server.admin(t, `DROP DATABASE `+name+` WITH (FORCE)`) }) // after the store was closed
	return server.dsn(name)
}

func (p *postgres) dsn(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", p.port, database)
}

// admin runs a statement in the server's own database.
func (p *postgres) admin(t testing.TB, statement string) {
	t.Helper()
	s := &Store{}
	ok(t, s.openPostgres(context.Background(), p.dsn("postgres")))
	_, err := s.writer.Exec(statement)
	ok(t, errors.Join(err, s.writer.Close()))
}

// run starts Debian's PostgreSQL on a free port of the loopback. Tests do not
// wait for the disk; benchmarks do (see durable).
func (p *postgres) run(t testing.TB) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		t.Fatal("PostgreSQL is missing: run scripts/debian.sh")
	}
	bin := slices.Max(found)
	var err error
	p.folder, err = os.MkdirTemp("", "dealwright-postgres-")
	ok(t, err)
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() == 0 { // it refuses to run as root
		account, err := user.Lookup("postgres")
		if err != nil {
			t.Fatalf("run scripts/debian.sh: %v", err)
		}
		uid, _ := strconv.Atoi(account.Uid)
		gid, _ := strconv.Atoi(account.Gid)
		ok(t, os.Chown(p.folder, uid, gid))
		attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	data := filepath.Join(p.folder, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = p.folder, attributes
	if output, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, output)
	}
	config, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	ok(t, err)
	_, err = config.WriteString("fsync = off\n")
	ok(t, errors.Join(err, config.Close()))
	p.bin, p.attributes, p.port = bin, attributes, freePort(t)
	p.begin(t)
}

// begin starts the server on its data, and returns when it takes connections.
func (p *postgres) begin(t testing.TB) {
	t.Helper()
	cmd := exec.Command(filepath.Join(p.bin, "postgres"), "-D", filepath.Join(p.folder, "data"), "-p", strconv.Itoa(p.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")
	cmd.Dir, cmd.SysProcAttr = p.folder, p.attributes
	log, err := os.OpenFile(filepath.Join(p.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	ok(t, err)
	cmd.Stdout, cmd.Stderr = log, log
	ok(t, cmd.Start())
	_ = log.Close()
	p.cmd = cmd
	p.wait(t)
}

// end shuts the server down, whoever is connected.
func (p *postgres) end(t testing.TB) {
	t.Helper()
	ok(t, p.cmd.Process.Signal(syscall.SIGINT))
	ok(t, p.cmd.Wait())
}

// wait returns when the server takes connections.
func (p *postgres) wait(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		s := &Store{}
		err := s.openPostgres(context.Background(), p.dsn("postgres"))
		if err == nil {
			_ = s.writer.Close()
			return
		}
		if time.Now().After(deadline) {
			output, _ := os.ReadFile(filepath.Join(p.folder, "log"))
			t.Fatalf("PostgreSQL does not answer: %v\n%s", err, output)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func (p *postgres) stop() {
	if p.cmd != nil {
		_ = p.cmd.Process.Signal(syscall.SIGINT) // fast shutdown
		_ = p.cmd.Wait()
	}
	if p.folder != "" {
		_ = os.RemoveAll(p.folder)
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}
