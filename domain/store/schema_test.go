package store_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

var update = flag.Bool("update", false, "write the diagram of the schema anew")

const diagramFile = "SCHEMA.md"

// parents are the tables that columns point to, by the column.
var parents = map[string]string{
	"user_id": "users", "seller_id": "users", "brand_id": "brands", "product_id": "products", "order_id": "orders", "category_id": "categories",
	"parent_id": "categories", "default_address_id": "addresses",
}

// The diagram shows the schema as the migrations make it: whoever changes it runs this test with -update.
func TestTheDiagramOfTheSchemaIsCurrent(t *testing.T) {
	got := diagram(t, storetest.Open(t, storetest.SQLite(t)))
	if *update {
		if err := os.WriteFile(diagramFile, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(diagramFile)
	if err != nil || string(want) != got {
		t.Errorf("%s is not current (%v): go test ./domain/store -run TestTheDiagram -update", diagramFile, err)
	}
}

// diagram draws the migrated schema as a mermaid ER diagram.
func diagram(t *testing.T, s *store.Store) string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), `SELECT m.name, c.name, c.type, c.pk > 0 FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var tables, relations []string
	columns := map[string][]string{}
	for rows.Next() {
		var table, column, kind string
		var key bool
		if err := rows.Scan(&table, &column, &kind, &key); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(tables, table) {
			tables = append(tables, table)
		}
		mark := ""
		if key {
			mark = " PK"
		}
		if parent := parents[column]; parent != "" {
			if mark == "" {
				mark = " FK"
			} else {
				mark += ", FK"
			}
			relations = append(relations, fmt.Sprintf("    %s ||--o{ %s : %s", parent, table, column))
		}
		columns[table] = append(columns[table], fmt.Sprintf("        %s %s%s", strings.ToLower(kind), column, mark))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(tables) < 15 {
		t.Fatalf("only %d tables", len(tables))
	}
	var b strings.Builder
	b.WriteString("# The schema\n\n" +
		"Drawn by a test from the migrated SQLite schema; MySQL's has the same tables, columns and keys, which another test\n" +
		"compares. Relations are by name: there are no foreign keys, since a hot product's rows would lock each other.\n" +
		"Columns of type blob are encrypted personal data; times are milliseconds since 1970.\n\n```mermaid\nerDiagram\n")
	for _, table := range tables {
		fmt.Fprintf(&b, "    %s {\n%s\n    }\n", table, strings.Join(columns[table], "\n"))
	}
	slices.Sort(relations)
	b.WriteString(strings.Join(relations, "\n") + "\n```\n")
	return b.String()
}
