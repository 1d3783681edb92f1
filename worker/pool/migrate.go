package pool

import (
	"context"
	"errors"
	"fmt"
	"io"

	"runrun/domain/ops"
	"runrun/domain/store"
)

// MigrateConfig is what a migration needs to know.
type MigrateConfig struct {
	Ops   ops.Config   `embed:""`
	Store store.Config `embed:""`
}

// Validate reports everything that is wrong with the configuration, at once.
func (c MigrateConfig) Validate() error { return errors.Join(c.Ops.Validate(), c.Store.Validate()) }

// Migrate brings the schema up to date, as every process does at its start; for a deploy that does it first. It waits for the database.
func Migrate(ctx context.Context, cfg MigrateConfig, out io.Writer) error {
	var health ops.Health
	err := health.Await(ctx, "database", func(ctx context.Context) error {
		opened, err := store.Open(ctx, cfg.Store)
		if err != nil {
			return err
		}
		return errors.Join(opened.Migrate(ctx), opened.Close())
	})
	if err == nil {
		_, err = fmt.Fprintln(out, "The schema is that of this build, or newer.")
	}
	return err
}
