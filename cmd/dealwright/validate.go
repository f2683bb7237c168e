package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/definitions"
)

func validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate PATH...",
		Short: "Check company folders and say everything that is wrong with them",
		Long: "Check company folders, or folders of them, and print every fault in one run as\n" +
			"path:line:col: message [code]. Warnings leave the exit status 0; a fault makes it 1.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			faulty := false
			for _, path := range paths {
				companies, found := definitions.LoadAll(path)
				if err := found.Print(cmd.OutOrStdout()); err != nil {
					return err
				}
				faulty = faulty || found.HasErrors()
				for _, c := range companies {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: company %q is good: %d processes\n", path, c.ID, len(c.Processes))
				}
			}
			if faulty {
				return &exitError{status: exitInput}
			}
			return nil
		},
	}
}
