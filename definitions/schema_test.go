package definitions

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// structural are the codes of faults that the shape of a file has, as far as a
// schema can tell.
var structural = []Code{
	CodeUnknownKey, CodeMissingKey, CodeWrongKind, CodeUnknownValue, CodeBoolean, CodeNumber,
	CodePercent, CodeDuration, CodeDate, CodeHours, CodeSecretInFile,
}

func committedSchema(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	content, err := os.ReadFile("../schema/" + kind + ".json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(kind+".json", document); err != nil {
		t.Fatal(err)
	}
	made, err := c.Compile(kind + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// Each case of a structural fault is invalid by the schema of the file that
// has it, and the folder that the cases start from is valid.
func TestStructuralFaultsAreInvalidBySchema(t *testing.T) {
	schemas := map[string]*jsonschema.Schema{
		"company.yaml": committedSchema(t, "company"), "processes/sales.yaml": committedSchema(t, "process"),
	}
	validate := func(name string, content []byte) error {
		var value any
		if err := yaml.Unmarshal(content, &value); err != nil {
			return err
		}
		return schemas[name].Validate(value)
	}
	for name := range schemas {
		content, err := os.ReadFile(filepath.Join("testdata/base", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(name, content); err != nil {
			t.Errorf("testdata/base/%s: %v", name, err)
		}
	}
	cases, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tried := map[Code]bool{}
	for _, path := range cases {
		id, _, _ := strings.Cut(filepath.Base(path), ".")
		code := Code(id)
		if !slices.Contains(structural, code) {
			continue
		}
		tried[code] = true
		out, err := os.ReadFile(strings.TrimSuffix(path, ".yaml") + ".out")
		if err != nil {
			t.Fatal(err)
		}
		faulty, _, _ := strings.Cut(string(out), ":")
		if err := validate(faulty, readCase(t, path)[faulty].Data); err == nil {
			t.Errorf("%s is valid by the schema", path)
		}
	}
	for _, code := range structural {
		if !tried[code] {
			t.Errorf("no case of %s", code)
		}
	}
}
