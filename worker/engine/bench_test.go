package engine

import (
	"sync"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
)

const (
	benchWorkflows = 1000
	benchStarters  = 8
)

// BenchmarkFloor measures what Temporal costs when a workflow does nothing: each iteration starts a thousand
// workflows on a data folder, which run one local activity and end. Run it with -benchtime 1x.
func BenchmarkFloor(b *testing.B) {
	e := mustStart(b, b.TempDir())
	defer e.Stop()
	temporal, end := mustConnect(b, e)
	defer end()
	runGreetings(b, temporal, 50)
	cpu, wall := processorTime(b), time.Now()
	for b.Loop() {
		runGreetings(b, temporal, benchWorkflows)
	}
	total := float64(b.N * benchWorkflows)
	b.ReportMetric(total/time.Since(wall).Seconds(), "workflows/s")
	b.ReportMetric(float64((processorTime(b)-cpu).Microseconds())/1000/total, "cpu-ms/workflow")
}

func runGreetings(b *testing.B, temporal client.Client, count int) {
	b.Helper()
	next := make(chan struct{}, count)
	for range count {
		next <- struct{}{}
	}
	close(next)
	var starters sync.WaitGroup
	for range benchStarters {
		starters.Go(func() {
			for range next {
				run, err := temporal.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{TaskQueue: queue, EnableEagerStart: true}, greet, "Ada")
				if err == nil {
					err = run.Get(b.Context(), nil)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	starters.Wait()
}

// processorTime is what this process, server and client together, has used of the processors.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
