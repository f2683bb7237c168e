package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/clock"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/reload"
	"github.com/dealwright/dealwright/server"
	"github.com/dealwright/dealwright/store"
	"github.com/dealwright/dealwright/worker"
	"github.com/dealwright/dealwright/worker/engine"
)

func reloadCommand() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use:   "reload",
		Short: "Have a running server read its definitions at once",
		Long: "Have the server that holds a data folder read its definitions at once. A server takes up every edit by\n" +
			"itself, a second after the last change; this is for those who do not want to wait. It sends SIGHUP to\n" +
			"the process; do the same to a worker or an api of a cluster, which hold no data folder. What came of it\n" +
			"is in the server's log and under definitions in /readyz: an edit at fault leaves live what was live.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return hangUp(cmd.OutOrStdout(), data) },
	}
	c.Flags().StringVar(&data, "data", "data", "the server's data folder")
	return c
}

// hangUp sends SIGHUP to the server of a data folder.
func hangUp(out io.Writer, data string) error {
	pid, err := engine.Holder(data)
	if err != nil {
		return err
	}
	if pid == 0 {
		return inputFault(fmt.Errorf("no server holds the data folder %s: start one with 'dealwright serve', or name its folder with --data", data))
	}
	process, err := os.FindProcess(pid)
	if err == nil {
		err = process.Signal(syscall.SIGHUP)
	}
	if err != nil {
		return fmt.Errorf("tell process %d to read its definitions: %w", pid, err)
	}
	fmt.Fprintf(out, "process %d reads its definitions now; its log and /readyz say what came of it\n", pid)
	return nil
}

// hear catches SIGHUP, which would end the process, as early as it may come.
func (a *app) hear() {
	a.hangups = make(chan os.Signal, 1)
	signal.Notify(a.hangups, syscall.SIGHUP)
	a.closers = append(a.closers, func() { signal.Stop(a.hangups) })
}

// watch takes up edits of the definitions until the context or the app ends.
func (a *app) watch(ctx context.Context) {
	if a.reloader == nil {
		return // the demonstration's company has no folder
	}
	ctx, stop := context.WithCancel(ctx)
	companies := live{a.catalogue, a.store, a.clock}
	a.reloader.Live, a.reloader.Taken = companies, a.taken
	a.background.Go(func() { a.reloader.Watch(ctx, a.hangups) })
	for _, c := range a.companies {
		// The files may have been edited while no server ran.
		if unfit, err := companies.Unfit(ctx, c); err != nil || len(unfit) > 0 {
			a.logger.Error("the definitions do not fit the open deals", "company", c.ID, "faults", unfit, "error", err)
		}
		a.refresh(ctx, c, false)
	}
	a.closers = append(a.closers, func() { stop(); a.background.Wait() })
}

// taken starts the loops that an edit asks for and wakes the deals that it
// concerns at once. Loops that it leaves without their mailbox or account end
// by themselves.
func (a *app) taken(ctx context.Context, changes []reload.Change) error {
	if a.activities == nil {
		return nil // this is the API half of a cluster
	}
	var companies []*definitions.Company
	for _, c := range changes {
		if c.After != nil {
			companies = append(companies, c.After)
		}
	}
	if err := worker.StartLoops(ctx, a.client, companies, false); err != nil {
		return err
	}
	for _, c := range changes {
		if c.After != nil {
			a.refresh(ctx, c.After, anybodyLeft(c.Before, c.After))
		}
	}
	return nil
}

// refresh wakes the company's deals that something new concerns at once, in
// the background, and tries again while Temporal or the store is away.
func (a *app) refresh(ctx context.Context, c *definitions.Company, anybodyLeft bool) {
	if a.activities == nil {
		return
	}
	a.background.Go(func() {
		again := time.NewTicker(5 * time.Second)
		defer again.Stop()
		for {
			woken, err := a.activities.Refresh(ctx, c, anybodyLeft)
			if err == nil {
				if woken > 0 {
					a.logger.Info("open deals were told of new definitions", "company", c.ID, "deals", woken)
				}
				return
			}
			if ctx.Err() == nil {
				a.logger.Warn("open deals not told of new definitions yet; the next try follows", "company", c.ID, "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-again.C:
			}
		}
	})
}

// anybodyLeft reports whether somebody is no longer of the team.
func anybodyLeft(before, after *definitions.Company) bool {
	if before == nil {
		return false
	}
	for _, role := range before.Roles {
		for _, m := range role.Members {
			if here, _ := after.Member(m.Email); here == nil {
				return true
			}
		}
	}
	return false
}

// live is where the reloader finds and puts the live companies.
type live struct {
	*activities.Catalogue
	store *store.Store
	clock *clock.Clock
}

// Use makes the companies the live ones.
func (l live) Use(ctx context.Context, companies []*definitions.Company) error {
	return l.Set(ctx, companies, l.clock.Now())
}

// Unfit says which open deals could not go on if the company were live.
func (l live) Unfit(ctx context.Context, company *definitions.Company) ([]string, error) {
	misfits, err := l.Misfits(ctx, company)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, m := range misfits {
		all = append(all, fmt.Sprintf("process %q: %s on an earlier version, which would no longer work: %v; keep what it needs until they have moved on, or let them take up the edit with upgrade: now",
			m.Process, counted(m.Deals, "open deal is", "open deals are"), m.Why))
	}
	return all, nil
}

// Open counts the company's deals that something may still happen to.
func (l live) Open(ctx context.Context, company string) (int, error) {
	versions, err := l.store.OpenVersions(ctx, company)
	n := 0
	for _, v := range versions {
		n += v.Open + v.Waiting
	}
	return n, err
}

// definitionStates is how the folders stand beside what is live.
func (a *app) definitionStates() []server.DefinitionState {
	var states []server.DefinitionState
	if a.reloader == nil {
		for _, c := range a.catalogue.Companies() {
			states = append(states, server.DefinitionState{Company: c.ID, OK: true})
		}
		return states
	}
	for _, s := range a.reloader.States() {
		states = append(states, server.DefinitionState{Company: s.Company, OK: len(s.Faults) == 0, Faults: s.Faults})
	}
	return states
}
