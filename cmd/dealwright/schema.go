package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/schema"
)

func schemaCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "schema [KIND]",
		Short: "Print the JSON Schema of a kind of file, or write all of them into a folder",
		Long: "Print the JSON Schema of a kind of file of a company folder, or list the kinds. With --dir, write the\n" +
			"schemas of all kinds into a folder. An editor takes one up by a first line such as\n\n" +
			"  # yaml-language-server: $schema=../.schema/process.json",
		Example: "  dealwright schema process\n  dealwright schema --dir .schema",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case dir != "" && len(args) > 0:
				return usageFault(fmt.Errorf("--dir writes the schemas of all kinds: leave %q out", args[0]))
			case dir != "":
				return schema.Write(dir)
			case len(args) == 0:
				return listKinds(cmd)
			}
			content, err := schema.Of(args[0])
			if err != nil {
				return usageFault(err)
			}
			_, err = cmd.OutOrStdout().Write(content)
			return err
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "folder to write all schemas into")
	return c
}

func listKinds(cmd *cobra.Command) error {
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, kind := range schema.Kinds {
		fmt.Fprintf(table, "%s\t%s\n", kind.Name, kind.File)
	}
	return table.Flush()
}
