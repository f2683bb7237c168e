package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

func TestRunsAWorkflow(t *testing.T) {
	temporal, end := mustConnect(t, shared)
	defer end()
	run, err := temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{TaskQueue: queue, EnableEagerStart: true}, greet, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if err := run.Get(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	if got != "hello Ada" {
		t.Errorf("got %q", got)
	}
}

// A folder name with every character that means something in a SQLite URI.
const awkward = "a b%20?c#d=е"

func TestATimerOutlivesARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), awkward)
	before := mustStart(t, dir)
	temporal, end := mustConnect(t, before)
	startWaiting(t.Context(), t.Fatal, temporal, "sleeper", 2*time.Second)
	end()
	stopped := time.Now()
	before.Stop()
	if took := time.Since(stopped); took > 5*time.Second {
		t.Errorf("the stop took %s", took)
	}
	for _, left := range []string{databaseFile, versionFile} {
		if _, err := os.Stat(filepath.Join(dir, left)); err != nil {
			t.Error(err)
		}
	}
	if wal, err := os.Stat(filepath.Join(dir, databaseFile+"-wal")); err == nil && wal.Size() > 0 {
		t.Errorf("%d bytes of write-ahead log are left after a clean stop", wal.Size())
	}

	started := time.Now()
	after := mustStart(t, dir)
	defer after.Stop()
	t.Logf("started again in %s", time.Since(started))
	expectWoken(t, after, "sleeper")
}

// victimDir makes a run of the test binary a process that is killed.
const victimDir = "ENGINE_TEST_VICTIM_DIR"

// beVictim starts an engine on a folder and a workflow in it, tells that it is there, and waits for its end.
func beVictim(dir string) {
	must := func(args ...any) {
		fmt.Println(args...)
		os.Exit(1)
	}
	if _, err := Lock(dir); err != nil {
		must(err)
	}
	e, err := Start(context.Background(), Options{Dir: dir})
	if err != nil {
		must(err)
	}
	temporal, _, err := connect(e)
	if err != nil {
		must(err)
	}
	startWaiting(context.Background(), must, temporal, "survivor", 2*time.Second)
	fmt.Println("ready")
	select {}
}

func TestAKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimDir+"="+dir)
	output, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = victim.Process.Kill() }() // it is dead already unless the test failed
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the process to kill says %q, %v", line, err)
	}

	_, err = Lock(dir)
	if err == nil || !strings.Contains(err.Error(), "in use by process "+strconv.Itoa(victim.Process.Pid)) {
		t.Errorf("the lock of a folder in use: %v", err)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // it was killed, which is an error to report

	release, err := Lock(dir)
	if err != nil {
		t.Fatalf("the lock of a killed process is still held: %v", err)
	}
	defer release()
	e := mustStart(t, dir)
	defer e.Stop()
	expectWoken(t, e, "survivor")
}

func TestStartIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRetentionTooShort(t *testing.T) {
	_, err := Start(t.Context(), Options{Retention: time.Minute})
	if err == nil || !strings.Contains(err.Error(), "at least 1h") {
		t.Errorf("got %v", err)
	}
}

func TestRetentionFollowsTheOptions(t *testing.T) {
	dir := t.TempDir()
	for _, want := range []time.Duration{defaultRetention, 48 * time.Hour} {
		e, err := Start(t.Context(), Options{Dir: dir, Namespace: "sales", Retention: want})
		if err != nil {
			t.Fatal(err)
		}
		temporal, end := mustConnect(t, e)
		found, err := temporal.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: "sales"})
		if err != nil {
			t.Fatal(err)
		}
		if got := found.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(); got != want {
			t.Errorf("closed workflows are kept for %s, not %s", got, want)
		}
		end()
		e.Stop()
	}
}

// startWaiting starts the wait workflow and returns once its timer is recorded.
func startWaiting(ctx context.Context, fail func(...any), temporal client.Client, id string, long time.Duration) {
	run, err := temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: queue, EnableEagerStart: true}, wait, long)
	if err != nil {
		fail(err)
	}
	events := temporal.GetWorkflowHistory(ctx, id, run.GetRunID(), true, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			fail(err)
		}
		if event.GetEventType() == enums.EVENT_TYPE_TIMER_STARTED {
			return
		}
	}
	fail("the workflow started no timer")
}

func expectWoken(t *testing.T, e *Engine, id string) {
	t.Helper()
	temporal, end := mustConnect(t, e)
	defer end()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var got string
	if err := temporal.GetWorkflow(ctx, id, "").Get(ctx, &got); err != nil || got != "woken" {
		t.Errorf("workflow %s ended with %q, %v", id, got, err)
	}
}
