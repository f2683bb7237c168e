package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/definitions/library"
	"github.com/dealwright/dealwright/schema"
)

func initCommand() *cobra.Command {
	var from string
	var list bool
	c := &cobra.Command{
		Use:   "init DIR",
		Short: "Begin a company's folder from a process that ships with the program",
		Long: "Copy a company that ships with the program into a new or empty folder, as a start for your own: the\n" +
			"process, letters, playbooks, documents and scenarios, and under .schema what an editor completes and\n" +
			"checks the files by. Nothing in a folder that holds something is touched.",
		Example: "  dealwright init --list\n  dealwright init definitions/acme --from classic-en",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case list && len(args) > 0:
				return usageFault(fmt.Errorf("--list copies nothing: leave %q out", args[0]))
			case list:
				return listLibrary(cmd.OutOrStdout())
			case len(args) == 0:
				return usageFault(errors.New("name the folder to begin in, or --list what there is to begin with"))
			}
			return begin(cmd.OutOrStdout(), args[0], from)
		},
	}
	c.Flags().StringVar(&from, "from", "classic", "which company to copy; --list names them")
	c.Flags().BoolVar(&list, "list", false, "list the companies that ship with the program")
	return c
}

// listLibrary says what ships with the program, a company a line.
func listLibrary(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, name := range library.Names() {
		c, err := shipped(name)
		if err != nil {
			return err
		}
		for _, p := range c.Processes {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s: %s\n", name, c.Language, counted(len(p.Stages), "stage", "stages"), c.Name, p.Name)
		}
	}
	return table.Flush()
}

// shipped loads a company of the library.
func shipped(name string) (*definitions.Company, error) {
	files, err := fs.Sub(library.FS, name)
	if err != nil {
		return nil, err
	}
	company, found := definitions.LoadFS(files, name)
	if company == nil {
		return nil, fmt.Errorf("the shipped company %q is at fault: %v", name, found)
	}
	return company, nil
}

func begin(out io.Writer, dir, from string) error {
	if names := library.Names(); !slices.Contains(names, from) {
		return usageFault(fmt.Errorf("--from %q: no such company ships with the program; there are %s", from, strings.Join(names, ", ")))
	}
	if err := empty(dir); err != nil {
		return err
	}
	if err := copyLibrary(dir, from); err != nil {
		return fmt.Errorf("begin in %s: %w", dir, err)
	}
	if err := schema.Write(filepath.Join(dir, ".schema")); err != nil {
		return err
	}
	fmt.Fprintf(out, `%[1]s holds a copy of %[2]s.

What to do next:
  1. In %[3]s put your company, team, calendar, mailboxes and SMTP account.
  2. Make the stages in %[4]s and the letters your own.
  3. Check what you wrote:        dealwright validate %[1]s
     Prove that it does as meant: dealwright test --cover %[1]s
     Look at it:                  dealwright diagram %[1]s --format svg > process.svg
  4. Put the passwords that company.yaml names into the environment, and run it:
                                  dealwright serve --definitions %[1]s
`, dir, from, filepath.Join(dir, "company.yaml"), filepath.Join(dir, "processes"))
	return nil
}

// empty reports an error unless the folder is new or holds nothing.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return inputFault(fmt.Errorf("begin in %s: %w", dir, err))
	case len(entries) > 0:
		return inputFault(fmt.Errorf("%s holds %s already, and perhaps more: name a new or an empty folder", dir, entries[0].Name()))
	}
	return nil
}

// In the library the schemas are three folders up from the company; a copy has
// them in a folder of its own.
var librarySchemas, ownSchemas = []byte("../../../schema/"), []byte(".schema/")

// copyLibrary writes the files of a company of the library into a folder.
func copyLibrary(dir, from string) error {
	return fs.WalkDir(library.FS, from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(path, from)))
		if entry.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		content, err := library.FS.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, bytes.Replace(content, librarySchemas, ownSchemas, 1), 0o644)
	})
}
