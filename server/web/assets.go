package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed assets
var assetFiles embed.FS

//go:embed templates
var templateFiles embed.FS

// assets are the files that pages load, by name, each under an address that
// changes with its content.
type assets map[string]asset

type asset struct {
	kind   string
	data   []byte
	packed []byte
	href   string
}

func loadAssets() assets {
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // they are in the binary
	}
	all := assets{}
	for _, e := range entries {
		data, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		all.add(e.Name(), mime.TypeByExtension(path.Ext(e.Name())), data)
	}
	all.add("diagram.css", "text/css; charset=utf-8", []byte(diagramStyle()))
	return all
}

func (a assets) add(name, kind string, data []byte) {
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is one of gzip's own
	_, _ = z.Write(data)                                       // to memory
	_ = z.Close()
	sum := sha256.Sum256(data)
	a[name] = asset{kind, data, packed.Bytes(), "/assets/" + name + "?v=" + hex.EncodeToString(sum[:6])}
}

func (a assets) serve(w http.ResponseWriter, r *http.Request) {
	file, ok := a[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		_, _ = w.Write(file.packed)
		return
	}
	_, _ = w.Write(file.data)
}

// pages are the templates, each with the layout around it.
type pages map[string]*template.Template

func loadPages(a assets) pages {
	functions := template.FuncMap{
		"asset": func(name string) string { return a[name].href },
		"safe":  readable,
		"clip":  func(s string, most int) string { return clip(readable(s), most) },
		"dict":  dict,
		// An address breaks before its @, if at all.
		"halves": func(address string) []string {
			if at := strings.LastIndexByte(address, '@'); at > 0 {
				return []string{address[:at], address[at:]}
			}
			return []string{address}
		},
		"num":   func(n int) float64 { return float64(n) },
		"ages":  func() []int { return []int{7, 14, 30, 90} },
		"kinds": func() []string { return []string{"call", "email", "meeting", "document", "todo"} },
	}
	all := pages{}
	for _, name := range []string{"board", "deal", "attention", "process", "mail", "message", "funnel", "people", "forecast", "signin", "error"} {
		all[name] = template.Must(template.New(name).Funcs(functions).ParseFS(templateFiles,
			"templates/layout.html", "templates/parts.html", "templates/figures.html", "templates/"+name+".html"))
	}
	return all
}

// dict hands several named things to a part of a page.
func dict(pairs ...any) map[string]any {
	d := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if key, ok := pairs[i].(string); ok {
			d[key] = pairs[i+1]
		}
	}
	return d
}
