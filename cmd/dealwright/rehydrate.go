package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/activities"
)

func rehydrateCommand() *cobra.Command {
	var s settings
	c := &cobra.Command{
		Use:   "rehydrate",
		Short: "Start the workflow of every open deal that has none",
		Long: "Start the workflow of every open deal that has none: after the embedded engine was replaced, a backup\n" +
			"restored, or the store moved to a cluster. Deals that have one are left alone.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return rehydrate(cmd.Context(), s, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	s.common(c.Flags())
	s.cluster(c.Flags())
	c.Flags().StringVar(&s.data, "data", "data", "folder that holds deals and workflows; no server may be using it")
	return c
}

func rehydrate(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	a, err := newApp(s, stderr)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.load(stderr); err != nil {
		return err
	}
	if _, err := a.open(ctx); err != nil {
		return err
	}
	n, err := activities.Rehydrate(ctx, a.store, a.deals)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d open deals have a workflow\n", n)
	return nil
}
