package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema to this build's version. Several processes may call it at once. Every migration must leave the
// schema usable by the build before it, so that any order of restarts works.
func (s *Store) Migrate(ctx context.Context) error {
	unlock, err := s.dialect.migrationLock(ctx, s.pool)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer unlock()
	folder, err := fs.Sub(migrations, "migrations/"+s.dialect.name())
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(s.dialect.goose(), s.pool, folder, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
