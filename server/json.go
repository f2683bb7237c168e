package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// deepest is how far objects and lists of a body may be nested in each other.
const deepest = 50

var (
	errNotUTF8 = errors.New("the body is not UTF-8")
	errNotJSON = errors.New("the body is not valid JSON")
	errTooDeep = errors.New("the body is nested too deeply")
	errNUL     = errors.New("the body has a NUL character in a text: leave it out")
)

// readJSON decodes a body. Its errors say nothing of what was sent.
func readJSON(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errNotUTF8
	}
	if depth(data) > deepest {
		return errTooDeep
	}
	if err := json.Unmarshal(data, v); err != nil {
		return errNotJSON
	}
	if bytes.Contains(data, []byte(`\u0000`)) {
		var all any
		if err := json.Unmarshal(data, &all); err != nil || hasNUL(all) {
			return errNUL
		}
	}
	return nil
}

// depth is how deep the brackets of a text in JSON go.
func depth(data []byte) int {
	now, most, inText := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			now++
			most = max(most, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return most
}

func hasNUL(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, "\x00")
	case []any:
		if slices.ContainsFunc(v, hasNUL) {
			return true
		}
	case map[string]any:
		for k, e := range v {
			if strings.Contains(k, "\x00") || hasNUL(e) {
				return true
			}
		}
	}
	return false
}

// nullText is a text of a body that may be left out, be null, or be there.
type nullText struct {
	Set  bool
	Text string // empty when null
}

// UnmarshalJSON notes that the key was there.
func (t *nullText) UnmarshalJSON(data []byte) error {
	t.Set = true
	if string(data) == "null" {
		return nil
	}
	return json.Unmarshal(data, &t.Text)
}

// Schema is a text or null.
func (nullText) Schema(huma.Registry) *huma.Schema {
	longest := longestText
	return &huma.Schema{Type: huma.TypeString, Nullable: true, MaxLength: &longest}
}

// longestText is how many characters a text of a body may have.
const longestText = 20_000

// schemaName is what the OpenAPI document calls a type. The process language
// has words of its own for what a deal has, too.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := strings.TrimSuffix(huma.DefaultSchemaNamer(t, hint), "View")
	if strings.HasSuffix(t.PkgPath(), "/definitions") && t.Name() != "Diagnostic" {
		name += "Definition"
	}
	return name
}
