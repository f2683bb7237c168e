package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"
	"go.temporal.io/sdk/client"

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/clock"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/reload"
	"github.com/dealwright/dealwright/server"
	"github.com/dealwright/dealwright/store"
	"github.com/dealwright/dealwright/worker"
	"github.com/dealwright/dealwright/worker/engine"
)

// settings is what serve, worker and api are told by their flags.
type settings struct {
	definitions string
	data        string
	listen      string
	speed       float64
	temporal    string
	namespace   string
	database    string
	access      access
	log         string
}

func (s *settings) common(f *pflag.FlagSet) {
	f.StringVar(&s.definitions, "definitions", "definitions", "folder of company folders, or one company folder")
	f.Float64Var(&s.speed, "speed", 1, "how much faster deal time runs than the clock on the wall; kept with the data")
	f.StringVar(&s.log, "log", "json", "form of the log on stderr: json or text")
}

func (s *settings) cluster(f *pflag.FlagSet) {
	f.StringVar(&s.temporal, "temporal", "", "HOST:PORT of a Temporal server")
	f.StringVar(&s.namespace, "namespace", "default", "namespace on the Temporal server")
	f.StringVar(&s.database, "database", "", "postgres:// URL of the store")
}

func (s *settings) http(f *pflag.FlagSet) {
	f.StringVar(&s.listen, "listen", "127.0.0.1:8080", "address of the API")
	s.access.flags(f)
}

// app is one running process, wired from top to bottom: definitions, store,
// clock, Temporal, worker, API.
type app struct {
	settings
	logger *slog.Logger

	companies []*definitions.Company
	store     *store.Store
	clock     *clock.Clock
	catalogue *activities.Catalogue
	client    client.Client
	deals     worker.Deals
	started   atomic.Bool
	begin     func(now time.Time) time.Time // where deal time begins; nil: now
	past      func(context.Context) error   // fills the new store; nil: it is empty
	told      int64                         // the last event of the past

	activities *activities.Activities // nil: no loops run in this process
	reloader   *reload.Reloader       // nil: nothing to take up
	hangups    chan os.Signal
	background sync.WaitGroup

	closers []func()
}

// load reads the companies, or says everything that is wrong with them.
func (a *app) load(stderr io.Writer) error {
	a.hear()
	reloader, companies, found := reload.New(a.definitions, a.logger)
	if err := found.Print(stderr); err != nil {
		return err
	}
	if found.HasErrors() {
		return inputFault(errors.New("the definitions are at fault; nothing was started"))
	}
	var missing []error
	for _, c := range companies {
		missing = append(missing, c.ResolveSecrets()...)
	}
	if len(missing) > 0 {
		return inputFault(errors.Join(missing...))
	}
	a.companies, a.reloader = companies, reloader
	return nil
}

// openData opens the store and the clock: in the data folder, which this
// process then holds alone, or on PostgreSQL.
func (a *app) openData(ctx context.Context) error {
	dsn := a.database
	if dsn == "" {
		if err := os.MkdirAll(a.data, 0o700); err != nil {
			return fmt.Errorf("data folder: %w", err)
		}
		release, err := engine.Lock(a.data)
		if err != nil {
			return err
		}
		a.closers = append(a.closers, release)
		dsn = a.data
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	a.store = s
	a.closers = append(a.closers, func() {
		if err := s.Close(); err != nil {
			a.logger.Error("store not closed", "error", err)
		}
	})
	epoch, err := s.Clock(ctx, a.speed)
	if err != nil {
		return usageFault(err)
	}
	if a.begin != nil {
		epoch.Deal = a.begin(epoch.Deal)
	}
	if a.clock, err = clock.New(epoch.Wall, epoch.Deal, epoch.Speed); err != nil {
		return usageFault(fmt.Errorf("--speed: %w", err))
	}
	a.catalogue = activities.NewCatalogue(s)
	return a.catalogue.Set(ctx, a.companies, a.clock.Now())
}

// openTemporal embeds Temporal, or connects to a cluster. It answers whether
// the embedded one is new, and so has no workflow of the deals in the store.
func (a *app) openTemporal(ctx context.Context) (fresh bool, err error) {
	hostPort, namespace := a.temporal, a.namespace
	if hostPort == "" {
		_, missing := os.Stat(filepath.Join(a.data, "temporal.db"))
		fresh = errors.Is(missing, os.ErrNotExist)
		e, err := engine.Start(ctx, engine.Options{Dir: a.data, Logger: a.logger})
		if err != nil {
			return false, err
		}
		a.closers = append(a.closers, e.Stop)
		hostPort, namespace = e.HostPort(), e.Namespace()
	}
	c, err := worker.Connect(ctx, hostPort, namespace, a.logger)
	if err != nil {
		return false, err
	}
	a.closers = append(a.closers, c.Close)
	a.client, a.deals = c, worker.Deals{Client: c}
	return fresh, nil
}

// startWorker runs the loops of every company in this process. Alone says that
// no other worker can be alive.
func (a *app) startWorker(ctx context.Context, alone bool) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	a.activities = &activities.Activities{
		Store: a.store, Catalogue: a.catalogue, Clock: a.clock, Deals: a.deals, Log: a.logger,
		Holder: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), store.NewID()),
	}
	if alone {
		// What a killed process held, nobody holds any more.
		if err := a.store.ReleaseAll(ctx); err != nil {
			return err
		}
	}
	w := worker.New(a.client, a.activities)
	if err := w.Start(); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	sweeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	swept := make(chan struct{})
	go func() { defer close(swept); a.activities.Sweep(sweeping) }()
	a.closers = append(a.closers, func() { stop(); <-swept; w.Stop() })
	return worker.StartLoops(ctx, a.client, a.companies, alone)
}

// newServer makes the API over what is open.
func (a *app) newServer() (*server.Server, error) {
	changes := commander{activities.Changes{Store: a.store, Deals: a.deals}}
	o := server.Options{
		Store: a.store, Commander: changes, Desk: a.desk(), Companies: a.catalogue.Companies, Process: a.catalogue.Process,
		Now: a.clock.Now, Ready: a.readiness, Logger: a.logger, Version: version,
	}
	if err := a.access.into(&o); err != nil {
		return nil, err
	}
	return server.New(o), nil
}

// desk is where people work on mail by hand; it needs no worker in this process.
func (a *app) desk() activities.Desk {
	return activities.Desk{Activities: &activities.Activities{Store: a.store, Catalogue: a.catalogue, Clock: a.clock, Deals: a.deals, Log: a.logger}}
}

// commander says in the API's words that no worker took a change.
type commander struct{ activities.Changes }

func (c commander) Do(ctx context.Context, in store.Input) error {
	return inTime(c.Changes.Do(ctx, in))
}

func (c commander) Open(ctx context.Context, company, process string, in store.Input) error {
	return inTime(c.Changes.Open(ctx, company, process, in))
}

func inTime(err error) error {
	if errors.Is(err, activities.ErrUnavailable) {
		return fmt.Errorf("%w: %w", server.ErrUnavailable, err)
	}
	return err
}

// close undoes everything in the opposite order.
func (a *app) close() {
	for _, undo := range slices.Backward(a.closers) {
		undo()
	}
	a.closers = nil
}

// listenOn takes the address before anything else is started, so that a taken
// port is said at once.
func listenOn(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w; is another server running there?", address, err)
	}
	return l, nil
}
