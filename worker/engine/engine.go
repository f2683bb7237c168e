// Package engine embeds a Temporal server in this process: one SQLite file in the data folder, or nothing but
// memory, reachable on loopback only. It is heavy to build, so only the commands and the end-to-end tests import it.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"syscall"
	"time"

	"go.temporal.io/server/common/headers"
)

// Version is the version of the Temporal server that is embedded.
const Version = headers.ServerVersion

const (
	// defaultNamespace is where the workflows live when Options names nothing else.
	defaultNamespace = "dealwright"
	// defaultRetention is how long Temporal remembers a closed workflow. The deals themselves are in the store.
	defaultRetention = 24 * time.Hour
	// startAttempts bounds how often a start is tried again because another process took a port that was free.
	startAttempts = 5
	// readyWithin is how long a started server may take until a client can use its namespace.
	readyWithin = 30 * time.Second
	// stopWithin is how long a stop may take; what is left after it is cut off, as a crash would.
	stopWithin = 4 * time.Second
)

// Options says where an engine keeps its data and how it presents itself.
type Options struct {
	// Dir is the data folder; it is created when it does not exist. Empty keeps everything in memory.
	Dir string
	// Logger receives the server's warnings and errors. Nil means slog.Default.
	Logger *slog.Logger
	// Namespace is the Temporal namespace that is there once Start returns: "dealwright" by default.
	Namespace string
	// Retention is how long closed workflows are kept, 24 hours by default, at least one hour.
	Retention time.Duration
}

// Engine is a running Temporal server.
type Engine struct {
	namespace string
	database  database
	server    *server
	log       *logger
	stop      sync.Once
}

// Start starts a Temporal server and returns once a client can use its namespace. On a data folder the caller
// holds Lock. The context bounds the start only; a *VersionError says that the folder belongs to another version.
func Start(ctx context.Context, options Options) (*Engine, error) {
	options = options.withDefaults()
	if options.Retention < time.Hour {
		return nil, fmt.Errorf("start Temporal: retention %s is too short: Temporal keeps closed workflows for at least 1h", options.Retention)
	}
	log := newLogger(options.Logger)
	data, err := openDatabase(ctx, options)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	server, err := launchOnFreePorts(ctx, data, log)
	if err != nil {
		return nil, fmt.Errorf("start Temporal on %s: %w", data, err)
	}
	engine := &Engine{namespace: options.Namespace, database: data, server: server, log: log}
	if err := awaitNamespace(ctx, server.hostPort, options, log); err != nil {
		engine.Stop()
		return nil, fmt.Errorf("start Temporal on %s: %w", data, err)
	}
	log.started()
	return engine, nil
}

// launchOnFreePorts tries again with other ports when one that was free a moment ago is taken.
func launchOnFreePorts(ctx context.Context, data database, log *logger) (*server, error) {
	for attempt := 1; ; attempt++ {
		ports, err := freePorts()
		if err != nil {
			return nil, err
		}
		server, err := launch(ctx, data, ports, log.starting())
		if err == nil || attempt == startAttempts || !errors.Is(err, syscall.EADDRINUSE) {
			return server, err
		}
	}
}

// HostPort is the address of the frontend, for a Temporal client in this process or on this machine.
func (e *Engine) HostPort() string { return e.server.hostPort }

// Namespace is the namespace that the engine has ready.
func (e *Engine) Namespace() string { return e.namespace }

// Stop stops the server within five seconds; stop the workers and close the clients first. What does not end in
// time is left behind, which loses nothing: the file is as safe as after a crash. A second call does nothing.
func (e *Engine) Stop() {
	e.stop.Do(func() {
		e.log.stopping()
		if !e.server.stop(stopWithin) {
			e.log.out.Warn("Temporal did not stop in time and is left behind", "within", stopWithin)
			return
		}
		if err := e.database.fold(); err != nil {
			e.log.out.Warn("Temporal's write-ahead log stays beside its file until the next start", "error", err)
		}
	})
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Namespace == "" {
		o.Namespace = defaultNamespace
	}
	if o.Retention == 0 {
		o.Retention = defaultRetention
	}
	return o
}
