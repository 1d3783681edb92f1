package workflows

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// Limits of a quick step. The local activity is invisible while it runs, so it gets little time.
const (
	fastLimit    = 4 * time.Second
	visibleLimit = 30 * time.Second
	longestPause = time.Hour
)

// stepOptions is how a step is run and shown.
type stepOptions struct {
	summary   string
	tries     int32 // as a local activity
	attention domain.Attention
}

// quickStep returns the options of a database step. The Web UI shows summary.
func quickStep(summary string) stepOptions {
	return stepOptions{summary: summary, tries: 2, attention: domain.AttentionStepFailing}
}

// raises sets the attention that is raised when the step does not finish.
func (m stepOptions) raises(reason domain.Attention) stepOptions {
	m.attention = reason
	return m
}

// step runs a quick database step: fast, then visible, then with attention. First as a local activity, which costs one
// history event; if that does not finish, as a normal activity, which staff see pending and can pause or reset; if that
// fails for AttentionAfter, attention is raised and it is repeated, whenever staff ask and at growing pauses, until it
// succeeds. With ShowSteps it is visible from its beginning. The only errors are that of a canceled context and errLeaving.
func step[A, I, O any](ctx workflow.Context, o *order, m stepOptions, do func(A, context.Context, I) (O, error), in I) (O, error) {
	name := activityName(do)
	var out O
	var err error
	if !o.in.ShowSteps {
		if out, err = fast[O](ctx, m, name, in); err == nil || ctx.Err() != nil {
			return out, ctx.Err()
		}
	}
	for failures := 0; ; failures++ {
		out, err = visible[O](ctx, o, m, name, in)
		if err == nil || ctx.Err() != nil {
			state, isRow := any(&out).(*OrderState)
			if isRow && err == nil {
				o.applyRow(ctx, *state) // clearAttention answers whoever asked for this try, so the row comes first
			}
			o.clearAttention(ctx)
			if isRow {
				state.Attention = o.rowAttention // the row was read before clearAttention wrote it
			}
			return out, ctx.Err()
		}
		o.log.Error("step failing", "step", name, "error", err)
		if err := o.awaitRetry(ctx, m.attention, fmt.Sprintf("%s (%s): %s", m.summary, name, lastMessage(err)), failures); err != nil {
			if !errors.Is(err, errLeaving) {
				o.clearAttention(ctx)
			}
			return out, err
		}
	}
}

// fast runs a step as a local activity.
func fast[O any](ctx workflow.Context, m stepOptions, name string, in any) (out O, err error) {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: fastLimit,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 100 * time.Millisecond, MaximumAttempts: m.tries},
		Summary:                m.summary,
	})
	err = workflow.ExecuteLocalActivity(ctx, name, in).Get(ctx, &out)
	return out, err
}

// visible runs a step as a normal activity under a stable id, by which staff can name it.
func visible[O any](ctx workflow.Context, o *order, m stepOptions, name string, in any) (out O, err error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID:             name,
		Summary:                m.summary,
		TaskQueue:              OrdersQueue,
		StartToCloseTimeout:    visibleLimit,
		ScheduleToCloseTimeout: o.in.AttentionAfter,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: 15 * time.Second},
	})
	err = workflow.ExecuteActivity(ctx, name, in).Get(ctx, &out)
	return out, err
}

// activityName is the name under which the worker registers a method: the activity's type.
func activityName(method any) string {
	full := runtime.FuncForPC(reflect.ValueOf(method).Pointer()).Name()
	return full[strings.LastIndex(full, ".")+1:]
}
