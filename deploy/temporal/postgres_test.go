package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
)

// postgresDatabase names a new database on the server of POSTGRES_URL. With CI=true a missing server is a failure, not a skip.
func postgresDatabase(t *testing.T) string {
	t.Helper()
	server := os.Getenv("POSTGRES_URL")
	if server == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("POSTGRES_URL is not set, and in CI the server runs on PostgreSQL too")
		}
		t.Skip("POSTGRES_URL is not set")
	}
	return fmt.Sprintf("%s/test_%d", strings.TrimSuffix(server, "/"), time.Now().UnixNano())
}

// A database that is there already is opened as it is: a workflow outlives the server.
func TestPostgresKeepsWorkflows(t *testing.T) {
	cfg := Config{IP: "127.0.0.1", Postgres: postgresDatabase(t), Namespace: "default", LogLevel: "fatal", Shards: 1}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	serve := func(act func(client.Client) error) {
		server, err := startServer(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer server.stop()
		if err := server.awaitReady(ctx); err != nil {
			t.Fatal(err)
		}
		c, err := client.Dial(client.Options{HostPort: server.address, Logger: silent{}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := act(c); err != nil {
			t.Fatal(err)
		}
	}
	serve(func(c client.Client) error {
		_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "order/1", TaskQueue: "nobody"}, "OrderWorkflow")
		return err
	})
	serve(func(c client.Client) error {
		_, err := c.DescribeWorkflowExecution(ctx, "order/1", "")
		return err
	})
}

// An address that is none is refused before anything is created.
func TestPostgresAddresses(t *testing.T) {
	for _, address := range []string{"mysql://root@127.0.0.1/temporal", "postgres://postgres@127.0.0.1", "postgres:///temporal", "127.0.0.1:5432"} {
		if _, err := (Config{Postgres: address}).storage(); err == nil {
			t.Errorf("%s is taken", address)
		}
	}
}
