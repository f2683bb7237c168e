package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/scenario"
)

func validateCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "validate PATH...",
		Short: "Check company folders and say everything that is wrong with them",
		Long: "Check company folders, or folders of them, with their scenarios, and print every fault in one run as\n" +
			"path:line:col: message [code]. Warnings leave the exit status 0; a fault makes it 1.\n" +
			"For programs, --format json prints an array of diagnostics, and --format sarif a SARIF 2.1.0 log, which\n" +
			"code hosts show beside the lines of a change. docs/diagnostics.md explains every code.",
		Example: "  dealwright validate definitions\n  dealwright validate --format sarif definitions > dealwright.sarif",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			return validate(cmd.OutOrStdout(), paths, format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, json or sarif")
	return c
}

func validate(out io.Writer, paths []string, format string) error {
	if format != "text" && format != "json" && format != "sarif" {
		return usageFault(fmt.Errorf("--format %q: want text, json or sarif", format))
	}
	var found definitions.Diagnostics
	var good []string
	for _, path := range paths {
		companies, faults := definitions.LoadAll(path)
		found = definitions.Merge(found, faults)
		for _, c := range companies {
			scenarios, faults := scenario.Load(c)
			found = definitions.Merge(found, faults)
			if !faults.HasErrors() {
				good = append(good, fmt.Sprintf("%s: company %q is good: %s, %s", path, c.ID, counted(len(c.Processes), "process", "processes"), counted(len(scenarios), "scenario", "scenarios")))
			}
		}
	}
	var err error
	switch format {
	case "json":
		err = found.WriteJSON(out)
	case "sarif":
		err = found.WriteSARIF(out, version)
	default:
		err = found.Print(out)
		for _, line := range good {
			fmt.Fprintln(out, line)
		}
	}
	if err == nil && found.HasErrors() {
		return &exitError{status: exitInput}
	}
	return err
}

// counted is a number with the word for what is counted.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
