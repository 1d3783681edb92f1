package pool

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// CapacityConfig is how much work a process does concurrently. Defaults depend on the number of CPUs that the process may use: Go reads
// the CPU limit of its container.
type CapacityConfig struct {
	Slots       int                `env:"SLOTS" default:"0" help:"Activities of each queue that run at once; 0 is 200 for each CPU."`
	QueueSlots  map[string]int     `env:"QUEUE_SLOTS" help:"The same for some queues, where it differs: payments=100;mails=20."`
	QueueRates  map[string]float64 `env:"QUEUE_RATES" help:"Activities a second that all workers together take from a queue, so that what is behind it is not overrun: payments=50. Orders need none, and would lose their eager activities."`
	Workflows   int                `name:"workflow-slots" env:"WORKFLOW_SLOTS" default:"0" help:"Workflow tasks that run at once; 0 is 100 for each CPU."`
	Pollers     int                `env:"POLLERS" default:"10" help:"Most pollers of each kind and queue; their number follows the load."`
	StickyCache int                `env:"STICKY_CACHE" default:"10000" help:"Open workflows kept in memory; as many as orders wait for payment."`
}

// How much runs at once for each CPU: activities and workflow tasks wait for databases and services most of the time.
const (
	slotsPerCPU     = 200
	workflowsPerCPU = 100
)

// Validate reports everything that is wrong with the part, at once.
func (c CapacityConfig) Validate() error {
	var errs []error
	if c.Slots < 0 || c.StickyCache < 1 {
		errs = append(errs, errors.New("slots: must not be negative; sticky-cache: must be positive"))
	}
	if c.Workflows != 0 && c.Workflows < 2 || c.Pollers < 2 {
		errs = append(errs, errors.New("workflow-slots, pollers: at least 2"))
	}
	for queue, slots := range c.QueueSlots {
		if slots < 1 || !slices.Contains(queues, queue) {
			errs = append(errs, fmt.Errorf("queue-slots: %s=%d: want at least 1, of %s", queue, slots, strings.Join(queues, ", ")))
		}
	}
	for queue, rate := range c.QueueRates {
		if rate <= 0 || !slices.Contains(queues, queue) {
			errs = append(errs, fmt.Errorf("queue-rates: %s=%v: want more than 0, of %s", queue, rate, strings.Join(queues, ", ")))
		}
	}
	return errors.Join(errs...)
}

// slots is how many activities of a queue run at once.
func (c CapacityConfig) slots(queue string) int {
	if slots, set := c.QueueSlots[queue]; set {
		return slots
	}
	if c.Slots > 0 {
		return c.Slots
	}
	return slotsPerCPU * runtime.GOMAXPROCS(0)
}

// workflows is how many workflow tasks run at once.
func (c CapacityConfig) workflows() int {
	if c.Workflows > 0 {
		return c.Workflows
	}
	return workflowsPerCPU * runtime.GOMAXPROCS(0)
}
