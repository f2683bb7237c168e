// Command generate writes the JSON Schemas from the types that the files of a
// company folder are decoded into, with the comments of the types and their
// fields as descriptions, and leads the library's files to them.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/scenario"
	"github.com/dealwright/dealwright/simulate"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run is for go generate, which works in the folder of the package schema.
func run() error {
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	made, err := generate(root)
	if err != nil {
		return err
	}
	schemas := filepath.Join(root, "schema")
	if err := write(schemas, made); err != nil {
		return err
	}
	return writeModelines(filepath.Join(root, "definitions", "library"), schemas)
}

// generate makes the content of every schema, by the name of its file.
func generate(root string) (map[string][]byte, error) {
	comments := definitions.Comments{}
	for _, folder := range []string{"definitions", "scenario", "simulate"} {
		if err := readComments(filepath.Join(root, folder), comments); err != nil {
			return nil, err
		}
	}
	d := definitions.NewDescriber(comments)
	describeScenario(d)
	definitions.DescribeAs[simulate.Day](d, func() *definitions.Schema {
		return &definitions.Schema{Type: "string", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, Examples: []string{"2026-01-01"}}
	})
	made := map[string][]byte{}
	for name, schema := range map[string]*definitions.Schema{
		"company":    d.Company(),
		"process":    d.Process(),
		"letter":     d.Letter(),
		"scenario":   d.File("A scenario test", reflect.TypeFor[scenario.Scenario]()),
		"simulation": d.File("The settings of a simulation", reflect.TypeFor[simulate.Settings]()),
	} {
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(schema); err != nil {
			return nil, fmt.Errorf("schema %q: %w", name, err)
		}
		made[name+".json"] = b.Bytes()
	}
	return made, nil
}

func write(dir string, made map[string][]byte) error {
	for name, content := range made {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
