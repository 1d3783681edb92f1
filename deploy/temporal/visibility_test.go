package main

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/testing/freeport"
	sqliteschema "go.temporal.io/server/schema/sqlite"
)

var attributes = map[string]string{"OrderStatus": "Keyword", "ProductIds": "KeywordList", "PayBy": "Datetime"}

// searched starts a server that knows the attributes, with one workflow that has them.
func searched(t *testing.T, cfg Config) client.Client {
	t.Helper()
	cfg.IP, cfg.Namespace, cfg.LogLevel, cfg.Shards, cfg.SearchAttribute = "127.0.0.1", "default", "fatal", 1, attributes
	server, err := startServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.stop)
	if err := server.awaitReady(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := client.Dial(client.Options{HostPort: server.address, Logger: silent{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	_, err = c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "order/1", TaskQueue: "nobody", TypedSearchAttributes: temporal.NewSearchAttributes(
			temporal.NewSearchAttributeKeyKeyword("OrderStatus").ValueSet("HELD"),
			temporal.NewSearchAttributeKeyKeywordList("ProductIds").ValueSet([]string{"prd_a", "prd_b"}),
			temporal.NewSearchAttributeKeyTime("PayBy").ValueSet(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)),
		),
	}, "OrderWorkflow")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every kind of search finds what it should, by an index or without: in a database that is kept, in one that is not, and in
// PostgreSQL.
func TestEveryListIsSearched(t *testing.T) {
	for name, cfg := range map[string]Config{"in memory": {Port: freeport.MustGetFreePort()}, "kept": {Data: t.TempDir()}, "PostgreSQL": {}} {
		t.Run(name, func(t *testing.T) {
			if name == "PostgreSQL" {
				cfg.Postgres = postgresDatabase(t)
			}
			c := searched(t, cfg)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for {
				if list, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{}); err != nil {
					t.Fatal(err)
				} else if len(list.GetExecutions()) == 1 {
					break
				}
			}
			for query, want := range map[string]int64{
				"":                       1,
				`WorkflowId = "order/1"`: 1,
				`WorkflowId = "order/2"`: 0,
				`WorkflowId BETWEEN "order/" AND "order/~"`:            1,
				`WorkflowType = "OrderWorkflow"`:                       1,
				`ExecutionStatus = "Running"`:                          1,
				`OrderStatus = "HELD" AND ExecutionStatus = "Running"`: 1,
				`OrderStatus = "PLACED"`:                               0,
				`ProductIds = "prd_b"`:                                 1,
				`ProductIds = "prd_c"`:                                 0,
				`PayBy < "2026-12-02T00:00:00Z"`:                       1,
				`PayBy IS NULL`:                                        0,
				`TaskQueue = "nobody"`:                                 1, // by no index any more
				`StartTime > "2026-01-01T00:00:00Z"`:                   1,
				`TemporalReportedProblems IS NOT NULL`:                 0,
				`TemporalNamespaceDivision IS NOT NULL`:                0,
			} {
				counted, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
				if err != nil || counted.GetCount() != want {
					t.Errorf("%s: %d, %v; want %d", query, counted.GetCount(), err, want)
				}
			}
		})
	}
}

// Of the indexes those remain that something reads, and a write does not touch the full-text table of attributes that nobody has.
func TestWhatNothingReadsIsDropped(t *testing.T) {
	cfg := Config{Data: t.TempDir()}
	searched(t, cfg)
	columns := map[string]bool{}
	db, err := openBeside(cfg.sqliteConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, row := range read(t, db, visibilityIndexes) {
		columns[row[1]] = true
	}
	for _, column := range readColumns {
		if !columns[column] {
			t.Errorf("the index of %q is gone", column)
		}
		delete(columns, column)
	}
	if len(columns) != 2 { // OrderStatus and PayBy; lists are searched in a full-text table
		t.Errorf("besides those of the list, the columns %v have an index; want a Keyword and a Datetime", columns)
	}
	for _, row := range read(t, db, "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'table')") {
		if strings.Contains(row[1], "fts_text") {
			t.Errorf("%s keeps the full-text table: %s", row[0], row[1])
		}
	}
}

// What searches there will be is not known: nothing is dropped.
func TestWithoutNamedAttributesNothingIsDropped(t *testing.T) {
	cfg := Config{Data: t.TempDir(), Namespace: "default"}
	stored, err := cfg.storage()
	if err != nil {
		t.Fatal(err)
	}
	if err := prepareDatabase(cfg, stored); err != nil {
		t.Fatal(err)
	}
	untouched := Config{Data: t.TempDir()}
	if err := sqliteschema.SetupSchema(untouched.sqliteConfig()); err != nil {
		t.Fatal(err)
	}
	var found [2]int
	for n, cfg := range []Config{cfg, untouched} {
		db, err := openBeside(cfg.sqliteConfig())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		found[n] = len(read(t, db, visibilityIndexes))
	}
	if found[0] != found[1] || found[0] < 50 {
		t.Errorf("%d indexes, want all %d", found[0], found[1])
	}
}

// read returns rows of two texts.
func read(t *testing.T, db *sql.DB, query string) (all [][2]string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var row [2]sql.NullString
		if err := rows.Scan(&row[0], &row[1]); err != nil {
			t.Fatal(err)
		}
		all = append(all, [2]string{row[0].String, row[1].String})
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// Dynamic configuration of the command line goes over ours, and has to be JSON.
func TestDynamicConfigOfTheCommandLine(t *testing.T) {
	const key = "frontend.rps"
	for text, want := range map[string]any{"7": 7, "0.5": 0.5, "true": true} { // a setting of whole numbers takes nothing but an int
		all, err := Config{DynamicConfig: map[string]string{key: text}}.tuned()
		if got := all[dynamicconfig.MakeKey(key)]; err != nil || got != want {
			t.Errorf("%v (%T), %v; want %v", got, got, err, want)
		}
	}
	if _, err := (Config{DynamicConfig: map[string]string{key: "much"}}).tuned(); err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("got %v, want an error that names the key", err)
	}
}
