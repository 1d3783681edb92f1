package pool

import (
	"cmp"
	"fmt"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"runrun/activities"
	"runrun/activities/mailer"
	"runrun/domain/ops"
	"runrun/domain/redis"
	shoptemporal "runrun/domain/temporal"
	"runrun/workflows"
)

// workerOf makes the worker of one task queue, with what is served there.
func (p *Pool) workerOf(queue string) (worker.Worker, error) {
	worker.SetStickyWorkflowCacheSize(p.cfg.Capacity.StickyCache)
	options := p.options(queue)
	switch queue {
	case workflows.OrdersQueue:
		w := worker.New(p.temporal, queue, options)
		RegisterWorkflows(w)
		w.RegisterActivity(activities.NewOrders(p.store, p.combiner, redis.NewGate(p.gateRedis), redis.NewEvents(p.redis)))
		w.RegisterActivity(p.fastPayments())
		w.RegisterActivity(activities.NewGates(p.store, redis.NewGate(p.gateRedis)))
		w.RegisterActivity(activities.NewOrderBooks(p.comparison(true)))
		w.RegisterActivity(&replays{p.sharedTemporal(), p.cfg.Ops})
		return w, nil
	case workflows.PaymentsQueue:
		options.DisableWorkflowWorker = true
		w := worker.New(p.temporal, queue, options)
		w.RegisterActivity(activities.NewPayments(p.gateway))
		w.RegisterActivity(activities.NewPaymentBooks(p.comparison(true), p.gateway))
		return w, nil
	case workflows.MailsQueue:
		options.DisableWorkflowWorker = true
		w := worker.New(p.temporal, queue, options)
		w.RegisterActivity(activities.NewMails(p.store, mailer.New(p.cfg.Mailer)))
		return w, nil
	}
	return nil, fmt.Errorf("queues: %q is not served", queue)
}

// RegisterWorkflows registers every workflow of the shop.
func RegisterWorkflows(r worker.WorkflowRegistry) {
	r.RegisterWorkflow(workflows.OrderWorkflow)
	r.RegisterWorkflow(workflows.RefundWorkflow)
	r.RegisterWorkflow(workflows.GateWorkflow)
	r.RegisterWorkflow(workflows.ReconcileWorkflow)
	r.RegisterWorkflow(workflows.MailWorkflow)
	r.RegisterWorkflow(workflows.ReplayWorkflow)
}

// fastPayments asks the gateway from the queue of orders, if this pool has its key.
func (p *Pool) fastPayments() *activities.FastPayments {
	if p.gateway == nil {
		return activities.NewFastPayments(nil)
	}
	return activities.NewFastPayments(p.gateway)
}

func (p *Pool) options(queue string) worker.Options {
	return worker.Options{
		MaxConcurrentActivityExecutionSize:      p.cfg.Capacity.slots(queue),
		MaxConcurrentLocalActivityExecutionSize: p.cfg.Capacity.slots(queue),
		MaxConcurrentWorkflowTaskExecutionSize:  p.cfg.Capacity.workflows(),
		TaskQueueActivitiesPerSecond:            p.cfg.Capacity.QueueRates[queue],
		WorkflowTaskPollerBehavior:              p.pollers(),
		ActivityTaskPollerBehavior:              p.pollers(),
		WorkerStopTimeout:                       p.cfg.StopTimeout,
		DeploymentOptions:                       p.deployment(),
		OnFatalError: func(err error) {
			select {
			case p.fatal <- fmt.Errorf("worker of %s: %w", queue, err):
			default: // one is enough to end the process
			}
		},
	}
}

// pollers follow the load up to the configured number.
func (p *Pool) pollers() worker.PollerBehavior {
	return worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{
		InitialNumberOfPollers: min(5, p.cfg.Capacity.Pollers), MinimumNumberOfPollers: 2, MaximumNumberOfPollers: p.cfg.Capacity.Pollers,
	})
}

// deployment lets orders move to the next build as soon as it serves: they live for days. The recorded histories make sure
// that it can replay them.
func (p *Pool) deployment() worker.DeploymentOptions {
	if p.cfg.DeploymentName == "" {
		return worker.DeploymentOptions{}
	}
	return worker.DeploymentOptions{
		UseVersioning:             true,
		Version:                   worker.WorkerDeploymentVersion{DeploymentName: p.cfg.DeploymentName, BuildID: p.cfg.build()},
		DefaultVersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	}
}

// build names this program among those of its deployment.
func (c Config) build() string { return cmp.Or(c.BuildID, ops.Version()) }

// sharedTemporal is Temporal by the client of this pool.
func (p *Pool) sharedTemporal() shoptemporal.Config {
	cfg := p.cfg.Temporal
	cfg.Shared = p.temporal
	return cfg
}
