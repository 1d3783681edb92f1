package store_test

import (
	"strings"
	"testing"

	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// While a new build is rolled out, the build before it runs on the new schema: the columns that it reads keep their types, and a row that
// it writes needs no column that it does not know. A column that is no longer used is dropped one release later.
func TestAMigrationLeavesTheSchemaUsableByTheBuildBefore(t *testing.T) {
	for name, cfg := range map[string]func(testing.TB) store.Config{"sqlite": storetest.SQLite, "mysql": storetest.MySQL} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), cfg(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			last, err := s.Migrations()
			if err != nil {
				t.Fatal(err)
			}
			var before map[string]column
			for version := int64(1); version <= last; version++ {
				if err := s.MigrateTo(t.Context(), version); err != nil {
					t.Fatal(err)
				}
				after := columns(t, s)
				for name, was := range before {
					if is, there := after[name]; !there || is.kind != was.kind {
						t.Errorf("migration %d: %s was %s, and is %q", version, name, was.kind, is.kind)
					}
				}
				for name, is := range after {
					if _, known := before[name]; !known && hasTable(before, name) && is.required {
						t.Errorf("migration %d: %s has no default, and the build before writes none", version, name)
					}
				}
				before = after
			}
			if len(before) < 60 {
				t.Errorf("only %d columns were compared", len(before))
			}
		})
	}
}

// A process of the build before, restarted while the new one serves, leaves the newer schema alone.
func TestANewerSchemaIsLeftAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		storetest.Exec(t, s, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
		if err := s.Migrate(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// column is what a build relies on; required means that a row without it is refused.
type column struct {
	kind     string
	required bool
}

func hasTable(known map[string]column, name string) bool {
	table, _, _ := strings.Cut(name, ".")
	for other := range known {
		if strings.HasPrefix(other, table+".") {
			return true
		}
	}
	return false
}

// columns lists table.column of the schema.
func columns(t *testing.T, s *store.Store) map[string]column {
	t.Helper()
	query := `SELECT m.name, c.name, c.type, c."notnull" = 1 AND c.dflt_value IS NULL AND c.pk = 0 FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%'`
	if s.Dialect() == "mysql" {
		query = `SELECT table_name, column_name, column_type, is_nullable = 'NO' AND column_default IS NULL FROM information_schema.columns
			WHERE table_schema = DATABASE() AND table_name NOT LIKE 'goose%'`
	}
	rows, err := s.DB().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string]column{}
	for rows.Next() {
		var table, name string
		var c column
		if err := rows.Scan(&table, &name, &c.kind, &c.required); err != nil {
			t.Fatal(err)
		}
		all[table+"."+name] = c
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
