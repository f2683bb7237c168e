package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"
)

// errCluster is the answer to a half of the server without its cluster.
var errCluster = errors.New("--temporal HOST:PORT and --database postgres://… are needed: on one machine run 'dealwright serve'")

func workerCommand() *cobra.Command {
	var s settings
	c := &cobra.Command{
		Use:   "worker",
		Short: "Run the worker half of serve beside a Temporal cluster",
		Long:  "Run the worker: it reads mailboxes, advances deals and sends letters. Run as many as wanted beside one\nTemporal cluster and one PostgreSQL; each mailbox is read, and each account sent from, by one of them at a time.",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runWorker(cmd.Context(), s, cmd.ErrOrStderr()) },
	}
	s.common(c.Flags())
	s.cluster(c.Flags())
	return c
}

func runWorker(ctx context.Context, s settings, stderr io.Writer) error {
	a, err := openCluster(ctx, s, stderr)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.startWorker(ctx, false); err != nil {
		return err
	}
	a.watch(ctx)
	a.logger.Info("working", "companies", len(a.companies), "temporal", a.temporal)
	<-ctx.Done()
	return nil
}

// openCluster loads the companies and connects to PostgreSQL and Temporal.
func openCluster(ctx context.Context, s settings, stderr io.Writer) (*app, error) {
	if s.temporal == "" || s.database == "" {
		return nil, usageFault(errCluster)
	}
	a, err := newApp(s, stderr)
	if err != nil {
		return nil, err
	}
	if err := a.load(stderr); err != nil {
		return nil, err
	}
	if _, err := a.open(ctx); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func apiCommand() *cobra.Command {
	var s settings
	c := &cobra.Command{
		Use:   "api",
		Short: "Run the API half of serve beside a Temporal cluster",
		Long:  "Run the API: it reads the store and hands changes to the workers. Run as many as wanted.\nTo listen on anything but loopback it needs tokens: --tokens, or 'dealwright token create'.",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runAPI(cmd.Context(), s, cmd.ErrOrStderr()) },
	}
	s.common(c.Flags())
	s.cluster(c.Flags())
	s.http(c.Flags())
	return c
}

func runAPI(ctx context.Context, s settings, stderr io.Writer) error {
	a, err := openCluster(ctx, s, stderr)
	if err != nil {
		return err
	}
	defer a.close()
	api, err := a.newServer()
	if err != nil {
		return err
	}
	a.watch(ctx)
	a.started.Store(true)
	a.logger.Info("serving", "listen", a.listen, "temporal", a.temporal)
	return api.Run(ctx, a.listen)
}
