package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
)

// command runs a command line in this process and answers what a shell would.
func command(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), args, &out, &errs)
	return status, out.String(), errs.String()
}

// begun is a fresh copy of a shipped company.
func begun(t *testing.T, from string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "acme")
	if status, _, stderr := command(t, "init", dir, "--from", from); status != exitGood {
		t.Fatal(stderr)
	}
	return dir
}

// edit replaces a part of a file.
func edit(t *testing.T, path, old, with string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), old) {
		t.Fatalf("%s has no %q", path, old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(content), old, with, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Whatever one begins with is free of faults, passes its scenarios, and leads
// editors to the schemas beside it.
func TestInitCopiesEveryShippedCompany(t *testing.T) {
	for _, name := range library.Names() {
		t.Run(name, func(t *testing.T) {
			dir := begun(t, name)
			if status, out, _ := command(t, "validate", dir); status != exitGood || strings.Contains(out, "warning") {
				t.Errorf("the copy is not good:\n%s", out)
			}
			err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
				if err != nil || filepath.Ext(path) != ".yaml" {
					return err
				}
				content, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				line := regexp.MustCompile(`^# yaml-language-server: \$schema=(\S+)\n`).FindSubmatch(content)
				if line == nil {
					return nil // which files name one is held by the tests of schema
				}
				_, err = os.Stat(filepath.Join(filepath.Dir(path), string(line[1])))
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestInitSaysWhatToDoNext(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "acme")
	status, out, _ := command(t, "init", dir)
	if status != exitGood || !strings.Contains(out, "dealwright validate "+dir) || !strings.Contains(out, "dealwright serve --definitions "+dir) {
		t.Errorf("status %d:\n%s", status, out)
	}
	status, out, _ = command(t, "init", "--list")
	for _, name := range library.Names() {
		if status != exitGood || !strings.Contains(out, name+" ") {
			t.Errorf("--list leaves %s out:\n%s", name, out)
		}
	}
}

func TestInitRefuses(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"a folder that holds something", []string{"init", full}, exitInput, "notes.txt"},
		{"a file in its place", []string{"init", filepath.Join(full, "notes.txt")}, exitInput, "notes.txt"},
		{"a company that does not ship", []string{"init", filepath.Join(full, "x"), "--from", "clasic"}, exitUsage, "classic-en"},
		{"no folder", []string{"init"}, exitUsage, "--list"},
		{"a folder with --list", []string{"init", "x", "--list"}, exitUsage, "--list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, _, stderr := command(t, tt.args...)
			if status != tt.status || !strings.Contains(stderr, tt.says) {
				t.Errorf("status %d, want %d with %q:\n%s", status, tt.status, tt.says, stderr)
			}
			if entries, err := os.ReadDir(full); err != nil || len(entries) != 1 {
				t.Errorf("the folder was touched: %v %v", entries, err)
			}
		})
	}
}

func TestValidateFormats(t *testing.T) {
	dir := begun(t, "classic-en")
	edit(t, filepath.Join(dir, "processes", "sales.yaml"), "upgrade:", "upgrad:")
	edit(t, filepath.Join(dir, "tests", "silent-lead.yaml"), "stage: search", "stage: serch")

	status, out, _ := command(t, "validate", dir)
	if status != exitInput || !strings.Contains(out, "[unknown-key]") {
		t.Errorf("text, status %d:\n%s", status, out)
	}
	var list definitions.Diagnostics
	status, out, _ = command(t, "validate", "--format", "json", dir)
	if err := json.Unmarshal([]byte(out), &list); err != nil || status != exitInput || len(list) != 1 || list[0].Code != definitions.CodeUnknownKey {
		t.Errorf("json, status %d, %v:\n%s", status, err, out)
	}
	edit(t, filepath.Join(dir, "processes", "sales.yaml"), "upgrad:", "upgrade:")
	var log struct {
		Runs []struct{ Results []struct{ RuleID string } }
	}
	status, out, _ = command(t, "validate", "--format", "sarif", dir)
	if err := json.Unmarshal([]byte(out), &log); err != nil || status != exitInput || len(log.Runs) != 1 ||
		len(log.Runs[0].Results) != 1 || log.Runs[0].Results[0].RuleID != "unknown-stage" {
		t.Errorf("sarif of a scenario at fault, status %d, %v:\n%s", status, err, out)
	}
	edit(t, filepath.Join(dir, "tests", "silent-lead.yaml"), "stage: serch", "stage: search")
	if status, out, _ = command(t, "validate", "--format", "json", dir); status != exitGood || out != "[]\n" {
		t.Errorf("json of a good company, status %d:\n%s", status, out)
	}
	if status, _, stderr := command(t, "validate", "--format", "xml", dir); status != exitUsage || !strings.Contains(stderr, "sarif") {
		t.Errorf("an unknown format, status %d:\n%s", status, stderr)
	}
}

func TestScenariosAreRun(t *testing.T) {
	dir := begun(t, "classic-en")
	silent := filepath.Join(dir, "tests", "silent-lead.yaml")
	steps := []struct {
		name         string
		before       func()
		args         []string
		status       int
		says, spares []string
	}{
		{"all of them", func() {}, []string{"test", dir}, exitGood, []string{"ok   ", " scenarios passed"}, []string{"What happened", "covered"}},
		{"one by its file", func() {}, []string{"test", silent}, exitGood, []string{"1 scenario passed"}, nil},
		{"with the timeline", func() {}, []string{"test", "-v", silent}, exitGood, []string{"the deal is stalled"}, nil},
		{"with coverage", func() {}, []string{"test", "--cover", silent}, exitGood, []string{"sales: ", "not reached; expect {stage: presentation}"}, nil},
		{
			"one that fails", func() { edit(t, silent, "reason: no_response", "reason: chose_other") },
			[]string{"test", dir},
			exitInput,
			[]string{"FAIL ", "expected: chose_other", "got:      no_response", "the deal is stalled", " passed, 1 failed"},
			nil,
		},
		{"one at fault", func() { edit(t, silent, "reason: chose_other", "reson: no_response") }, []string{"test", dir}, exitInput, []string{`unknown key "reson"`, "no scenario was run"}, []string{"ok   "}},
		{"none", func() {
			if err := os.RemoveAll(filepath.Dir(silent)); err != nil {
				t.Fatal(err)
			}
		}, []string{"test", dir}, exitInput, []string{"there is no scenario"}, nil},
	}
	for _, tt := range steps {
		t.Run(tt.name, func(t *testing.T) {
			tt.before()
			status, out, stderr := command(t, tt.args...)
			if status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			for _, part := range tt.says {
				if !strings.Contains(out+stderr, part) {
					t.Errorf("%q is not said", part)
				}
			}
			for _, part := range tt.spares {
				if strings.Contains(out+stderr, part) {
					t.Errorf("%q is said", part)
				}
			}
			if t.Failed() {
				t.Logf("%s%s", out, stderr)
			}
		})
	}
}
