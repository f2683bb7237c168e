// Package workflows holds the durable loops: a deal's, a mailbox's and an
// outbox's. They hold no sales logic and do no I/O; they stay small so that
// histories recorded years ago still replay.
package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Names that histories carry; they never change.
const (
	DealName    = "Deal"
	MailboxName = "Mailbox"
	OutboxName  = "Outbox"

	// Nudge is the signal that tells a deal of new inputs in its store.
	Nudge = "nudge"
	// Take is the update that answers once the deal has taken its inputs.
	Take = "take"

	AdvanceName     = "Advance"
	ReadMailboxName = "ReadMailbox"
	EmptyOutboxName = "EmptyOutbox"
)

// DealID is the id of a deal's workflow.
func DealID(deal string) string { return "deal/" + deal }

// DealArgs starts a deal's workflow. Nothing personal is in it.
type DealArgs struct {
	Deal string `json:"deal"`
	// Wake is the timer carried over a continue-as-new; zero: advance at once.
	Wake time.Time `json:"wake,omitzero"`
}

// Advanced is what the local activity Advance answers.
type Advanced struct {
	// Wake is the wall time to advance again at; zero: nothing is due.
	Wake time.Time `json:"wake,omitzero"`
	// Closed says that the deal waits for nothing any more.
	Closed bool `json:"closed,omitempty"`
}

// Deal lives as long as a deal does. Each input and each due timer runs one
// local activity, which commits all there is to commit; the loop only keeps
// order and one timer.
func Deal(ctx workflow.Context, args DealArgs) error {
	loop := &dealLoop{deal: args.Deal, wake: args.Wake, asked: 1}
	if !args.Wake.IsZero() {
		loop.asked = 0
	}
	if err := workflow.SetUpdateHandler(ctx, Take, loop.take); err != nil {
		return err
	}
	nudges := workflow.GetSignalChannel(ctx, Nudge)
	for {
		for nudges.ReceiveAsync(nil) {
			loop.asked++
		}
		if loop.asked > loop.answered {
			if err := loop.advance(ctx); err != nil {
				return err
			}
			continue
		}
		if loop.closed && workflow.AllHandlersFinished(ctx) {
			return nil
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() && workflow.AllHandlersFinished(ctx) {
			return workflow.NewContinueAsNewError(ctx, Deal, DealArgs{Deal: args.Deal, Wake: loop.wake})
		}
		if err := loop.wait(ctx, nudges); err != nil {
			return err
		}
	}
}

type dealLoop struct {
	deal     string
	wake     time.Time
	closed   bool
	asked    int // how often somebody asked to advance
	answered int // the asking that the last finished advance covers

	timer  workflow.Future
	fires  time.Time
	disarm workflow.CancelFunc
}

// take asks for an advance and waits for one that began after the asking.
func (l *dealLoop) take(ctx workflow.Context) error {
	l.asked++
	mine := l.asked
	return workflow.Await(ctx, func() bool { return l.answered >= mine })
}

func (l *dealLoop) advance(ctx workflow.Context) error {
	covers := l.asked
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 10 * time.Second,
		// The store may be away for long; a deal is never given up.
		ScheduleToCloseTimeout: 10 * 365 * 24 * time.Hour,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: time.Minute,
		},
	})
	var done Advanced
	if err := workflow.ExecuteLocalActivity(ctx, AdvanceName, l.deal).Get(ctx, &done); err != nil {
		return err
	}
	l.wake, l.closed, l.answered = done.Wake, done.Closed && done.Wake.IsZero(), covers
	return nil
}

// wait returns when there is something to do: an input, a due timer, or an
// update that came in. An armed timer that is too early is left to run: that
// costs fewer events than to cancel it.
func (l *dealLoop) wait(ctx workflow.Context, nudges workflow.ReceiveChannel) error {
	l.arm(ctx)
	err := workflow.Await(ctx, func() bool {
		return l.asked > l.answered || nudges.Len() > 0 || (l.timer != nil && l.timer.IsReady()) ||
			(l.closed && workflow.AllHandlersFinished(ctx))
	})
	if err != nil {
		return err
	}
	if l.timer != nil && l.timer.IsReady() {
		l.timer = nil
		if !l.wake.IsZero() && !workflow.Now(ctx).Before(l.wake) {
			l.asked++
		}
	}
	return nil
}

// arm sees to it that a timer runs that fires no later than the next wake.
func (l *dealLoop) arm(ctx workflow.Context) {
	if l.wake.IsZero() {
		return
	}
	if l.timer != nil {
		if !l.wake.Before(l.fires) {
			return
		}
		l.disarm()
	}
	timerCtx, disarm := workflow.WithCancel(ctx)
	l.fires, l.disarm = l.wake, disarm
	l.timer = workflow.NewTimer(timerCtx, max(l.wake.Sub(workflow.Now(ctx)), time.Millisecond))
}
