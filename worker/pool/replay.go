package pool

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"runrun/domain/ops"
	shoptemporal "runrun/domain/temporal"
	"runrun/worker/replay"
	"runrun/workflows"
)

// replays replay the cluster's histories on this build.
type replays struct {
	temporal shoptemporal.Config
	ops      ops.Config
}

var _ workflows.ReplayActivities = (*replays)(nil)

// Sample and age of the histories if the input names none.
const (
	usualSample = 50
	usualSince  = 72 * time.Hour
)

// ReplayHistories is the replay check of a rollout.
func (r *replays) ReplayHistories(ctx context.Context, in workflows.ReplayInput) (string, error) {
	cfg := replay.Config{Sample: usualSample, Since: usualSince, Ops: r.ops, Temporal: r.temporal}
	if in.Sample > 0 {
		cfg.Sample = in.Sample
	}
	if in.Since != "" {
		var err error
		if cfg.Since, err = time.ParseDuration(in.Since); err != nil {
			return "", temporal.NewNonRetryableApplicationError("since: "+err.Error(), workflows.ReplayFailed, err)
		}
	}
	var report strings.Builder
	err := replay.Run(ctx, cfg, RegisterWorkflows, &report)
	switch {
	case errors.Is(err, replay.ErrNothing) && in.AllowEmpty:
		return "no histories yet", nil
	case errors.Is(err, replay.ErrDiverges), errors.Is(err, replay.ErrNothing):
		return "", temporal.NewNonRetryableApplicationError(report.String()+err.Error(), workflows.ReplayFailed, err)
	}
	return report.String(), err
}
