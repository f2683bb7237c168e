package server

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// introduction opens the OpenAPI document.
const introduction = "Every list answers `{items, next_cursor, total}`. Every change answers the deal as it then is, once the deal has taken it. " +
	"Errors are RFC 9457 problems whose `type` never changes. Times are RFC 3339 in the company's zone, in deal time. Ids are opaque."

//go:embed docs.html
var docsHTML string

var docsPage = template.Must(template.New("docs").Funcs(template.FuncMap{"lower": strings.ToLower}).Parse(docsHTML))

// describe serves the OpenAPI document and a page made of it that loads
// nothing from elsewhere.
func (s *Server) describe(engine *gin.Engine) {
	document, err := s.OpenAPI()
	var page bytes.Buffer
	if err == nil {
		err = docsPage.Execute(&page, pageOf(s.api.OpenAPI()))
	}
	if err != nil {
		// Both are made of constants: it is a fault of the program, which its tests find.
		panic(err)
	}
	engine.GET(openAPIPath, func(c *gin.Context) { c.Data(http.StatusOK, "application/json", document) })
	engine.GET(docsPath, func(c *gin.Context) {
		c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		c.Data(http.StatusOK, "text/html; charset=utf-8", page.Bytes())
	})
}

// OpenAPI is the document that describes the API, indented.
func (s *Server) OpenAPI() ([]byte, error) {
	compact, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return nil, fmt.Errorf("indent the OpenAPI document: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

type docsOperation struct {
	Method, Path, Summary, Description string
	Params                             []docsRow
	Body                               []docsRow
	Answer                             string
}

type docsRow struct{ Name, In, Type, Doc string }

type docsData struct {
	Title, Version, Introduction string
	Operations                   []docsOperation
	Types                        []docsType
}

type docsType struct {
	Name string
	Rows []docsRow
}

// pageOf reads from the document what the page shows.
func pageOf(api *huma.OpenAPI) docsData {
	data := docsData{Title: api.Info.Title, Version: api.Info.Version, Introduction: strings.ReplaceAll(api.Info.Description, "`", "")}
	for _, path := range slices.Sorted(maps.Keys(api.Paths)) {
		item := api.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Patch} {
			if op != nil {
				data.Operations = append(data.Operations, operationOf(api, path, op))
			}
		}
	}
	schemas := api.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		data.Types = append(data.Types, docsType{Name: name, Rows: rowsOf(schemas[name])})
	}
	return data
}

func operationOf(api *huma.OpenAPI, path string, op *huma.Operation) docsOperation {
	d := docsOperation{Method: op.Method, Path: path, Summary: op.Summary, Description: op.Description}
	for _, p := range op.Parameters {
		d.Params = append(d.Params, docsRow{Name: p.Name, In: p.In, Type: typeOf(p.Schema), Doc: p.Description})
	}
	if op.RequestBody != nil {
		if media := op.RequestBody.Content["application/json"]; media != nil && media.Schema != nil {
			schema := media.Schema
			if schema.Ref != "" {
				schema = api.Components.Schemas.SchemaFromRef(schema.Ref)
			}
			d.Body = rowsOf(schema)
		}
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		if media := op.Responses[status].Content["application/json"]; media != nil && strings.HasPrefix(status, "2") {
			d.Answer = status + " " + typeOf(media.Schema)
		}
	}
	return d
}

func rowsOf(s *huma.Schema) []docsRow {
	var rows []docsRow
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		rows = append(rows, docsRow{Name: name, Type: typeOf(p), Doc: p.Description})
	}
	return rows
}

// typeOf words a schema in a few characters.
func typeOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return "any"
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case s.Type == huma.TypeArray:
		return "list of " + typeOf(s.Items)
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, e := range s.Enum {
			words[i] = fmt.Sprint(e)
		}
		return strings.Join(words, " | ")
	case s.Type == "":
		return "any"
	}
	text := s.Type
	if s.Format != "" && s.Format != "double" && s.Format != "int64" {
		text = s.Format
	}
	if s.Nullable {
		text += " or null"
	}
	return text
}
