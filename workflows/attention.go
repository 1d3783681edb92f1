package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// raise tells support staff that this order needs them: in the Web UI at once, in the row as far as the database answers.
func (o *order) raise(ctx workflow.Context, reason domain.Attention, trouble string) {
	o.trouble = trouble
	if o.view.Attention == reason {
		workflow.SetCurrentDetails(ctx, o.details())
		return
	}
	o.view.Attention = reason
	o.show(ctx)
	o.mark(ctx, reason)
}

// calm takes the mark off again.
func (o *order) calm(ctx workflow.Context) {
	o.trouble = ""
	if o.view.Attention == domain.NoAttention {
		return
	}
	o.view.Attention = domain.NoAttention
	o.show(ctx)
	o.mark(ctx, domain.NoAttention)
}

// mark writes the attention into the order's row. It is tried for a while and then left: the search attribute is what staff
// filter on, and the database may be the very thing that fails.
func (o *order) mark(ctx workflow.Context, reason domain.Attention) {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		Summary:                "Mark the order for support staff",
		TaskQueue:              OrdersQueue,
		StartToCloseTimeout:    visibleLimit,
		ScheduleToCloseTimeout: o.in.AttentionAfter,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: 15 * time.Second},
	})
	err := workflow.ExecuteActivity(ctx, OrderActivities.SetAttention, AttentionInput{OrderID: o.in.OrderID, Attention: reason}).Get(ctx, nil)
	if err != nil {
		o.log.Warn("attention not written into the row", "error", err)
	}
}

// awaitRetry waits until staff ask to try again, or a pause that doubles from AttentionAfter to an hour is over.
// The error is that of a canceled context.
func (o *order) awaitRetry(ctx workflow.Context, failures int) error {
	pause := min(o.in.AttentionAfter<<min(failures, 12), longestPause)
	return o.awaitNext(ctx, pause, "Next try (or send the update "+RetryUpdate+")")
}

// awaitNext waits for a pause, or for staff to end it.
func (o *order) awaitNext(ctx workflow.Context, pause time.Duration, summary string) error {
	asked := o.retries
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: pause, TimerOptions: workflow.TimerOptions{Summary: summary},
	}, func() bool { return o.retries > asked })
	return err
}

// details is what support staff read on the workflow's page.
func (o *order) details() string {
	text := fmt.Sprintf("**%s** %s\n\n%s, %s", o.view.Status, o.view.Reason, o.in.Name, o.in.Due)
	if !o.view.PayBy.IsZero() && o.view.Status == domain.Held {
		text += ", to be paid by " + o.view.PayBy.UTC().Format(time.RFC3339)
	}
	if o.view.Attention != domain.NoAttention {
		text += fmt.Sprintf("\n\n**%s**: %s\n\nIt is tried again by itself. Send the update `%s` to try now.", o.view.Attention, o.trouble, RetryUpdate)
	}
	return text
}
