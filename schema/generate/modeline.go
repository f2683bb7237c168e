package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const modelinePrefix = "# yaml-language-server: $schema="

// schemaOf names the schema of a YAML file of a company folder, given the
// folder that it is in.
func schemaOf(folder, name string) string {
	switch {
	case name == "company.yaml":
		return "company.json"
	case name == "simulation.yaml":
		return "simulation.json"
	case folder == "processes":
		return "process.json"
	case folder == "tests":
		return "scenario.json"
	}
	return ""
}

// writeModelines makes every YAML file below library begin with a line that
// tells editors the path of its schema.
func writeModelines(library, schemas string) error {
	return filepath.WalkDir(library, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		name := schemaOf(filepath.Base(filepath.Dir(path)), entry.Name())
		if name == "" {
			return nil
		}
		up, err := filepath.Rel(filepath.Dir(path), filepath.Join(schemas, name))
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		line := modelinePrefix + filepath.ToSlash(up) + "\n"
		text := string(content)
		if strings.HasPrefix(text, line) {
			return nil
		}
		if strings.HasPrefix(text, modelinePrefix) {
			_, text, _ = strings.Cut(text, "\n")
		}
		return os.WriteFile(path, []byte(line+text), 0o644)
	})
}
