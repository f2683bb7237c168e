package scenario_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
	"github.com/dealwright/dealwright/scenario"
)

// TestLibrary runs the scenarios of the companies that ship with the product.
// They must hold, and leave nothing of their processes uncovered.
func TestLibrary(t *testing.T) {
	for _, name := range library.Names() {
		t.Run(name, func(t *testing.T) {
			files, err := fs.Sub(library.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			c, faults := definitions.LoadFS(files, name)
			if faults.HasErrors() {
				faults.Print(os.Stderr)
				t.Fatal("the company does not load")
			}
			scenarios, faults := scenario.LoadFS(files, c)
			if len(faults) > 0 {
				faults.Print(os.Stderr)
				t.Fatal("the scenarios do not load")
			}
			var reports []*scenario.Report
			for _, s := range scenarios {
				r := scenario.Run(c, s)
				if !r.OK() {
					t.Error(printed(r))
				}
				reports = append(reports, r)
			}
			for _, cover := range scenario.Cover(c, reports) {
				if len(cover.Missed()) > 0 {
					var out strings.Builder
					cover.Print(&out)
					t.Error(out.String())
				}
			}
		})
	}
}
