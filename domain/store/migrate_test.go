package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

func TestMigrateTwiceAndAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		together(4, func(int) {
			if err := s.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	})
}

// The two dialects must describe one schema: the same tables, columns, nullability and unique keys.
func TestBothDialectsHaveTheSameSchema(t *testing.T) {
	lite := sqliteSchema(t, storetest.Open(t, storetest.SQLite(t)))
	maria := mysqlSchema(t, storetest.Open(t, storetest.MySQL(t)))
	if len(lite) < 60 {
		t.Fatalf("the description of the schema has only %d lines", len(lite))
	}
	if diff := cmp.Diff(maria, lite); diff != "" {
		t.Errorf("schemas (-mysql +sqlite):\n%s", diff)
	}
}

func sqliteSchema(t *testing.T, s *store.Store) []string {
	return describe(t, s,
		`SELECT m.name, c.name, CASE WHEN c."notnull" = 1 THEN 'NOT NULL' ELSE 'NULL' END FROM sqlite_master m, pragma_table_info(m.name) c
		 WHERE m.type = 'table' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%'`,
		`SELECT m.name, CASE WHEN i.origin = 'pk' THEN 'PRIMARY' ELSE i.name END, i."unique" || ' ' || group_concat(k.name, ',')
		 FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) k
		 WHERE m.type = 'table' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%' GROUP BY m.name, i.name, i."unique", i.origin`)
}

func mysqlSchema(t *testing.T, s *store.Store) []string {
	return describe(
		t,
		s,
		`SELECT table_name, column_name, IF(is_nullable = 'NO', 'NOT NULL', 'NULL') FROM information_schema.columns
		 WHERE table_schema = DATABASE() AND table_name NOT LIKE 'goose%'`,
		`SELECT table_name, index_name, CONCAT(1 - non_unique, ' ', GROUP_CONCAT(column_name ORDER BY seq_in_index)) FROM information_schema.statistics
		 WHERE table_schema = DATABASE() AND table_name NOT LIKE 'goose%' GROUP BY table_name, index_name, non_unique`,
	)
}

// describe turns the rows of the queries into sorted lines.
func describe(t *testing.T, s *store.Store, queries ...string) []string {
	t.Helper()
	var lines []string
	for _, query := range queries {
		rows, err := s.DB().QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var table, name, what string
			if err := rows.Scan(&table, &name, &what); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, strings.ToLower(fmt.Sprintf("%s.%s %s", table, name, what)))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(lines)
	return lines
}
