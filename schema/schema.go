// Package schema holds the JSON Schemas of the files of a company folder, for
// editors that complete and check while one types.
package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

//go:generate go run ./generate

//go:embed *.json
var files embed.FS

// Kinds of files, each with where it stands in a company folder.
var Kinds = []struct{ Name, File string }{
	{"company", "company.yaml"},
	{"process", "processes/*.yaml"},
	{"letter", "the front matter of letters/*.md"},
	{"scenario", "tests/*.yaml"},
	{"simulation", "simulation.yaml"},
}

// Of is the JSON Schema of a kind of file.
func Of(kind string) ([]byte, error) {
	content, err := fs.ReadFile(files, kind+".json")
	if err != nil {
		names := make([]string, len(Kinds))
		for i, k := range Kinds {
			names[i] = k.Name
		}
		return nil, fmt.Errorf("there is no kind of file %q; the kinds are %s", kind, strings.Join(names, ", "))
	}
	return content, nil
}

// Write writes the schema of every kind into a folder, which is made if need be.
func Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write the schemas: %w", err)
	}
	for _, kind := range Kinds {
		content, err := Of(kind.Name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, kind.Name+".json"), content, 0o644); err != nil {
			return fmt.Errorf("write the schema %q: %w", kind.Name, err)
		}
	}
	return nil
}
