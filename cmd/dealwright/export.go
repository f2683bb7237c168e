package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/export"
	"github.com/dealwright/dealwright/store"
)

func exportCommand() *cobra.Command {
	var data, database, to, company string
	c := &cobra.Command{
		Use:   "export",
		Short: "Write deals, their timelines and the ledger of mail as JSON Lines",
		Long: "Write every deal, every event of every timeline and every row of the ledger of mail as JSON Lines: to the\n" +
			"standard output, where each line says by \"record\" whether it is a deal, an event or a message, or with --to\n" +
			"into deals.jsonl, events.jsonl and messages.jsonl of a folder. It only reads, beside a running server too;\n" +
			"what comes in meanwhile may or may not be among it. Times are in UTC.",
		Example: "  dealwright export --data data > all.jsonl\n  dealwright export --database postgres://… --company kuhni-dom --to backup",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := inspect(cmd.Context(), data, database)
			if err != nil {
				return err
			}
			defer s.Close()
			if to == "" {
				return exportLines(cmd.Context(), s, cmd.OutOrStdout(), company, export.Kinds...)
			}
			return exportFolder(cmd.Context(), s, to, company)
		},
	}
	reading(c, &data, &database)
	c.Flags().StringVar(&to, "to", "", "folder to write a file for each kind into; the standard output unless given")
	c.Flags().StringVar(&company, "company", "", "write only what belongs to this company")
	return c
}

// reading gives a command that only reads data the flags that say where it is.
func reading(c *cobra.Command, data, database *string) {
	c.Flags().StringVar(data, "data", "data", "data folder of the server")
	c.Flags().StringVar(database, "database", "", "postgres:// URL of the store, instead of --data")
}

// inspect opens a store in order to read it.
func inspect(ctx context.Context, data, database string) (*store.Store, error) {
	dsn := data
	if database != "" {
		dsn = database
	}
	s, err := store.Inspect(ctx, dsn)
	if errors.Is(err, store.ErrNotFound) {
		return nil, inputFault(err)
	}
	return s, err
}

func exportLines(ctx context.Context, s *store.Store, w io.Writer, company string, kinds ...string) error {
	out := bufio.NewWriter(w)
	for _, kind := range kinds {
		if err := export.Write(ctx, out, s, kind, company); err != nil {
			return err
		}
	}
	return out.Flush()
}

// exportFolder writes a file for each kind. They may hold clients' names, so
// they are for their owner's eyes.
func exportFolder(ctx context.Context, s *store.Store, dir, company string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("export to %s: %w", dir, err)
	}
	for _, kind := range export.Kinds {
		file, err := os.OpenFile(filepath.Join(dir, kind+".jsonl"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return fmt.Errorf("export to %s: %w", dir, err)
		}
		if err := errors.Join(exportLines(ctx, s, file, company, kind), file.Close()); err != nil {
			return fmt.Errorf("export to %s: %w", file.Name(), err)
		}
	}
	return nil
}
