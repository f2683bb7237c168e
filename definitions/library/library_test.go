package library_test

import (
	"io/fs"
	"testing"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
)

// Every company that ships is free of faults and of warnings.
func TestLibraryLoadsWithoutDiagnostics(t *testing.T) {
	names := library.Names()
	if len(names) < 2 {
		t.Fatalf("Names() = %v, want classic and retail-kitchen at least", names)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			folder, err := fs.Sub(library.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			company, found := definitions.LoadFS(folder, name)
			for _, d := range found {
				t.Error(d)
			}
			if company == nil {
				t.Fatal("no company")
			}
			for _, p := range company.Processes {
				for _, s := range p.Stages {
					if s.Goal == "" || s.Playbook == "" || s.Target == nil || len(s.Tasks) == 0 {
						t.Errorf("%s: stage %q lacks a goal, a playbook, a target or tasks", p.Process, s.ID)
					}
				}
			}
		})
	}
}
