package replay

import (
	"errors"
	"time"

	"runrun/domain/ops"
	"runrun/domain/temporal"
)

// Config selects the histories to replay.
type Config struct {
	Query  string        `env:"REPLAY_QUERY" help:"Replay only workflows of this query of the list of workflows, beside the kinds below: ProductIds = \"prd_…\"."`
	Sample int           `env:"REPLAY_SAMPLE" default:"50" help:"Most histories of each kind, the newest first: of orders for each status, and of every other type of workflow."`
	Since  time.Duration `env:"REPLAY_SINCE" default:"72h" help:"Of workflows that have ended, those that ended within this time; open ones are always replayed."`

	Ops      ops.Config      `embed:""`
	Temporal temporal.Config `embed:""`
}

// maxSample bounds the histories of one kind: each is fetched whole.
const maxSample = 1000

// Validate reports everything that is wrong with the configuration, at once.
func (c Config) Validate() error {
	errs := []error{c.Ops.Validate(), c.Temporal.Validate()}
	if c.Sample < 1 || c.Sample > maxSample {
		errs = append(errs, errors.New("sample: 1 to 1000"))
	}
	if c.Since < 0 {
		errs = append(errs, errors.New("since: must not be negative"))
	}
	return errors.Join(errs...)
}
