package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// ReplayInput selects the histories that a build has to replay before it gets traffic.
type ReplayInput struct {
	// Sample is how many of each kind at most, the newest first; 0 is 50.
	Sample int `json:"sample,omitempty"`
	// Since is how long ago ended workflows may have ended, as Go writes durations: 72h, which is also what nothing means.
	Since string `json:"since,omitempty"`
	// AllowEmpty lets a cluster pass that has no histories yet.
	AllowEmpty bool `json:"allowEmpty,omitempty"`
}

// ReplayActivities replay histories of the cluster against the build of the worker.
type ReplayActivities interface {
	// ReplayHistories answers what was replayed. A history that cannot be is an error that is not tried again.
	ReplayHistories(ctx context.Context, in ReplayInput) (string, error)
}

// ReplayFailed is the type of the error of a build that cannot replay what there is.
const ReplayFailed = "ReplayFailed"

// replayLimit bounds one run over the sample.
const replayLimit = 30 * time.Minute

// ReplayWorkflow is the replay check of a rollout: whoever rolls out starts it on the new build, and gives the build traffic only if it
// succeeds. Its activity runs on the build on which the workflow runs.
func ReplayWorkflow(ctx workflow.Context, in ReplayInput) (string, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		Summary:             "Replay histories of the cluster on this build",
		StartToCloseTimeout: replayLimit,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: time.Second, MaximumAttempts: 3, NonRetryableErrorTypes: []string{ReplayFailed},
		},
	})
	var report string
	err := workflow.ExecuteActivity(ctx, ReplayActivities.ReplayHistories, in).Get(ctx, &report)
	return report, err
}
