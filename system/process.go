//go:build system

package system

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a server under test, leader of a process group of its own so that its children end with it.
type process struct {
	name   string
	cmd    *exec.Cmd
	output *transcript
	ended  chan struct{}
}

// transcript keeps what a process prints, for the test that asks and for the reader of a failure.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *transcript) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *transcript) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// startProcess starts cmd and lets it print to output, which may have the output of an earlier run in it.
func startProcess(t testing.TB, name string, cmd *exec.Cmd, output *transcript) *process {
	t.Helper()
	cmd.Stdout, cmd.Stderr = output, output
	// A test binary that dies of a timeout runs no cleanup: the kernel ends the server for it.
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid, cmd.SysProcAttr.Pdeathsig = true, syscall.SIGTERM
	// A grandchild that holds the pipe open must not hold up the end of the process.
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	p := &process{name: name, cmd: cmd, output: output, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(p.ended)
	}()
	return p
}

// running tells whether the process has not ended yet.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// stop asks the process to end and makes it end if it has not within the given time; it reports whether asking was enough.
func (p *process) stop(within time.Duration) bool {
	if !p.running() {
		return true
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return true
	case <-time.After(within):
		p.kill()
		return false
	}
}

// kill ends the process and all of its children at once, as a power cut would.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.ended
}

// killChildren ends what a process that has ended left running.
func (p *process) killChildren() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }

// awaitGreeting waits until a mail server greets on the address.
func (p *process) awaitGreeting(t testing.TB, address, greeting string) {
	t.Helper()
	Eventually(t, 30*time.Second, func() error {
		if !p.running() {
			t.Fatalf("%s ended at start:\n%s", p.name, p.output)
		}
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil {
			return fmt.Errorf("read the greeting of %s on %s: %w", p.name, address, err)
		}
		if !strings.HasPrefix(line, greeting) {
			return fmt.Errorf("%s on %s greets with %q, want %q", p.name, address, line, greeting)
		}
		return nil
	})
}

// awaitSilence waits until nobody listens on the address any more: the children of a server that has ended hold its
// sockets until they have ended too.
func (p *process) awaitSilence(t testing.TB, address string) {
	t.Helper()
	Eventually(t, 20*time.Second, func() error {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return nil
		}
		_ = conn.Close()
		return fmt.Errorf("%s still listens on %s", p.name, address)
	})
}

// freePort finds a loopback port that nobody listens on.
func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}
