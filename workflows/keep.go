package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// runsPerHistory is how many runs of the long activity one history holds
// before it begins anew.
const runsPerHistory = 100

// MailboxArgs names a mailbox.
type MailboxArgs struct {
	Company string `json:"company"`
	Mailbox string `json:"mailbox"`
}

// MailboxID is the id of a mailbox's workflow.
func MailboxID(company, mailbox string) string { return "mailbox/" + company + "/" + mailbox }

// Mailbox keeps one reader of a mailbox alive for ever.
func Mailbox(ctx workflow.Context, args MailboxArgs) error {
	return keep(ctx, ReadMailboxName, args, Mailbox)
}

// OutboxArgs names an SMTP account by the company it belongs to.
type OutboxArgs struct {
	Company string `json:"company"`
}

// OutboxID is the id of an outbox's workflow.
func OutboxID(company string) string { return "outbox/" + company }

// Outbox keeps one sender of a company's letters alive for ever.
func Outbox(ctx workflow.Context, args OutboxArgs) error {
	return keep(ctx, EmptyOutboxName, args, Outbox)
}

// keep runs a long activity again and again. The activity returns by itself
// once an hour and when its worker stops; when the worker dies, the missing
// heartbeat hands it to another. It answers false when there is nothing left
// to keep alive, because the company or the mailbox is configured no more.
func keep[A any](ctx workflow.Context, activity string, args A, self func(workflow.Context, A) error) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 2 * time.Hour,
		HeartbeatTimeout:    6 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second,
		},
	})
	for range runsPerHistory {
		var goOn bool
		if err := workflow.ExecuteActivity(ctx, activity, args).Get(ctx, &goOn); err != nil {
			return err
		}
		if !goOn {
			return nil
		}
	}
	return workflow.NewContinueAsNewError(ctx, self, args)
}
