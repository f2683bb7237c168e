package main

import (
	"context"
	"fmt"
	"io"
	"net"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/activities"
)

func serveCommand() *cobra.Command {
	var s settings
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run everything on one machine: Temporal, worker and API",
		Long: "Run everything in one process: Temporal embedded on SQLite under --data, the worker and the API.\n" +
			"With --temporal and --database it uses a Temporal cluster and PostgreSQL instead.\n" +
			"It is ready when /readyz answers 200; SIGINT and SIGTERM end it cleanly.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), s, cmd.ErrOrStderr()) },
	}
	s.common(c.Flags())
	s.cluster(c.Flags())
	s.http(c.Flags())
	c.Flags().StringVar(&s.data, "data", "data", "folder that holds deals and workflows")
	return c
}

func serve(ctx context.Context, s settings, stderr io.Writer) error {
	if (s.temporal == "") != (s.database == "") {
		return usageFault(fmt.Errorf("--temporal and --database go together: a cluster needs both, one machine neither"))
	}
	a, err := newApp(s, stderr)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.load(stderr); err != nil {
		return err
	}
	listener, err := listenOn(ctx, a.listen)
	if err != nil {
		return err
	}
	return a.serve(ctx, listener)
}

// serve runs worker and API until the context ends.
func (a *app) serve(ctx context.Context, listener net.Listener) error {
	fresh, err := a.open(ctx)
	if err != nil {
		_ = listener.Close()
		return err
	}
	api, err := a.newServer()
	if err != nil {
		_ = listener.Close()
		return err
	}
	if fresh {
		// A new engine knows nothing of the deals that the store has.
		n, err := activities.Rehydrate(ctx, a.store, a.deals)
		if err != nil {
			_ = listener.Close()
			return err
		}
		if n > 0 {
			a.logger.Info("the engine is new: the workflows of the open deals were started again", "deals", n)
		}
	}
	if err := a.startWorker(ctx, a.database == ""); err != nil {
		_ = listener.Close()
		return err
	}
	a.watch(ctx)
	a.started.Store(true)
	a.logger.Info("serving", "listen", listener.Addr().String(), "companies", len(a.companies), "speed", a.clock.Speed())
	return api.Serve(ctx, listener)
}

// open opens the store and Temporal.
func (a *app) open(ctx context.Context) (fresh bool, err error) {
	if err := a.openData(ctx); err != nil {
		return false, err
	}
	if a.past != nil {
		if err := a.past(ctx); err != nil {
			return false, err
		}
	}
	return a.openTemporal(ctx)
}

func newApp(s settings, stderr io.Writer) (*app, error) {
	logger, err := newLogger(stderr, s.log)
	if err != nil {
		return nil, err
	}
	return &app{settings: s, logger: logger}, nil
}
