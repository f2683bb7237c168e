package system_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

// echo is a server that says each line back, and counts who has hung up.
func echo(t *testing.T) (addr string, hungUp chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	hungUp = make(chan error, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, err := io.Copy(conn, conn)
				_ = conn.Close()
				hungUp <- err
			}()
		}
	}()
	return listener.Addr().String(), hungUp
}

// talk is a client of the echo.
type talk struct {
	net.Conn
	lines *bufio.Reader
}

func dial(t *testing.T, addr string) talk {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return talk{conn, bufio.NewReader(conn)}
}

// say sends a line and waits a while for the answer.
func (c talk) say(line string, patience time.Duration) (string, error) {
	if _, err := fmt.Fprintln(c, line); err != nil {
		return "", err
	}
	_ = c.SetReadDeadline(time.Now().Add(patience))
	answer, err := c.lines.ReadString('\n')
	return strings.TrimSpace(answer), err
}

func isSilence(err error) bool {
	var fault net.Error
	return errors.As(err, &fault) && fault.Timeout()
}

func TestProxyPassesOn(t *testing.T) {
	addr, hungUp := echo(t)
	p := system.StartProxy(t, addr)
	c := dial(t, p.Addr())
	if got, err := c.say("hello", time.Minute); got != "hello" || err != nil {
		t.Errorf("answer %q, %v", got, err)
	}
	if n, bytes := p.Connections(), p.Carried(); n != 1 || bytes != 6 {
		t.Errorf("%d connections that carried %d bytes, want 1 and 6", n, bytes)
	}
	_ = c.Close()
	select {
	case err := <-hungUp:
		t.Log("the server hears:", err)
	case <-time.After(time.Minute):
		t.Error("the server does not hear that the client has hung up")
	}
}

func TestProxyCuts(t *testing.T) {
	addr, hungUp := echo(t)
	p := system.StartProxy(t, addr)
	c := dial(t, p.Addr())
	if _, err := c.say("hello", time.Minute); err != nil {
		t.Fatal(err)
	}
	if n := p.Cut(); n != 1 {
		t.Errorf("%d connections were cut, want 1", n)
	}
	if _, err := c.lines.ReadString('\n'); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("the client hears %v, want a reset", err)
	}
	if err := <-hungUp; err == nil {
		t.Error("the server takes the cut for a proper end")
	}
	if got, err := dial(t, p.Addr()).say("again", time.Minute); got != "again" || err != nil {
		t.Errorf("a new connection answers %q, %v", got, err)
	}
}

func TestProxyCutsInTheMiddle(t *testing.T) {
	addr, _ := echo(t)
	p := system.StartProxy(t, addr)
	p.CutAfter(9)
	c := dial(t, p.Addr())
	if _, err := c.say("hello", time.Minute); err != nil {
		t.Fatal(err)
	}
	if got, err := c.say("world", time.Minute); err == nil {
		t.Errorf("all of %q passed", got)
	}
	if n := p.Carried(); n != 9 {
		t.Errorf("%d bytes passed, want 9", n)
	}
}

func TestProxyStallsAndResumes(t *testing.T) {
	addr, _ := echo(t)
	p := system.StartProxy(t, addr)
	c := dial(t, p.Addr())
	p.Stall()
	if got, err := c.say("hello", 50*time.Millisecond); !isSilence(err) {
		t.Errorf("while stalled: %q, %v", got, err)
	}
	fresh := dial(t, p.Addr())
	if got, err := fresh.say("new", 50*time.Millisecond); !isSilence(err) {
		t.Errorf("a new connection while stalled: %q, %v", got, err)
	}
	p.Resume()
	for want, c := range map[string]talk{"hello": c, "new": fresh} {
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		if got, err := c.lines.ReadString('\n'); strings.TrimSpace(got) != want || err != nil {
			t.Errorf("afterwards: %q, %v, want %q", got, err, want)
		}
	}
}

func TestProxyForgets(t *testing.T) {
	addr, hungUp := echo(t)
	p := system.StartProxy(t, addr)
	c := dial(t, p.Addr())
	if _, err := c.say("hello", time.Minute); err != nil {
		t.Fatal(err)
	}
	if n := p.Forget(); n != 1 {
		t.Errorf("%d connections were forgotten, want 1", n)
	}
	if got, err := c.say("anybody there?", 50*time.Millisecond); !isSilence(err) {
		t.Errorf("a forgotten connection: %q, %v", got, err)
	}
	_ = c.Close()
	select {
	case err := <-hungUp:
		t.Errorf("the server of a forgotten connection hears that it ended: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if got, err := dial(t, p.Addr()).say("new", time.Minute); got != "new" || err != nil {
		t.Errorf("a new connection answers %q, %v", got, err)
	}
}

func TestProxyDelays(t *testing.T) {
	addr, _ := echo(t)
	p := system.StartProxy(t, addr)
	p.Delay(40 * time.Millisecond)
	began := time.Now()
	if got, err := dial(t, p.Addr()).say("hello", time.Minute); got != "hello" || err != nil {
		t.Errorf("answer %q, %v", got, err)
	}
	if took := time.Since(began); took < 80*time.Millisecond {
		t.Errorf("there and back took %s, want twice the delay", took)
	}
}
