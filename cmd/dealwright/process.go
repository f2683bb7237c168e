package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/definitions"
)

// loadProcess loads the one process that a path and an id stand for: the path
// is a company folder, a folder of one, or a file of one. Warnings and faults
// are printed to the error output.
func loadProcess(cmd *cobra.Command, path, id string) (*definitions.Process, error) {
	companies, found := definitions.LoadAll(path)
	if err := found.Print(cmd.ErrOrStderr()); err != nil {
		return nil, err
	}
	if found.HasErrors() {
		return nil, &exitError{status: exitInput}
	}
	var all []*definitions.Process
	var ids []string
	for _, c := range companies {
		for _, p := range c.Processes {
			all = append(all, p)
			ids = append(ids, p.Process)
		}
	}
	if id == "" && len(all) > 1 {
		// A process file is usually called after its process.
		if base := filepath.Base(path); filepath.Base(filepath.Dir(path)) == "processes" {
			id = strings.TrimSuffix(base, filepath.Ext(base))
		}
	}
	var chosen []*definitions.Process
	for _, p := range all {
		if id == "" || p.Process == id {
			chosen = append(chosen, p)
		}
	}
	switch {
	case len(all) == 0:
		return nil, inputFault(errors.New(path + " has no process"))
	case len(chosen) == 0:
		return nil, usageFault(fmt.Errorf("%s has no process %q; it has %s", path, id, strings.Join(ids, ", ")))
	case len(chosen) > 1:
		return nil, usageFault(fmt.Errorf("%s has %d processes: name one company folder, and one of %s with --process", path, len(chosen), strings.Join(ids, ", ")))
	}
	return chosen[0], nil
}
