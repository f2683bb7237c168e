package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWriteModelines(t *testing.T) {
	root := t.TempDir()
	files := map[string][2]string{
		"library/acme/company.yaml":         {"company: acme\n", "# yaml-language-server: $schema=../../schema/company.json\ncompany: acme\n"},
		"library/acme/processes/sales.yaml": {"# yaml-language-server: $schema=old.json\nprocess: sales\n", "# yaml-language-server: $schema=../../../schema/process.json\nprocess: sales\n"},
		"library/acme/tests/lead.yaml":      {"scenario: x\n", "# yaml-language-server: $schema=../../../schema/scenario.json\nscenario: x\n"},
		"library/acme/letters/hello.md":     {"---\n", "---\n"},
		"library/acme/other/notes.yaml":     {"a: b\n", "a: b\n"},
	}
	for name, c := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(c[0]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, round := range []string{"first", "second"} {
		if err := writeModelines(filepath.Join(root, "library"), filepath.Join(root, "schema")); err != nil {
			t.Fatal(err)
		}
		for name, c := range files {
			got, err := os.ReadFile(filepath.Join(root, name))
			if err != nil || string(got) != c[1] {
				t.Errorf("%s run: %s is %q, want %q (%v)", round, name, got, c[1], err)
			}
		}
	}
}
