package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/dealwright/dealwright/workflows"
)

// advances plays the local activity: each call answers the next of a list, the
// last for ever.
type advances struct {
	answers []workflows.Advanced
	at      []time.Time // workflow time of each call
}

func (a *advances) on(env *testsuite.TestWorkflowEnvironment) {
	env.RegisterActivityWithOptions(func(context.Context, string) (workflows.Advanced, error) {
		a.at = append(a.at, env.Now())
		i := min(len(a.at), len(a.answers)) - 1
		return a.answers[i], nil
	}, activity.RegisterOptions{Name: workflows.AdvanceName})
}

func environment(t *testing.T) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC))
	return env
}

func TestDealAdvancesAtOnceAndEndsWhenClosed(t *testing.T) {
	env := environment(t)
	a := &advances{answers: []workflows.Advanced{{Closed: true}}}
	a.on(env)
	env.ExecuteWorkflow(workflows.Deal, workflows.DealArgs{Deal: "d"})
	if err := env.GetWorkflowError(); err != nil || !env.IsWorkflowCompleted() {
		t.Fatalf("completed %v, error %v", env.IsWorkflowCompleted(), err)
	}
	if len(a.at) != 1 {
		t.Fatalf("advanced %d times, want once", len(a.at))
	}
}

func TestDealWakesWhenSomethingIsDue(t *testing.T) {
	env := environment(t)
	due := env.Now().Add(180 * 24 * time.Hour)
	a := &advances{answers: []workflows.Advanced{{Wake: due}, {Closed: true}}}
	a.on(env)
	env.ExecuteWorkflow(workflows.Deal, workflows.DealArgs{Deal: "d"})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if len(a.at) != 2 || a.at[1].Before(due) {
		t.Fatalf("advanced at %v, want the second time not before %v", a.at, due)
	}
}

func TestDealTakesANudgeBeforeItsTimer(t *testing.T) {
	env := environment(t)
	start := env.Now()
	a := &advances{answers: []workflows.Advanced{{Wake: start.Add(48 * time.Hour)}, {Closed: true}}}
	a.on(env)
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.Nudge, nil) }, time.Hour)
	env.ExecuteWorkflow(workflows.Deal, workflows.DealArgs{Deal: "d"})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if len(a.at) != 2 || a.at[1].After(start.Add(2*time.Hour)) {
		t.Fatalf("advanced at %v, want the second time after an hour", a.at)
	}
}

// An earlier timer is left to run when the next wake moves away: when it fires,
// nothing is advanced before its time.
func TestDealLeavesAnEarlierTimerRunning(t *testing.T) {
	env := environment(t)
	start := env.Now()
	a := &advances{answers: []workflows.Advanced{
		{Wake: start.Add(24 * time.Hour)}, {Wake: start.Add(72 * time.Hour)}, {Closed: true},
	}}
	a.on(env)
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.Nudge, nil) }, time.Hour)
	env.ExecuteWorkflow(workflows.Deal, workflows.DealArgs{Deal: "d"})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if len(a.at) != 3 || a.at[2].Before(start.Add(72*time.Hour)) {
		t.Fatalf("advanced at %v, want the third time not before %v", a.at, start.Add(72*time.Hour))
	}
}

func TestDealTakesAnEarlierWake(t *testing.T) {
	env := environment(t)
	start := env.Now()
	a := &advances{answers: []workflows.Advanced{
		{Wake: start.Add(72 * time.Hour)}, {Wake: start.Add(24 * time.Hour)}, {Closed: true},
	}}
	a.on(env)
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.Nudge, nil) }, time.Hour)
	env.ExecuteWorkflow(workflows.Deal, workflows.DealArgs{Deal: "d"})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if len(a.at) != 3 || a.at[2].After(start.Add(25*time.Hour)) {
		t.Fatalf("advanced at %v, want the third time after a day", a.at)
	}
}

// An update answers only after an advance that began after it came.
func TestTakeAnswersAfterAnAdvance(t *testing.T) {
	env := environment(t)
	a := &advances{answers: []workflows.Advanced{{}, {Closed: true}}}
	a.on(env)
	answered := -1
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.Take, "u", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { t.Error(err) },
			OnComplete: func(_ any, err error) {
				if err != nil {
					t.Error(err)
				}
				answered = len(a.at)
			},
		})
	}, time.Hour)
	env.ExecuteWorkflow(workflows.Deal, workflows.DealArgs{Deal: "d"})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if answered != 2 {
		t.Fatalf("the update was answered after %d advances, want 2", answered)
	}
}

func TestDealOutlivesAStoreThatIsAway(t *testing.T) {
	env := environment(t)
	calls := 0
	env.RegisterActivityWithOptions(func(context.Context, string) (workflows.Advanced, error) {
		if calls++; calls < 20 {
			return workflows.Advanced{}, errors.New("the database is away")
		}
		return workflows.Advanced{Closed: true}, nil
	}, activity.RegisterOptions{Name: workflows.AdvanceName})
	env.ExecuteWorkflow(workflows.Deal, workflows.DealArgs{Deal: "d"})
	if err := env.GetWorkflowError(); err != nil || calls != 20 {
		t.Fatalf("after %d calls: %v", calls, err)
	}
}

func TestLoopsEndWhenNothingIsLeftToKeepAlive(t *testing.T) {
	tests := []struct {
		name, activity string
		run            func(*testsuite.TestWorkflowEnvironment)
	}{
		{"mailbox", workflows.ReadMailboxName, func(env *testsuite.TestWorkflowEnvironment) {
			env.ExecuteWorkflow(workflows.Mailbox, workflows.MailboxArgs{Company: "c", Mailbox: "m"})
		}},
		{"outbox", workflows.EmptyOutboxName, func(env *testsuite.TestWorkflowEnvironment) {
			env.ExecuteWorkflow(workflows.Outbox, workflows.OutboxArgs{Company: "c"})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env := environment(t)
			runs := 0
			env.RegisterActivityWithOptions(func(context.Context, map[string]string) (bool, error) {
				runs++
				return runs < 5, nil
			}, activity.RegisterOptions{Name: tt.activity})
			tt.run(env)
			if err := env.GetWorkflowError(); err != nil || runs != 5 {
				t.Fatalf("after %d runs: %v", runs, err)
			}
		})
	}
}

func TestLoopsBeginANewHistoryInTime(t *testing.T) {
	env := environment(t)
	env.RegisterActivityWithOptions(func(context.Context, map[string]string) (bool, error) { return true, nil },
		activity.RegisterOptions{Name: workflows.ReadMailboxName})
	env.ExecuteWorkflow(workflows.Mailbox, workflows.MailboxArgs{Company: "c", Mailbox: "m"})
	if err := env.GetWorkflowError(); !workflow.IsContinueAsNewError(err) {
		t.Fatalf("ended with %v, want a new history", err)
	}
}
