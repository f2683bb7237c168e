package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/diagram"
)

func diagramCommand() *cobra.Command {
	var format, theme, process string
	c := &cobra.Command{
		Use:   "diagram PATH",
		Short: "Draw a process: stages, ways between them, timeouts, ladders and ends",
		Long: "Draw a process of a company folder to the standard output: as a Mermaid flowchart for documents, or\n" +
			"as an SVG that follows the reader's light or dark theme.",
		Example: "  dealwright diagram definitions/kuhni-dom --format svg > sales.svg",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "mermaid" && format != "svg" {
				return usageFault(fmt.Errorf("--format %q: want mermaid or svg", format))
			}
			if !slices.Contains([]diagram.Theme{diagram.Auto, diagram.Light, diagram.Dark}, diagram.Theme(theme)) {
				return usageFault(fmt.Errorf("--theme %q: want auto, light or dark", theme))
			}
			p, err := loadProcess(cmd, args[0], process)
			if err != nil {
				return err
			}
			drawn := diagram.Mermaid(p)
			if format == "svg" {
				drawn = diagram.SVG(p, diagram.Theme(theme))
			}
			_, err = io.WriteString(cmd.OutOrStdout(), drawn)
			return err
		},
	}
	c.Flags().StringVar(&format, "format", "mermaid", "mermaid or svg")
	c.Flags().StringVar(&theme, "theme", "auto", "colours of an SVG: auto, light or dark")
	c.Flags().StringVar(&process, "process", "", "which process, where the company has several")
	return c
}
