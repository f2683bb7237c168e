package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
	"github.com/dealwright/dealwright/diagram"
)

// Every company that ships has its diagram in library.md, drawn as the
// program draws it today: go test ./docs -run Library -update draws them anew.
func TestLibraryIsDrawn(t *testing.T) {
	page, err := os.ReadFile("library.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range library.Names() {
		files, err := fs.Sub(library.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		company, found := definitions.LoadFS(files, name)
		if company == nil {
			t.Fatal(found)
		}
		for _, p := range company.Processes {
			path := filepath.Join("diagrams", name+"-"+p.Process+".svg")
			drawn := diagram.SVG(p, diagram.Auto)
			if *update {
				if err := os.WriteFile(path, []byte(drawn), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if committed, err := os.ReadFile(path); err != nil || string(committed) != drawn {
				t.Errorf("docs/%s is not what the program draws (%v): run go test ./docs -run Library -update", path, err)
			}
			if !strings.Contains(string(page), "("+filepath.ToSlash(path)+")") {
				t.Errorf("docs/library.md does not show %s", path)
			}
		}
	}
}
