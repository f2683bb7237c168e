package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/dealwright/dealwright/workflows"
)

// taskTimeout is how soon another worker takes over a deal whose worker died
// in the middle of a step.
const taskTimeout = 5 * time.Second

// Deals starts and nudges the workflows of deals. The input itself is already
// in the store: here is only the knock on the door.
type Deals struct{ Client client.Client }

func (d Deals) options(deal string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       workflows.DealID(deal),
		TaskQueue:                Queue,
		WorkflowTaskTimeout:      taskTimeout,
		EnableEagerStart:         true,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}
}

// Start begins the workflow of a deal that has just been stored.
func (d Deals) Start(ctx context.Context, deal string) error {
	_, err := d.Client.ExecuteWorkflow(ctx, d.options(deal), workflows.DealName, workflows.DealArgs{Deal: deal})
	if err != nil {
		return fmt.Errorf("deal %s: start its workflow: %w", deal, err)
	}
	return nil
}

// Nudge tells a deal of new inputs and starts its workflow if it has none.
func (d Deals) Nudge(ctx context.Context, deal string) error {
	o := d.options(deal)
	o.EnableEagerStart = false
	_, err := d.Client.SignalWithStartWorkflow(ctx, o.ID, workflows.Nudge, nil, o, workflows.DealName, workflows.DealArgs{Deal: deal})
	if err != nil {
		return fmt.Errorf("deal %s: nudge its workflow: %w", deal, err)
	}
	return nil
}

// Take returns once the deal has taken its inputs. A running workflow is
// updated; one that has none is started first.
func (d Deals) Take(ctx context.Context, deal string) error {
	update := client.UpdateWorkflowOptions{
		WorkflowID: workflows.DealID(deal), UpdateName: workflows.Take,
		WaitForStage: client.WorkflowUpdateStageCompleted,
	}
	handle, err := d.Client.UpdateWorkflow(ctx, update)
	if _, none := errors.AsType[*serviceerror.NotFound](err); none {
		o := d.options(deal)
		o.EnableEagerStart = false
		handle, err = d.Client.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
			StartWorkflowOperation: d.Client.NewWithStartWorkflowOperation(o, workflows.DealName, workflows.DealArgs{Deal: deal}),
			UpdateOptions:          update,
		})
	}
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	if err != nil {
		return fmt.Errorf("deal %s: update its workflow: %w", deal, err)
	}
	return nil
}
