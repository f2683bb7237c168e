package definitions

import (
	"testing"

	"gopkg.in/yaml.v3"
)

// A place within a value is found through quotes, escapes, folds and blocks.
func TestPlaceWithinAValue(t *testing.T) {
	tests := []struct {
		name, text string
		rune       rune // where the place is: the only one in the value
		want       position
	}{
		{"plain", "a: ключ@", '@', position{1, 8}},
		{"plain in braces", "{b: 1, a: one @}", '@', position{1, 15}},
		{"plain over lines", "a: one\n  two\n  @", '@', position{3, 3}},
		{"single quotes", "a: 'one @'", '@', position{1, 9}},
		{"single quotes with a quote", "a: 'it''s @'", '@', position{1, 11}},
		{"double quotes", `a: "one @"`, '@', position{1, 9}},
		{"double quotes with escapes", `a: "\"x\" \u0416 @"`, '@', position{1, 18}},
		{"literal block", "a: |\n  one\n\n    two @\n", '@', position{4, 9}},
		{"folded block", "a: >-\n\n  one\n  two @\n", '@', position{4, 7}},
		{"an alias", "b: &x 'one @'\na: *x\n", '@', position{1, 12}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &source{path: "a.yaml", text: tt.text, places: map[string]place{}, broken: map[position]bool{}, sink: new(Diagnostics)}
			var out map[string]string
			if !s.parse(tt.text, &out) {
				t.Fatal(*s.sink)
			}
			value := []rune(out["a"])
			offset := 0
			for value[offset] != tt.rune {
				offset++
			}
			found, _ := s.lookup("a")
			if got := s.within(found.value, offset); got != tt.want {
				t.Errorf("rune %d of %q is at %v, want %v", offset, out["a"], got, tt.want)
			}
		})
	}
}

// A place outside the value is still a place in the file.
func TestPlaceWithinBounds(t *testing.T) {
	for _, text := range []string{"a: x", "a: 'x", `a: "\u04`, "a: |", "a: >\n  x", "a:"} {
		s := &source{text: text, sink: new(Diagnostics)}
		for _, style := range []yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle} {
			n := &yaml.Node{Kind: yaml.ScalarNode, Style: style, Line: 1, Column: 4}
			for _, offset := range []int{-1, 0, 1, 100} {
				if at := s.within(n, offset); at.line < 1 || at.col < 1 {
					t.Errorf("%q, style %d, offset %d: %v", text, style, offset, at)
				}
			}
		}
	}
}

func TestDidYouMean(t *testing.T) {
	names := []string{"stages", "name", "next", "owner", "квалификация", ""}
	tests := []struct{ got, want string }{
		{"stges", "stages"},
		{"Stages", "stages"},
		{"stagse", "stages"},
		{"nmae", "name"},
		{"kvalifikaciya", ""},
		{"квалификаця", "квалификация"},
		{"x", ""},
		{"", ""},
		{"colour", ""},
	}
	for _, tt := range tests {
		if got, _ := closest(tt.got, names); got != tt.want {
			t.Errorf("closest(%q) = %q, want %q", tt.got, got, tt.want)
		}
	}
}
