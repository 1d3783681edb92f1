package store_test

import (
	"testing"

	"runrun/domain"
	"runrun/domain/store"
)

func TestConfigValidate(t *testing.T) {
	good := store.Config{DSN: "sqlite:" + t.TempDir() + "/x.db", MaxConnections: 2, DataKey: store.DevelopmentDataKey}
	if err := good.Validate(); err != nil {
		t.Fatalf("a good configuration: %v", err)
	}
	for name, spoil := range map[string]func(*store.Config){
		"no database name":     func(c *store.Config) { c.DSN = "root@tcp(127.0.0.1:3306)/" },
		"not a DSN":            func(c *store.Config) { c.DSN = "nonsense" },
		"no file":              func(c *store.Config) { c.DSN = "sqlite:" },
		"memory":               func(c *store.Config) { c.DSN = "sqlite::memory:" },
		"one connection":       func(c *store.Config) { c.MaxConnections = 1 },
		"no key":               func(c *store.Config) { c.DataKey = "" },
		"short key":            func(c *store.Config) { c.DataKey = "1:c2hvcnQ=" },
		"version out of range": func(c *store.Config) { c.DataKey = "300" + store.DevelopmentDataKey[1:] },
	} {
		t.Run(name, func(t *testing.T) {
			bad := good
			spoil(&bad)
			if err := bad.Validate(); domain.CodeOf(err) != domain.CodeValidation {
				t.Errorf("got %v, want VALIDATION", err)
			}
		})
	}
}
