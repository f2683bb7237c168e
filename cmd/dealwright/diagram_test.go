package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/schema"
)

func TestDiagram(t *testing.T) {
	dir := begun(t, "classic")
	for name, c := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"mermaid":          {[]string{dir}, exitGood, "flowchart TD"},
		"a process file":   {[]string{filepath.Join(dir, "processes", "sales.yaml")}, exitGood, "flowchart TD"},
		"svg":              {[]string{dir, "--format", "svg"}, exitGood, "prefers-color-scheme"},
		"dark svg":         {[]string{dir, "--format", "svg", "--theme", "dark"}, exitGood, "<svg"},
		"unknown format":   {[]string{dir, "--format", "png"}, exitUsage, "want mermaid or svg"},
		"unknown theme":    {[]string{dir, "--theme", "pink"}, exitUsage, "want auto, light or dark"},
		"unknown process":  {[]string{dir, "--process", "sale"}, exitUsage, "it has sales"},
		"no such folder":   {[]string{filepath.Join(dir, "none")}, exitInput, "no such file or folder"},
		"too many folders": {[]string{dir, dir}, exitUsage, "arg"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, stderr := command(t, append([]string{"diagram"}, c.args...)...)
			if status != c.status || !strings.Contains(out+stderr, c.want) {
				t.Errorf("status %d, want %d: %s%s", status, c.status, out, stderr)
			}
		})
	}
}

func TestSchema(t *testing.T) {
	want, err := schema.Of("process")
	if err != nil {
		t.Fatal(err)
	}
	if status, out, _ := command(t, "schema", "process"); status != exitGood || out != string(want) {
		t.Errorf("status %d: what is printed is not the schema", status)
	}
	if status, out, _ := command(t, "schema"); status != exitGood || !strings.Contains(out, "processes/*.yaml") {
		t.Errorf("status %d: %s", status, out)
	}
	dir := filepath.Join(t.TempDir(), "schemas")
	if status, _, stderr := command(t, "schema", "--dir", dir); status != exitGood {
		t.Error(stderr)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "process.json")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("what is written is not the schema: %v", err)
	}
	for _, args := range [][]string{{"schema", "letters"}, {"schema", "process", "--dir", dir}} {
		if status, _, _ := command(t, args...); status != exitUsage {
			t.Errorf("%v: status %d, want %d", args, status, exitUsage)
		}
	}
}
