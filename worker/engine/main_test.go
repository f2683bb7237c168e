package engine

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// shared is the engine in memory that the tests of this package use together.
var shared *Engine

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		beVictim(dir)
	}
	var err error
	if shared, err = Start(context.Background(), Options{}); err != nil {
		panic(err)
	}
	status := m.Run()
	shared.Stop()
	os.Exit(status)
}

const queue = "engine-test"

// greet runs one local activity.
func greet(ctx workflow.Context, name string) (string, error) {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout:    time.Second,
		ScheduleToCloseTimeout: time.Minute,
	})
	var greeting string
	err := workflow.ExecuteLocalActivity(ctx, compose, name).Get(ctx, &greeting)
	return greeting, err
}

func compose(_ context.Context, name string) (string, error) { return "hello " + name, nil }

// wait sleeps for a while and tells it.
func wait(ctx workflow.Context, long time.Duration) (string, error) {
	err := workflow.Sleep(ctx, long)
	return "woken", err
}

// connect dials an engine and starts a worker on it; both end with the returned function.
func connect(e *Engine) (client.Client, func(), error) {
	quiet := slog.New(slog.DiscardHandler)
	temporal, err := client.Dial(client.Options{HostPort: e.HostPort(), Namespace: e.Namespace(), Logger: quiet})
	if err != nil {
		return nil, nil, err
	}
	w := worker.New(temporal, queue, worker.Options{})
	w.RegisterWorkflow(greet)
	w.RegisterWorkflow(wait)
	if err := w.Start(); err != nil {
		temporal.Close()
		return nil, nil, err
	}
	return temporal, func() { w.Stop(); temporal.Close() }, nil
}

func mustConnect(tb testing.TB, e *Engine) (client.Client, func()) {
	tb.Helper()
	temporal, end, err := connect(e)
	if err != nil {
		tb.Fatal(err)
	}
	return temporal, end
}

func mustStart(tb testing.TB, dir string) *Engine {
	tb.Helper()
	e, err := Start(tb.Context(), Options{Dir: dir})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}
