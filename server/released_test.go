package server

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var release = flag.Bool("release", false, "take the API as it is for the one that clients hold to")

// TestNothingOfTheAPIIsTakenAway holds the committed OpenAPI document to what
// clients of the last release rely on: every route, parameter and key is still
// there with its type, and no request must say more than it had to. What is
// added passes.
func TestNothingOfTheAPIIsTakenAway(t *testing.T) {
	const file = "testdata/released.txt"
	text, err := os.ReadFile("../docs/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	now := shapeOf(t, text)
	if *release {
		if err := os.WriteFile(file, []byte(strings.Join(now, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	released, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range breaks(strings.Split(strings.TrimSpace(string(released)), "\n"), now) {
		t.Errorf("%s: clients of the released API would break. Keep it; if it has to be, say so in CHANGELOG.md and run go test ./server -run TakenAway -release", fault)
	}
}

// breaks lists what of the shape before is gone, and what requests must say now
// that they could leave out.
func breaks(before, now []string) []string {
	var faults []string
	known := map[string]bool{}
	for _, line := range before {
		known[line] = true
		if !slices.Contains(now, line) {
			faults = append(faults, line+" is gone")
		}
	}
	for _, line := range now {
		what, required := strings.CutSuffix(line, " required")
		owner, _, _ := strings.Cut(what, " ")
		if schema, _, nested := strings.Cut(owner, "."); nested {
			owner = schema
		} else {
			owner = strings.Join(strings.Fields(what)[:2], " ")
		}
		old := slices.ContainsFunc(before, func(l string) bool { return strings.HasPrefix(l, owner+".") || strings.HasPrefix(l+" ", owner+" ") })
		if required && old && !known[line] {
			faults = append(faults, what+" is now required")
		}
	}
	return faults
}

// shapeOf writes an OpenAPI document as sorted lines, one for each thing that a
// client may rely on.
func shapeOf(t *testing.T, text []byte) []string {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In string
				Required bool
			}
			RequestBody struct {
				Required bool
				Content  map[string]struct{ Schema schema }
			}
			Responses map[string]struct {
				Content map[string]struct{ Schema schema }
			}
		}
		Components struct{ Schemas map[string]schema }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var lines []string
	asked := map[string]bool{} // schemas of requests
	for path, item := range doc.Paths {
		for method, op := range item {
			call := strings.ToUpper(method) + " " + path
			lines = append(lines, call)
			for _, p := range op.Parameters {
				lines = append(lines, call+" "+p.In+" "+p.Name)
				if p.Required {
					lines = append(lines, call+" "+p.In+" "+p.Name+" required")
				}
			}
			for kind, c := range op.RequestBody.Content {
				lines = append(lines, call+" takes "+kind+" "+c.Schema.name())
				c.Schema.mark(asked, doc.Components.Schemas)
			}
			for status, answer := range op.Responses {
				for kind, c := range answer.Content {
					lines = append(lines, call+" "+status+" "+kind+" "+c.Schema.name())
				}
			}
		}
	}
	for name, s := range doc.Components.Schemas {
		lines = s.lines(lines, name, asked[name])
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// schema is what the shape looks at of a schema.
type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Properties map[string]schema
	Items      *schema
	Required   []string
	Enum       []any
}

func (s schema) name() string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case s.Items != nil:
		return "list of " + s.Items.name()
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(s.Type), " ", "|"), "[]")
}

func (s schema) lines(lines []string, at string, asked bool) []string {
	for _, v := range s.Enum {
		lines = append(lines, fmt.Sprintf("%s may be %v", at, v))
	}
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[key]
		lines = append(lines, at+"."+key+" "+p.name())
		if asked && slices.Contains(s.Required, key) {
			lines = append(lines, at+"."+key+" required")
		}
		lines = p.lines(lines, at+"."+key, asked)
	}
	if s.Items != nil {
		lines = s.Items.lines(lines, at, asked)
	}
	return lines
}

// mark notes the named schemas that a request is made of.
func (s schema) mark(asked map[string]bool, all map[string]schema) {
	if s.Ref != "" && !asked[s.name()] {
		asked[s.name()] = true
		all[s.name()].mark(asked, all)
	}
	for _, p := range s.Properties {
		p.mark(asked, all)
	}
	if s.Items != nil {
		s.Items.mark(asked, all)
	}
}

func TestBreaksAreFound(t *testing.T) {
	released := []string{"GET /deals", "GET /deals query q", "POST /deals", "POST /deals takes application/json NewDeal", "NewDeal.company string", "NewDeal.company required", "Deal.id string"}
	for name, c := range map[string]struct {
		without, with string
		want          []string
	}{
		"the same":             {"", "", nil},
		"another route":        {"", "GET /events", nil},
		"another route's need": {"", "GET /events query after required", nil},
		"another key":          {"", "NewDeal.subject string", nil},
		"another schema":       {"", "Note.text required", nil},
		"a route less":         {"GET /deals", "", []string{"GET /deals is gone"}},
		"a parameter less":     {"GET /deals query q", "", []string{"GET /deals query q is gone"}},
		"a key renamed":        {"Deal.id string", "Deal.uid string", []string{"Deal.id string is gone"}},
		"another type":         {"Deal.id string", "Deal.id integer", []string{"Deal.id string is gone"}},
		"a key now required":   {"", "NewDeal.subject required", []string{"NewDeal.subject is now required"}},
		"a need of a call":     {"", "GET /deals query company required", []string{"GET /deals query company is now required"}},
	} {
		t.Run(name, func(t *testing.T) {
			now := slices.DeleteFunc(slices.Clone(released), func(l string) bool { return l == c.without })
			if c.with != "" {
				now = append(now, c.with)
			}
			if got := breaks(released, now); !slices.Equal(got, c.want) {
				t.Errorf("breaks %q, want %q", got, c.want)
			}
		})
	}
}
