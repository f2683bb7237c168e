package library_test

import (
	"io/fs"
	"testing"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
	"github.com/dealwright/dealwright/scenario"
)

// Every scenario that ships holds, and together they reach and assert every
// stage, way, letter, level and recycle of the company's processes.
func TestLibraryScenariosCoverTheirProcesses(t *testing.T) {
	for _, name := range library.Names() {
		t.Run(name, func(t *testing.T) {
			folder, err := fs.Sub(library.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			company, found := definitions.LoadFS(folder, name)
			if found.HasErrors() {
				t.Fatal(found)
			}
			scenarios, found := scenario.LoadFS(folder, company)
			for _, d := range found {
				t.Error(d)
			}
			var reports []*scenario.Report
			for _, s := range scenarios {
				report := scenario.Run(company, s)
				for _, f := range report.Failures {
					t.Errorf("%s:%d: step %d at %s: %s: expected %s, got %s", f.Path, f.Line, f.Step, f.At.Format("2006-01-02T15:04"), f.What, f.Expected, f.Got)
				}
				reports = append(reports, report)
			}
			for _, cover := range scenario.Cover(company, reports) {
				for _, missed := range cover.Missed() {
					t.Errorf("%s: no scenario reaches and asserts the %s %s (%s)", cover.Process, missed.Kind, missed.Name, missed.Assert)
				}
			}
		})
	}
}
