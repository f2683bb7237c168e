//go:build system

package system

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a running "dealwright serve", "api" or "worker"; the last has no API.
type Server struct {
	t       testing.TB
	command string
	args    []string
	listen  string
	output  transcript
	process *process
}

// StartServer runs "dealwright serve" on the company folders in dir/definitions with its data in dir/data and further
// arguments as given, and waits until it is ready. It has the environment of the test: t.Setenv gives it its secrets, and
// SSL_CERT_FILE the authority to trust. It ends with the test.
func StartServer(t testing.TB, dir string, args ...string) *Server {
	t.Helper()
	return startServer(t, "serve", append([]string{"--definitions", definitionsIn(dir), "--data", filepath.Join(dir, "data")}, args...))
}

// StartAPI runs "dealwright api" on the company folders in dir/definitions, beside the cluster that the arguments name.
func StartAPI(t testing.TB, dir string, args ...string) *Server {
	t.Helper()
	return startServer(t, "api", append([]string{"--definitions", definitionsIn(dir)}, args...))
}

// StartWorker runs "dealwright worker" on the company folders in dir/definitions, beside the cluster that the arguments
// name, and waits until it works.
func StartWorker(t testing.TB, dir string, args ...string) *Server {
	t.Helper()
	return startServer(t, "worker", append([]string{"--definitions", definitionsIn(dir)}, args...))
}

// StartDemo runs "dealwright demo", which brings its own company.
func StartDemo(t testing.TB, args ...string) *Server {
	t.Helper()
	return startServer(t, "demo", args)
}

func definitionsIn(dir string) string { return filepath.Join(dir, "definitions") }

func startServer(t testing.TB, command string, args []string) *Server {
	t.Helper()
	s := &Server{t: t, command: command, args: args}
	if command != "worker" {
		s.listen = address(freePort(t))
		s.args = append(s.args, "--listen", s.listen)
	}
	s.start()
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("%s:\n%s", s.name(), &s.output)
		}
	})
	return s
}

func (s *Server) name() string { return "dealwright " + s.command }

func (s *Server) start() {
	s.t.Helper()
	before := strings.Count(s.Log(), working)
	s.process = startProcess(s.t, s.name(), exec.Command(Binary(s.t), append([]string{s.command}, s.args...)...), &s.output)
	Eventually(s.t, time.Minute, func() error {
		if !s.process.running() {
			s.t.Fatalf("%s ended at start:\n%s", s.name(), &s.output)
		}
		if s.command == "worker" {
			if strings.Count(s.Log(), working) == before {
				return fmt.Errorf("%s does not say that it works", s.name())
			}
			return nil
		}
		status, body, err := s.request(http.MethodGet, "/readyz", nil)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("/readyz answers %d: %s", status, body)
		}
		return err
	})
}

// working is what a worker logs once it works.
const working = `"msg":"working"`

// PID is the process that serves.
func (s *Server) PID() int { return s.process.cmd.Process.Pid }

// Kill9 ends the server at once, in the middle of whatever it does.
func (s *Server) Kill9() { s.process.kill() }

// Restart starts the server again on the same address and data, and waits until it is ready.
func (s *Server) Restart() {
	s.t.Helper()
	if s.process.running() {
		s.t.Fatalf("%s is still running: end it by Stop or Kill9 before Restart", s.name())
	}
	s.start()
}

// Stop asks the server to end; it has ten seconds to do so.
func (s *Server) Stop() {
	s.t.Helper()
	if !s.process.stop(10 * time.Second) {
		s.t.Errorf("%s did not end within ten seconds of SIGTERM", s.name())
	}
}

// Log is what the server has printed since its first start.
func (s *Server) Log() string { return s.output.String() }

// URL is the address of a path of the API.
func (s *Server) URL(path string) string { return "http://" + s.listen + path }

// Call sends a request with a JSON body, or none where it is nil, decodes the answer into result unless that is nil, and
// returns the HTTP status.
func (s *Server) Call(method, path string, body, result any) int {
	s.t.Helper()
	status, answer, err := s.request(method, path, body)
	if err == nil && result != nil {
		err = json.Unmarshal(answer, result)
	}
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, answer)
	}
	return status
}

func (s *Server) request(method, path string, body any) (status int, answer []byte, err error) {
	var content io.Reader = http.NoBody
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequest(method, s.URL(path), content)
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{Timeout: 30 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// Freeze keeps the process from running, as a machine does that hangs; Thaw lets it go on as if nothing had happened.
func (s *Server) Freeze() { _ = s.process.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen process go on.
func (s *Server) Thaw() { _ = s.process.cmd.Process.Signal(syscall.SIGCONT) }
