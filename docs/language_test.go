package docs_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gopkg.in/yaml.v3"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/scenario"
	"github.com/dealwright/dealwright/simulate"
)

var update = flag.Bool("update", false, "write the tables of keys of docs/process-language.md anew")

const manual = "process-language.md"

// example is a fenced block of the manual: a whole file of the company that
// the manual tells of, or a fragment that stands in one.
type example struct {
	line int
	file string // a whole file
	in   string // what a fragment belongs to
	text string
}

func examples(t *testing.T) []example {
	t.Helper()
	content, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+) (\\S+)\n(.*?)^```$").FindAllSubmatchIndex(content, -1) {
		e := example{line: 1 + bytes.Count(content[:m[0]], []byte("\n")), text: string(content[m[6]:m[7]])}
		var fragment bool
		if e.in, fragment = strings.CutPrefix(string(content[m[4]:m[5]]), "in="); !fragment {
			e.file, e.in = e.in, ""
		}
		all = append(all, e)
	}
	if len(all) < 20 {
		t.Fatalf("only %d examples were found", len(all))
	}
	return all
}

// company is the manual's own, made of its whole files.
func company(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, e := range examples(t) {
		if e.file == "" {
			continue
		}
		if files[e.file] != nil {
			t.Fatalf("%s:%d: %s is there twice", manual, e.line, e.file)
		}
		files[e.file] = &fstest.MapFile{Data: []byte(e.text)}
	}
	return files
}

// places are the files that fragments stand in.
var places = map[string]string{
	"company": "company.yaml", "process": "processes/sales.yaml", "stage": "processes/sales.yaml",
	"steps": "tests/fragment.yaml", "simulation": "simulation.yaml",
}

// spliced is the company with a fragment in its place.
func (e *example) spliced(t *testing.T, files fstest.MapFS) fstest.MapFS {
	t.Helper()
	files = maps.Clone(files)
	name := places[e.in]
	if e.in == "steps" {
		lead := "scenario: Fragment\nsteps:\n  - {at: 2026-03-02T10:00, mail: {from: pat@client.test, subject: A kitchen, body: Hello}}\n"
		files[name] = &fstest.MapFile{Data: []byte(lead + e.text)}
		return files
	}
	if name == "" {
		t.Fatalf("%s:%d: a fragment of %q: nothing is known of that", manual, e.line, e.in)
	}
	var whole, part yaml.Node
	if err := yaml.Unmarshal(files[name].Data, &whole); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(e.text), &part); err != nil {
		t.Fatalf("%s:%d: %v", manual, e.line, err)
	}
	into := whole.Content[0]
	if e.in == "stage" {
		into = value(into, "stages").Content[0]
	}
	merge(into, part.Content[0])
	data, err := yaml.Marshal(&whole)
	if err != nil {
		t.Fatal(err)
	}
	files[name] = &fstest.MapFile{Data: data}
	return files
}

// value is that of a key.
func value(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// merge puts the keys of one mapping into another.
func merge(into, from *yaml.Node) {
	for i := 0; i < len(from.Content); i += 2 {
		if old := value(into, from.Content[i].Value); old != nil {
			*old = *from.Content[i+1]
		} else {
			into.Content = append(into.Content, from.Content[i], from.Content[i+1])
		}
	}
}

// The company of the manual is free of faults and of warnings, and does what
// its scenarios say.
func TestManualsCompanyIsGood(t *testing.T) {
	prove(t, company(t), "")
}

// Every fragment holds where it belongs.
func TestFragmentsOfTheManualHold(t *testing.T) {
	files := company(t)
	for _, e := range examples(t) {
		if e.in != "" {
			t.Run(fmt.Sprintf("line %d", e.line), func(t *testing.T) { prove(t, e.spliced(t, files), places[e.in]) })
		}
	}
}

// prove loads a company and runs its scenarios. When a file holds a fragment,
// warnings are let pass.
func prove(t *testing.T, files fstest.MapFS, fragment string) {
	t.Helper()
	strict := fragment == ""
	c, found := definitions.LoadFS(files, "harbour")
	for _, d := range found {
		if strict || d.Severity == definitions.SeverityError {
			t.Error(d)
		}
	}
	if c == nil {
		return
	}
	if !strict {
		// What a fragment changes is no matter to what stands beside it.
		kept := fstest.MapFS{}
		for name, file := range files {
			if !strings.HasPrefix(name, "tests/") && name != "simulation.yaml" || name == fragment {
				kept[name] = file
			}
		}
		files = kept
	}
	_, faults := simulate.LoadFS(files, c)
	for _, d := range faults {
		t.Error(d)
	}
	scenarios, wrong := scenario.LoadFS(files, c)
	for _, d := range wrong {
		t.Error(d)
	}
	for _, s := range scenarios {
		if r := scenario.Run(c, s); !r.OK() {
			var out strings.Builder
			if err := r.Print(&out, false); err != nil {
				t.Fatal(err)
			}
			t.Error(out.String())
		}
	}
}

// node is a part of a JSON Schema.
type node struct {
	Ref         string          `json:"$ref"`
	Description string          `json:"description"`
	Type        any             `json:"type"`
	Properties  map[string]node `json:"properties"`
	Required    []string        `json:"required"`
	Items       *node           `json:"items"`
	Additional  json.RawMessage `json:"additionalProperties"`
	AnyOf       []node          `json:"anyOf"`
	OneOf       []node          `json:"oneOf"`
	Enum        []string        `json:"enum"`
	Pattern     string          `json:"pattern"`
	Const       any             `json:"const"`
	Defs        map[string]node `json:"$defs"`
}

func schemaOf(t *testing.T, kind string) *node {
	t.Helper()
	content, err := os.ReadFile("../schema/" + kind + ".json")
	if err != nil {
		t.Fatal(err)
	}
	n := &node{}
	if err := json.Unmarshal(content, n); err != nil {
		t.Fatal(err)
	}
	return n
}

// object is the form of a value that has keys, or nil.
func (n *node) object(defs map[string]node) *node {
	if n == nil {
		return nil
	}
	if name, is := strings.CutPrefix(n.Ref, "#/$defs/"); is {
		to := defs[name]
		return to.object(defs)
	}
	if n.Properties != nil {
		return n
	}
	for _, form := range slices.Concat(n.AnyOf, n.OneOf) {
		if o := form.object(defs); o != nil {
			return o
		}
	}
	return nil
}

// kinds are the files whose keys the manual explains.
var kinds = map[string]string{"company": "company.yaml", "process": "processes/", "scenario": "tests/", "simulation": "simulation.yaml"}

// selfEvident are types of the schema that are a text with a form, and have no keys to show.
var selfEvident = []string{"company Duration"}

// Every key that a file may have stands in an example.
func TestEveryKeyHasAnExample(t *testing.T) {
	files := company(t)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		schema := schemaOf(t, kind)
		used := map[string]bool{}
		visit := func(all fstest.MapFS) {
			for name, file := range all {
				if !strings.HasPrefix(name, kinds[kind]) {
					continue
				}
				var root yaml.Node
				if err := yaml.Unmarshal(file.Data, &root); err != nil {
					t.Fatal(err)
				}
				walk(root.Content[0], schema, "", schema.Defs, used)
			}
		}
		visit(files)
		for _, e := range examples(t) {
			if e.in != "" {
				visit(e.spliced(t, files))
			}
		}
		for _, key := range keysOf(schema) {
			full := kind + " " + key
			if !used[key] && !slices.ContainsFunc(selfEvident, func(r string) bool { return strings.HasPrefix(full, r) }) {
				t.Errorf("%s: no example has %s", manual, full)
			}
		}
	}
}

// keysOf lists every key of a schema, as Type.key.
func keysOf(schema *node) []string {
	var keys []string
	add := func(name string, n *node) {
		if o := n.object(nil); o != nil {
			for key := range o.Properties {
				keys = append(keys, strings.TrimPrefix(name+"."+key, "."))
			}
		}
	}
	add("", schema)
	for name, def := range schema.Defs {
		add(name, &def)
	}
	slices.Sort(keys)
	return keys
}

// walk notes which keys of a schema a value uses.
func walk(v *yaml.Node, n *node, name string, defs map[string]node, used map[string]bool) {
	if to, is := strings.CutPrefix(n.Ref, "#/$defs/"); is {
		def := defs[to]
		walk(v, &def, to, defs, used)
		return
	}
	for _, form := range slices.Concat(n.AnyOf, n.OneOf) {
		walk(v, &form, name, defs, used)
	}
	switch v.Kind {
	case yaml.SequenceNode:
		if n.Items != nil {
			for _, item := range v.Content {
				walk(item, n.Items, name, defs, used)
			}
		}
	case yaml.MappingNode:
		var others *node
		if len(n.Additional) > 0 && n.Additional[0] == '{' {
			others = &node{}
			if err := json.Unmarshal(n.Additional, others); err != nil {
				panic(err) // the schema was read already
			}
		}
		for i := 0; i < len(v.Content); i += 2 {
			key := v.Content[i].Value
			if property, is := n.Properties[key]; is {
				used[strings.TrimPrefix(name+"."+key, ".")] = true
				walk(v.Content[i+1], &property, name, defs, used)
			} else if others != nil {
				walk(v.Content[i+1], others, name, defs, used)
			}
		}
	}
}

// Every link within the manual leads to a heading.
func TestLinksOfTheManualLeadSomewhere(t *testing.T) {
	content, err := fs.ReadFile(os.DirFS("."), manual)
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllSubmatch(content, -1) {
		anchor := strings.ToLower(regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(string(m[1]), ""))
		anchors[strings.ReplaceAll(anchor, " ", "-")] = true
	}
	for _, m := range regexp.MustCompile(`<a id="([\w-]+)">`).FindAllSubmatch(content, -1) {
		anchors[string(m[1])] = true
	}
	for _, m := range regexp.MustCompile(`\]\(#([\w-]+)\)`).FindAllSubmatch(content, -1) {
		if !anchors[string(m[1])] {
			t.Errorf("%s: there is no heading #%s", manual, m[1])
		}
	}
}
