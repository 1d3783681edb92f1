package pool

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"runrun/activities/gateway"
	"runrun/activities/mailer"
	"runrun/activities/reserve"
	"runrun/activities/stocklock"
	"runrun/domain/ops"
	"runrun/domain/redis"
	"runrun/domain/store"
	"runrun/domain/temporal"
	"runrun/workflows"
)

// Config is everything a worker process can be told, by flag or by environment.
type Config struct {
	Queues      []string      `env:"QUEUES" default:"orders,payments,mails" help:"Task queues to serve: orders (workflows and database steps), payments (the gateway), mails (the mail server)."`
	Listen      string        `env:"WORKER_LISTEN" default:"127.0.0.1:8081" help:"Address of /livez, /readyz and /metrics; port 0 picks a free one."`
	DrainDelay  time.Duration `env:"DRAIN_DELAY" default:"0s" help:"How long work is still taken after SIGTERM while /readyz says 503."`
	StopTimeout time.Duration `env:"STOP_TIMEOUT" default:"20s" help:"How long running activities may finish after SIGTERM."`

	GatesEvery time.Duration `env:"GATES_EVERY" default:"10s" help:"How often the gates are compared with the database."`

	DeploymentName string `env:"TEMPORAL_DEPLOYMENT_NAME" help:"Worker deployment, for versioned deploys; empty is unversioned."`
	BuildID        string `env:"TEMPORAL_WORKER_BUILD_ID" help:"Build of the worker deployment; empty is the version of this program."`

	Capacity  CapacityConfig     `embed:""`
	Reconcile ReconcileConfig    `embed:""`
	Orders    workflows.Settings `embed:""`

	Ops      ops.Config       `embed:""`
	Store    store.Config     `embed:""`
	Redis    redis.Config     `embed:""`
	Temporal temporal.Config  `embed:""`
	Lock     stocklock.Config `embed:""`
	Combiner reserve.Config   `embed:""`
	Gateway  gateway.Config   `embed:""`
	Mailer   mailer.Config    `embed:""`
}

// queues are those that there are.
var queues = []string{workflows.OrdersQueue, workflows.PaymentsQueue, workflows.MailsQueue}

// Validate reports everything that is wrong with the configuration, at once.
func (c Config) Validate() error {
	errs := []error{
		c.Ops.Validate(), c.Store.Validate(), c.Redis.Validate(), c.Temporal.Validate(), c.Lock.Validate(), c.Combiner.Validate(),
		c.Gateway.Validate(), c.Capacity.Validate(), c.Orders.Validate(), c.Reconcile.Validate(), c.Mailer.Validate(),
	}
	if c.Gateway.SecretKey == "" && slices.Contains(c.Queues, workflows.PaymentsQueue) {
		errs = append(errs, fmt.Errorf("pg-secret-key: the queue %s cannot be served without", workflows.PaymentsQueue))
	}
	for _, queue := range c.Queues {
		if !slices.Contains(queues, queue) {
			errs = append(errs, fmt.Errorf("queues: %q is none of %s", queue, strings.Join(queues, ", ")))
		}
	}
	if unique := slices.Compact(slices.Sorted(slices.Values(c.Queues))); len(unique) != len(c.Queues) {
		errs = append(errs, errors.New("queues: each at most once"))
	}
	if len(c.Queues) == 0 {
		errs = append(errs, errors.New("queues: at least one"))
	}
	if c.GatesEvery <= 0 || c.StopTimeout <= 0 || c.DrainDelay < 0 {
		errs = append(errs, errors.New("gates-every, stop-timeout: must be positive; drain-delay: must not be negative"))
	}
	if c.Lock.Lease <= c.Combiner.BatchLimit {
		errs = append(errs,
			fmt.Errorf("lock-lease (%s) must be longer than reserve-limit (%s), or two workers decide at once", c.Lock.Lease, c.Combiner.BatchLimit))
	}
	if c.Gateway.Limit >= workflows.GatewayLimit {
		errs = append(errs, fmt.Errorf("pg-limit (%s) must be shorter than the activity's limit (%s)", c.Gateway.Limit, workflows.GatewayLimit))
	}
	if c.DeploymentName == "" && c.BuildID != "" {
		errs = append(errs, errors.New("deployment-name: needed with build-id"))
	}
	if !c.Ops.PublicKeys(c.exposed()) {
		if c.Store.DataKey == store.DevelopmentDataKey {
			errs = append(errs, errors.New("data-key: the development key is public; set DATA_KEY, or RUNRUN_ENV=development"))
		}
		if c.Gateway.SecretKey == gateway.DevelopmentSecretKey && c.asksTheGateway() {
			errs = append(errs, errors.New("pg-secret-key: this is the mock's; set PG_SECRET_KEY, or RUNRUN_ENV=development"))
		}
	}
	return errors.Join(errs...)
}

// asksTheGateway reports whether a queue is served from which the gateway is asked.
func (c Config) asksTheGateway() bool {
	return slices.Contains(c.Queues, workflows.OrdersQueue) || slices.Contains(c.Queues, workflows.PaymentsQueue)
}

// EagerStarts is how many orders an API in the same process may hand to the pool at once, as it starts them: half of the workflow tasks
// that run at once, so that payments, which are polled for, are not kept waiting by a rush of new orders.
func (c Config) EagerStarts() int64 {
	if !slices.Contains(c.Queues, workflows.OrdersQueue) {
		return 0
	}
	return int64(c.Capacity.workflows() / 2)
}

// exposed reports whether others can reach the process, or it is connected to what is not on this machine.
func (c Config) exposed() bool {
	return !ops.Loopback(c.Listen) || !ops.Loopback(c.Gateway.URL) || !ops.Loopback(c.Temporal.Address) || !ops.Loopback(c.Redis.Addr) ||
		!c.Store.Local()
}
