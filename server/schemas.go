package server

import (
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// openAnswers lets the schemas of answers have more keys than they name, as
// later versions will: a client that checks what it gets must not break then.
// What is sent to the API stays closed, so that a misspelt key is found.
func openAnswers(api *huma.OpenAPI) {
	schemas := api.Components.Schemas.Map()
	sent := map[string]bool{}
	for _, item := range api.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch, item.Put, item.Delete} {
			if op == nil || op.RequestBody == nil {
				continue
			}
			for _, media := range op.RequestBody.Content {
				walk(media.Schema, func(s *huma.Schema) bool { return reach(schemas, sent, s) })
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		if sent[name] {
			continue
		}
		walk(schemas[name], func(s *huma.Schema) bool {
			if s.AdditionalProperties == false {
				s.AdditionalProperties = nil
			}
			return true
		})
	}
}

// reach notes a schema by its name and goes on into it, once.
func reach(schemas map[string]*huma.Schema, seen map[string]bool, s *huma.Schema) bool {
	if s.Ref == "" {
		return true
	}
	name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	if !seen[name] {
		seen[name] = true
		walk(schemas[name], func(s *huma.Schema) bool { return reach(schemas, seen, s) })
	}
	return false
}

// walk shows a schema and those within it, until look says no.
func walk(s *huma.Schema, look func(*huma.Schema) bool) {
	if s == nil || !look(s) {
		return
	}
	for _, p := range s.Properties {
		walk(p, look)
	}
	walk(s.Items, look)
	if more, is := s.AdditionalProperties.(*huma.Schema); is {
		walk(more, look)
	}
	for _, list := range [][]*huma.Schema{s.OneOf, s.AnyOf, s.AllOf} {
		for _, p := range list {
			walk(p, look)
		}
	}
}
