package schema_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/dealwright/dealwright/definitions/library"
	"github.com/dealwright/dealwright/schema"
)

// compiled is the schema of a kind, which is itself checked against the
// schema of schemas.
func compiled(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	content, err := schema.Of(kind)
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

// kindOf is the kind of a file of a company folder, and the YAML in it.
func kindOf(name, content string) (kind, text string) {
	switch folder := path.Dir(name); {
	case path.Ext(name) == ".md" && folder == "letters":
		parts := strings.SplitN(content, "---\n", 3)
		return "letter", parts[1]
	case path.Ext(name) != ".yaml":
		return "", ""
	case folder == ".":
		return strings.TrimSuffix(name, ".yaml"), content
	default:
		return map[string]string{"processes": "process", "tests": "scenario"}[folder], content
	}
}

// plain turns YAML into what JSON has. Dates are text, as YAML 1.2 has it.
func plain(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.DocumentNode:
		return plain(n.Content[0])
	case yaml.AliasNode:
		return plain(n.Alias)
	case yaml.MappingNode:
		made := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			value, err := plain(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			made[n.Content[i].Value] = value
		}
		return made, nil
	case yaml.SequenceNode:
		made := []any{}
		for _, item := range n.Content {
			value, err := plain(item)
			if err != nil {
				return nil, err
			}
			made = append(made, value)
		}
		return made, nil
	}
	if n.ShortTag() == "!!timestamp" {
		return n.Value, nil
	}
	var value any
	err := n.Decode(&value)
	return value, err
}

func parse(text string) (any, error) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil {
		return nil, err
	}
	return plain(&root)
}

// Every file that ships is valid by the schema of its kind, and tells editors
// where that schema is.
func TestLibraryIsValid(t *testing.T) {
	seen := map[string]int{}
	for _, company := range library.Names() {
		folder, err := fs.Sub(library.FS, company)
		if err != nil {
			t.Fatal(err)
		}
		err = fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(folder, name)
			if err != nil {
				return err
			}
			kind, text := kindOf(name, string(content))
			if kind == "" {
				return nil
			}
			seen[kind]++
			value, err := parse(text)
			if err != nil {
				return fmt.Errorf("%s/%s: %w", company, name, err)
			}
			if err := compiled(t, kind).Validate(value); err != nil {
				t.Errorf("%s/%s: %v", company, name, err)
			}
			if kind != "letter" {
				modeline(t, path.Join("definitions/library", company, name), kind, text)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range schema.Kinds {
		if seen[kind.Name] == 0 {
			t.Errorf("the library has no file of kind %q", kind.Name)
		}
	}
}

// modeline checks that the first line names the schema by a path that leads
// from the file to it.
func modeline(t *testing.T, file, kind, text string) {
	t.Helper()
	up, err := filepath.Rel(path.Dir(file), "schema/"+kind+".json")
	if err != nil {
		t.Fatal(err)
	}
	want := "# yaml-language-server: $schema=" + filepath.ToSlash(up)
	if got, _, _ := strings.Cut(text, "\n"); got != want {
		t.Errorf("%s begins with %q, want %q", file, got, want)
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	if err := schema.Write(dir); err != nil {
		t.Fatal(err)
	}
	for _, kind := range schema.Kinds {
		want, err := schema.Of(kind.Name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, kind.Name+".json"))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: what was written differs: %v", kind.Name, err)
		}
	}
	if _, err := schema.Of("letters"); err == nil || !strings.Contains(err.Error(), "letter, scenario") {
		t.Errorf("an unknown kind is answered by %v", err)
	}
}

// What the decoder refuses for its shape, the schema refuses; what it takes
// in another form, the schema takes.
func TestForms(t *testing.T) {
	company := "company: x\ncalendar: %s\n"
	stage := "process: x\nstages: [{id: a, %s}]\n"
	for name, c := range map[string]struct {
		kind, text string
		valid      bool
	}{
		"a timeout in short":         {"process", fmt.Sprintf(stage, "timeout: 3  business days"), true},
		"a timeout in full":          {"process", fmt.Sprintf(stage, "timeout: {after: 7d, from: entry}"), true},
		"no timeout":                 {"process", fmt.Sprintf(stage, "timeout: none"), true},
		"a timeout from nowhere":     {"process", fmt.Sprintf(stage, "timeout: {from: entry}"), false},
		"a timeout of two days":      {"process", fmt.Sprintf(stage, "timeout: 2 days"), false},
		"a ladder by name":           {"process", fmt.Sprintf(stage, "escalation: usual"), true},
		"a ladder of levels":         {"process", fmt.Sprintf(stage, "escalation: [{after: 1d, notify: owner}]"), true},
		"a level without a time":     {"process", fmt.Sprintf(stage, "escalation: [{notify: owner}]"), false},
		"a percentage":               {"process", fmt.Sprintf(stage, "probability: 12.5%"), true},
		"a bare percentage":          {"process", fmt.Sprintf(stage, "probability: 20"), true},
		"a share":                    {"process", fmt.Sprintf(stage, "probability: 0.2"), false},
		"an expression that is true": {"process", fmt.Sprintf(stage, "skip: true"), true},
		"a letter twice":             {"process", fmt.Sprintf(stage, "sequence: {stop_on: reply, steps: []}"), false},
		"hours of days":              {"company", fmt.Sprintf(company, `{hours: {"mon-thu, sat": "9:00-13:00, 14:00-18:00"}}`), true},
		"hours of a friday":          {"company", fmt.Sprintf(company, `{hours: {friday: "9:00-13:00"}}`), false},
		"hours of a clock":           {"company", fmt.Sprintf(company, `{hours: {fri: 9 to 5}}`), false},
		"a range of dates":           {"company", fmt.Sprintf(company, "{holidays: [2026-01-01..2026-01-08]}"), true},
		"a date of another country":  {"company", fmt.Sprintf(company, "{holidays: [01.05.2026]}"), false},
		"a reply in short":           {"scenario", "scenario: x\nsteps: [{after: 1d, reply: Да, complete: call, set: {budget: 1}, bounce: true}]", true},
		"a reply in full":            {"scenario", "scenario: x\nsteps: [{reply: {body: Да, fields: {budget: 1}}, complete: {task: call}, set: {owner: a@b.test}}]", true},
		"a scenario without steps":   {"scenario", "scenario: x", false},
		"a bounce that is not":       {"scenario", "scenario: x\nsteps: [{bounce: false}]", false},
	} {
		t.Run(name, func(t *testing.T) {
			value, err := parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if err := compiled(t, c.kind).Validate(value); (err == nil) != c.valid {
				t.Errorf("valid = %v, want %v: %v", err == nil, c.valid, err)
			}
		})
	}
}
