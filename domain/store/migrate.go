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
// schema usable by the build before it, so that any order of restarts works; a schema that is newer than this build is left as it is.
// Errors: Unavailable, if the database may answer later.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.migrate(ctx); err != nil {
		return s.classify(fmt.Errorf("migrate: %w", err))
	}
	return nil
}

func (s *Store) migrate(ctx context.Context) error {
	unlock, err := s.dialect.migrationLock(ctx, s.pool)
	if err != nil {
		return err
	}
	defer unlock()
	provider, err := s.migrations()
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// migrations are those of this build, and where the database stands among them.
func (s *Store) migrations() (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, "migrations/"+s.dialect.name())
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(s.dialect.goose(), s.pool, folder, goose.WithLogger(goose.NopLogger()))
}
