package worker

import (
	"context"
	"fmt"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/workflows"
)

// StartLoops sees to it that each mailbox has its reader and each company its
// sender. Alone says that no other worker can be alive: then a loop left over
// from a killed process is replaced at once, instead of waiting for its
// heartbeat to run out.
func StartLoops(ctx context.Context, c client.Client, companies []*definitions.Company, alone bool) error {
	policy := enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	if alone {
		policy = enums.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING
	}
	start := func(id, name string, args any) error {
		_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID: id, TaskQueue: Queue, WorkflowIDConflictPolicy: policy, WorkflowTaskTimeout: taskTimeout,
		}, name, args)
		if err != nil {
			return fmt.Errorf("start %s: %w", id, err)
		}
		return nil
	}
	for _, company := range companies {
		for _, box := range company.Mailboxes {
			args := workflows.MailboxArgs{Company: company.ID, Mailbox: box.ID}
			if err := start(workflows.MailboxID(company.ID, box.ID), workflows.MailboxName, args); err != nil {
				return err
			}
		}
		if company.SMTP == nil {
			continue
		}
		if err := start(workflows.OutboxID(company.ID), workflows.OutboxName, workflows.OutboxArgs{Company: company.ID}); err != nil {
			return err
		}
	}
	return nil
}
