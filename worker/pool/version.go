package pool

import (
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
)

// warnOfVersion says so if this build is not the current version of its deployment: until it is, nothing is dispatched to it, and
// nothing else would tell.
func (p *Pool) warnOfVersion() {
	if p.cfg.DeploymentName == "" {
		return
	}
	handle := p.temporal.WorkerDeploymentClient().GetHandle(p.cfg.DeploymentName)
	for {
		described, err := handle.Describe(p.baseCtx, client.WorkerDeploymentDescribeOptions{})
		current := ""
		if err == nil && described.Info.RoutingConfig.CurrentVersion != nil {
			current = described.Info.RoutingConfig.CurrentVersion.BuildID
		}
		if err == nil && current == p.cfg.build() {
			return
		}
		if ramping := described.Info.RoutingConfig.RampingVersion; err != nil || ramping == nil || ramping.BuildID != p.cfg.build() {
			slog.Warn("this build is not the current version of its deployment: orders are not dispatched to it until it is",
				"deployment", p.cfg.DeploymentName, "build", p.cfg.build(), "current", current, "error", err, "run", setCurrent(p.cfg))
		}
		if !p.pauseBeforeVersion() {
			return
		}
	}
}

// pauseBeforeVersion waits until the version is to be looked at again; false once the pool stops.
func (p *Pool) pauseBeforeVersion() bool {
	select {
	case <-p.baseCtx.Done():
		return false
	case <-time.After(versionCheck):
		return true
	}
}

// versionCheck is how often a build that is not current says so.
const versionCheck = time.Minute

// setCurrent is the command that makes this build the current one.
func setCurrent(cfg Config) string {
	return fmt.Sprintf("temporal worker deployment set-current-version --address %s --namespace %s --deployment-name %s --build-id %s",
		cfg.Temporal.Address, cfg.Temporal.Namespace, cfg.DeploymentName, cfg.build())
}
