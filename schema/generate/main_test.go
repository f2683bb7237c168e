package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/dealwright/dealwright/schema"
)

// What is committed is what the types give today.
func TestCommittedSchemasAreUpToDate(t *testing.T) {
	made, err := generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(made) != len(schema.Kinds) {
		t.Errorf("%d schemas are made for %d kinds of files", len(made), len(schema.Kinds))
	}
	for name, want := range made {
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("schema/%s is out of date: run go generate ./schema", name)
		}
	}
}

// Whoever hovers over a key reads what it is for.
func TestEveryKeyIsDescribed(t *testing.T) {
	made, err := generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range made {
		var schema any
		if err := json.Unmarshal(content, &schema); err != nil {
			t.Fatal(err)
		}
		undescribed(t, name, schema)
	}
}

func undescribed(t *testing.T, at string, schema any) {
	switch s := schema.(type) {
	case map[string]any:
		properties, _ := s["properties"].(map[string]any)
		for key, of := range properties {
			if text, _ := of.(map[string]any)["description"].(string); text == "" {
				t.Errorf("%s: the key %q has no description: write a comment at its field", at, key)
			}
		}
		for key, of := range s {
			undescribed(t, at+"/"+key, of)
		}
	case []any:
		for _, of := range s {
			undescribed(t, at, of)
		}
	}
}
