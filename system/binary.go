//go:build system

package system

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// binaryVariable names an already built binary, so that the tests need no Go toolchain of root's own.
const binaryVariable = "DEALWRIGHT_TEST_BINARY"

var buildOnce = sync.OnceValues(func() (string, error) {
	if path := os.Getenv(binaryVariable); path != "" {
		return path, nil
	}
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	// The same place and flags as "make build", so that nothing is linked twice.
	build := exec.Command("go", "build", "-o", filepath.Join("bin", "dealwright"), "./cmd/dealwright")
	build.Dir = strings.TrimSpace(string(root))
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build ./cmd/dealwright: %w\n%s", err, out)
	}
	return filepath.Join(build.Dir, "bin", "dealwright"), nil
})

// Binary is the path of the dealwright binary, built once for all tests.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Run runs a command of the binary to its end and returns what it printed and its exit status.
func Run(t testing.TB, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, faults bytes.Buffer
	cmd := exec.CommandContext(t.Context(), Binary(t), args...)
	cmd.Stdout, cmd.Stderr = &out, &faults
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatalf("dealwright %s: %v", strings.Join(args, " "), err)
	}
	return out.String(), faults.String(), cmd.ProcessState.ExitCode()
}
