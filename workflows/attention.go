package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// awaitRetry raises attention and waits until staff ask to try again, or a pause that doubles from AttentionAfter to an hour
// is over. The error is that of a canceled context, or errLeaving.
func (o *order) awaitRetry(ctx workflow.Context, reason domain.Attention, detail string, failures int) error {
	asked := o.retries // read before attention is raised, so that a retry sent right afterwards still counts
	o.raiseAttention(ctx, reason, detail)
	pause := min(o.in.AttentionAfter<<min(failures, 12), longestPause)
	if err := o.awaitNext(ctx, asked, pause, "Next try (or send the update "+RetryUpdate+")"); err != nil {
		return err
	}
	if o.mustLeave(ctx) {
		return errLeaving
	}
	return nil
}

// countTry counts a failed try while attention is raised. Handlers of retry wait for this count to rise.
func (o *order) countTry() {
	if o.view.Attention != domain.AttentionNone {
		o.tries++
	}
}

// raiseAttention tells support staff that this order needs them: in the Web UI at once, in the row as far as the database answers.
func (o *order) raiseAttention(ctx workflow.Context, reason domain.Attention, detail string) {
	o.view.AttentionDetail = detail
	o.countTry()
	o.failures++
	if o.view.Attention != reason {
		o.view.Attention, o.attentionSince = reason, workflow.Now(ctx)
		o.updateVisibility(ctx)
	} else {
		o.updatePage(ctx)
	}
	o.persistAttention(ctx, reason)
}

// clearAttention takes the mark off again, also one that a run before this one left in the row.
func (o *order) clearAttention(ctx workflow.Context) {
	o.view.AttentionDetail, o.failures = "", 0
	if o.view.Attention != domain.AttentionNone {
		o.view.Attention = domain.AttentionNone
		o.updateVisibility(ctx)
	}
	o.persistAttention(ctx, domain.AttentionNone)
}

// persistAttention writes the attention into the order's row, if it is not there, and who asked for the next try. It gives up
// after a while: staff filter on the search attribute, and the database may be the very thing that fails.
func (o *order) persistAttention(ctx workflow.Context, reason domain.Attention) {
	if o.rowAttention == domain.AttentionDifference && reason == domain.AttentionNone {
		reason = domain.AttentionDifference // the reconciliation raised it, and staff resolve it: no step that succeeds does
	}
	if o.rowAttention == reason && o.retryRequest.By == "" {
		return
	}
	in := AttentionInput{OrderID: o.in.OrderID, Attention: reason, By: o.retryRequest.By, Note: o.retryRequest.Note}
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		Summary:                "Mark the order for support staff",
		TaskQueue:              OrdersQueue,
		StartToCloseTimeout:    visibleLimit,
		ScheduleToCloseTimeout: o.in.AttentionAfter,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: 15 * time.Second},
	})
	err := workflow.ExecuteActivity(ctx, OrderActivities.SetAttention, in).Get(ctx, nil)
	if err != nil {
		o.log.Warn("attention not written into the row", "error", err)
		return
	}
	o.rowAttention = in.Attention
	if o.retryRequest.By == in.By {
		o.retryRequest = RetryRequest{}
	}
}

// awaitNext waits until pause has passed, or until o.retries exceeds asked, its value before the wait. The error is that of a
// canceled context.
func (o *order) awaitNext(ctx workflow.Context, asked int, pause time.Duration, summary string) error {
	waiting, cancel := workflow.WithCancel(ctx)
	defer cancel() // a timer that is left running after an early wake costs a task when it fires
	o.nextTry = workflow.Now(ctx).Add(pause)
	o.updatePage(ctx)
	_, err := workflow.AwaitWithOptions(waiting, workflow.AwaitOptions{
		Timeout: pause, TimerOptions: workflow.TimerOptions{Summary: summary},
	}, func() bool { return o.retries > asked })
	o.nextTry = time.Time{}
	if o.retryRequest.By != "" {
		o.persistAttention(ctx, o.view.Attention)
	}
	return err
}
