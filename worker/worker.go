package worker

import (
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/dealwright/dealwright/activities"
	"github.com/dealwright/dealwright/workflows"
)

// stickyDeals bounds the cached workflows of one process: about 80 KB each.
const stickyDeals = 2000

// New makes the worker that runs every loop and what the loops call.
func New(c client.Client, a *activities.Activities) sdk.Worker {
	sdk.SetStickyWorkflowCacheSize(stickyDeals)
	w := sdk.New(c, Queue, sdk.Options{
		// The long activities, one for each mailbox and outbox, hold a slot each.
		MaxConcurrentActivityExecutionSize:      1000,
		MaxConcurrentLocalActivityExecutionSize: 64,
		WorkerStopTimeout:                       5 * time.Second,
		MaxHeartbeatThrottleInterval:            2 * time.Second,
		DefaultHeartbeatThrottleInterval:        2 * time.Second,
	})
	w.RegisterWorkflowWithOptions(workflows.Deal, workflow.RegisterOptions{Name: workflows.DealName})
	w.RegisterWorkflowWithOptions(workflows.Mailbox, workflow.RegisterOptions{Name: workflows.MailboxName})
	w.RegisterWorkflowWithOptions(workflows.Outbox, workflow.RegisterOptions{Name: workflows.OutboxName})
	w.RegisterActivityWithOptions(a.Advance, activity.RegisterOptions{Name: workflows.AdvanceName})
	w.RegisterActivityWithOptions(a.ReadMailbox, activity.RegisterOptions{Name: workflows.ReadMailboxName})
	w.RegisterActivityWithOptions(a.EmptyOutbox, activity.RegisterOptions{Name: workflows.EmptyOutboxName})
	return w
}
