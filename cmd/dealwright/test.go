package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/scenario"
)

func testCommand() *cobra.Command {
	var verbose, cover bool
	c := &cobra.Command{
		Use:   "test PATH...",
		Short: "Run the scenarios of company folders",
		Long: "Run the scenarios under tests/ of company folders, of folders of them, or single scenario files. Each is\n" +
			"told to a new deal on a clock of its own, so that months pass in milliseconds; no server is needed and\n" +
			"nothing is sent. A scenario that fails shows what it expected, what it got and the timeline until then.\n" +
			"--cover names the stages, ways, letters, ladder levels and returns that no scenario reached and asserted\n" +
			"in an expect.",
		Example: "  dealwright test definitions\n  dealwright test --cover definitions/kuhni-dom\n  dealwright test -v definitions/kuhni-dom/tests/silent-lead.yaml",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			t := &trial{out: cmd.OutOrStdout(), verbose: verbose, cover: cover}
			return t.run(paths, cmd.ErrOrStderr())
		},
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "print the timeline of every scenario")
	c.Flags().BoolVar(&cover, "cover", false, "name what no scenario reached and asserted")
	return c
}

// trial is one run of scenarios.
type trial struct {
	out            io.Writer
	verbose, cover bool
	passed, failed int
}

// run tells the scenarios of every path, once all of them are free of faults.
func (t *trial) run(paths []string, stderr io.Writer) error {
	type story struct {
		company   *definitions.Company
		scenarios []*scenario.Scenario
	}
	var stories []story
	var found definitions.Diagnostics
	for _, path := range paths {
		companies, faults := definitions.LoadAll(path)
		found = definitions.Merge(found, faults)
		for _, c := range companies {
			scenarios, faults := scenario.Load(c)
			found = definitions.Merge(found, faults)
			stories = append(stories, story{c, within(path, scenarios)})
		}
	}
	if err := found.Print(stderr); err != nil {
		return err
	}
	if found.HasErrors() {
		return inputFault(errors.New("the files are at fault; no scenario was run"))
	}
	for _, s := range stories {
		if err := t.tell(s.company, s.scenarios); err != nil {
			return err
		}
	}
	switch {
	case t.passed+t.failed == 0:
		return inputFault(fmt.Errorf("there is no scenario in %s: write one under tests/ of the company's folder", strings.Join(paths, ", ")))
	case t.failed > 0:
		fmt.Fprintf(t.out, "%s: %d passed, %d failed\n", counted(t.passed+t.failed, "scenario", "scenarios"), t.passed, t.failed)
		return &exitError{status: exitInput}
	}
	fmt.Fprintf(t.out, "%s passed\n", counted(t.passed, "scenario", "scenarios"))
	return nil
}

// tell runs the scenarios of one company.
func (t *trial) tell(c *definitions.Company, scenarios []*scenario.Scenario) error {
	reports := make([]*scenario.Report, 0, len(scenarios))
	for _, s := range scenarios {
		report := scenario.Run(c, s)
		if report.OK() {
			t.passed++
		} else {
			t.failed++
		}
		if err := report.Print(t.out, t.verbose); err != nil {
			return err
		}
		reports = append(reports, report)
	}
	if !t.cover || len(reports) == 0 {
		return nil
	}
	for _, cover := range scenario.Cover(c, reports) {
		if err := cover.Print(t.out); err != nil {
			return err
		}
	}
	return nil
}

// within keeps the one scenario whose file the path is; the path of a company
// or of another of its files stands for all of them.
func within(path string, scenarios []*scenario.Scenario) []*scenario.Scenario {
	named, err := os.Stat(path)
	if err != nil || named.IsDir() || filepath.Base(filepath.Dir(path)) != "tests" {
		return scenarios
	}
	for _, s := range scenarios {
		if info, err := os.Stat(s.Path); err == nil && os.SameFile(info, named) {
			return []*scenario.Scenario{s}
		}
	}
	return nil
}
