//go:build system

package system_test

import (
	"context"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dealwright/dealwright/system"
)

var flagName = regexp.MustCompile(`(?m)^\s*--?([a-z][a-z0-9-]+)`)

// knownFlags returns the names of the flags of one command of the built binary, as its --help lists them; false if the
// binary has no such command.
func knownFlags(t *testing.T, command string) (map[string]bool, bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	help, err := exec.CommandContext(ctx, system.Binary(t), command, "--help").CombinedOutput()
	if err != nil {
		return nil, false
	}
	flags := map[string]bool{}
	for _, match := range flagName.FindAllSubmatch(help, -1) {
		flags[string(match[1])] = true
	}
	return flags, true
}

func TestComposeSaysWhatTheBinaryKnows(t *testing.T) {
	for name, service := range ours(shippedCompose(t)) {
		flags, ok := knownFlags(t, service.Command[0])
		if !ok {
			t.Errorf("service %q: dealwright has no command %q", name, service.Command[0])
			continue
		}
		known := strings.Join(slices.Sorted(maps.Keys(flags)), ", ")
		for _, argument := range service.Command[1:] {
			flag, isFlag := strings.CutPrefix(argument, "--")
			flag, _, _ = strings.Cut(flag, "=")
			if isFlag && !flags[flag] {
				t.Errorf("service %q: %s has no flag --%s; it has %s", name, service.Command[0], flag, known)
			}
		}
		for variable := range service.Environment {
			twin, isTwin := strings.CutPrefix(variable, "DEALWRIGHT_")
			flag := strings.ReplaceAll(strings.ToLower(twin), "_", "-")
			if isTwin && !flags[flag] {
				t.Errorf("service %q: %s is the twin of no flag of %s; it has %s", name, variable, service.Command[0], known)
			}
		}
	}
}
