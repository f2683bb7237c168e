package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/dealwright/dealwright/definitions"
)

// fences finds the fenced blocks of a language in a Markdown file.
func fences(t *testing.T, file, language string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", file))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		found = append(found, m[1])
	}
	if len(found) == 0 {
		t.Fatalf("%s shows no %s", file, language)
	}
	return found
}

// The process that the README shows is a good one as it stands.
func TestREADMEProcessIsGood(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"processes/sales.yaml":       fences(t, "README.md", "yaml")[0],
		"letters/acknowledgement.md": shop["letters/hello.md"],
		"letters/reminder.md":        shop["letters/again.md"],
		"company.yaml":               shop["company.yaml"],
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, found := definitions.Load(dir); len(found) > 0 {
		t.Errorf("the README's process has faults: %v", found)
	}
}

// Every command line that the README shows is one the binary knows.
func TestREADMECommandsAreKnown(t *testing.T) {
	line := regexp.MustCompile(`^(?:go run \./cmd/dealwright|dealwright) (\S+)(.*)$`)
	seen := 0
	for _, block := range fences(t, "README.md", "sh") {
		for l := range strings.SplitSeq(block, "\n") {
			m := line.FindStringSubmatch(l)
			if m == nil {
				continue
			}
			seen++
			c, _, err := commands().Find([]string{m[1]})
			if err != nil {
				t.Errorf("%q: %v", l, err)
				continue
			}
			for word := range strings.FieldsSeq(m[2]) {
				if name, ok := strings.CutPrefix(word, "--"); ok && !known(c.Flags(), name) {
					t.Errorf("%q: there is no flag --%s", l, name)
				}
			}
		}
	}
	if seen < 5 {
		t.Errorf("only %d command lines were found in the README", seen)
	}
}

func known(flags *pflag.FlagSet, name string) bool { return flags.Lookup(name) != nil }
