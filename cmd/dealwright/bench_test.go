package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	_ "modernc.org/sqlite"

	"github.com/dealwright/dealwright/outbox"
	"github.com/dealwright/dealwright/outbox/smtptest"
	"github.com/dealwright/dealwright/worker"
	"github.com/dealwright/dealwright/worker/engine"
)

// leads is how many a run of the benchmark takes.
const leads = 1000

// BenchmarkLeads measures from 1,000 messages in the mailbox to 1,000
// acknowledgements accepted by the receiver, beside its floor: on the same
// engine 1,000 bare workflows that each commit one row, and 1,000 sends of
// the same bytes over one kept connection.
func BenchmarkLeads(b *testing.B) {
	for b.Loop() {
		s := newStand(b, 1)
		for i := range leads {
			s.lead(b, i)
		}
		cpu, started := cpuTime(), time.Now()
		s.start(b)
		await(b, 5*time.Minute, "all acknowledgements", func() bool { return len(s.receiver.Messages()) >= leads })
		took, spent := time.Since(started), cpuTime()-cpu
		raw := s.receiver.Messages()[0].Raw
		s.close()
		floor, floorCPU := floor(b, raw)
		b.ReportMetric(leads/took.Seconds(), "leads/s")
		b.ReportMetric(float64(spent.Milliseconds())/leads, "cpu-ms/lead")
		b.ReportMetric(leads/floor.Seconds(), "floor-leads/s")
		b.ReportMetric(float64(floorCPU.Milliseconds())/leads, "floor-cpu-ms/lead")
		b.ReportMetric(floor.Seconds()/took.Seconds(), "of-floor")
	}
}

func floor(b *testing.B, raw []byte) (took, cpu time.Duration) {
	b.Helper()
	dir := b.TempDir()
	e, err := engine.Start(b.Context(), engine.Options{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Stop()
	c, err := worker.Connect(b.Context(), e.HostPort(), e.Namespace(), newStand(b, 1).logger)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "floor.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE rows (id TEXT PRIMARY KEY)`); err != nil {
		b.Fatal(err)
	}
	w := sdk.New(c, "floor", sdk.Options{})
	w.RegisterActivityWithOptions(func(_ context.Context, id string) error {
		_, err := db.Exec(`INSERT INTO rows (id) VALUES (?) ON CONFLICT DO NOTHING`, id)
		return err
	}, activity.RegisterOptions{Name: "commit"})
	w.RegisterWorkflowWithOptions(func(ctx workflow.Context, id string) error {
		ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 10 * time.Second, ScheduleToCloseTimeout: time.Hour})
		return workflow.ExecuteLocalActivity(ctx, "commit", id).Get(ctx, nil)
	}, workflow.RegisterOptions{Name: "bare"})
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	defer w.Stop()
	receiver, err := smtptest.Start("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer receiver.Close()

	before, started := cpuTime(), time.Now()
	var next, failed atomic.Int64
	done := make(chan struct{})
	for range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for n := next.Add(1); n <= leads; n = next.Add(1) {
				run, err := c.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{ID: fmt.Sprint("floor-", n), TaskQueue: "floor", EnableEagerStart: true}, "bare", fmt.Sprint(n))
				if err != nil || run.Get(b.Context(), nil) != nil {
					failed.Add(1)
				}
			}
		}()
	}
	sender := outbox.NewSender(outbox.Account{Host: "127.0.0.1", Port: receiver.Port(), TLS: outbox.NoTLS})
	defer sender.Close()
	for range leads {
		if r := sender.Send(b.Context(), "sales@shop.test", "client@client.test", raw); r.Status != outbox.Sent {
			b.Fatalf("floor: %+v", r)
		}
	}
	for range 8 {
		<-done
	}
	if failed.Load() > 0 {
		b.Fatalf("floor: %d workflows failed", failed.Load())
	}
	return time.Since(started), cpuTime() - before
}

// cpuTime is what this process has used, in user and system mode.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
