package main

import (
	"errors"
	"fmt"
	"net/url"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/tools/common/schema"
	sqltool "go.temporal.io/server/tools/sql"
)

// The schemas that Temporal brings for PostgreSQL.
const (
	executionSchema  = "postgresql/v12/temporal"
	visibilitySchema = "postgresql/v12/visibility"
)

// maxConnections of each of the two databases.
const maxConnections = 20

// postgresStorage is a database of the PostgreSQL server that the flag names, and a second one beside it for the list of workflows.
func (c Config) postgresStorage() (storage, error) {
	at, err := url.Parse(c.Postgres)
	if err != nil || at.Scheme != "postgres" || at.Host == "" || len(at.Path) < 2 {
		return storage{}, errors.New("--postgres: want postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	password, _ := at.User.Password()
	database := func(name string) *config.SQL {
		return &config.SQL{
			PluginName: postgresql.PluginNamePGX, DatabaseName: name, ConnectProtocol: "tcp", ConnectAddr: at.Host,
			User: at.User.Username(), Password: password, MaxConns: maxConnections, MaxIdleConns: maxConnections,
		}
	}
	name := at.Path[1:]
	return storage{executions: database(name), visibility: database(name + "_visibility")}, nil
}

// preparePostgres creates the databases where they are missing, and brings their schemas up to this version.
func preparePostgres(s storage) error {
	return errors.Join(createDatabase(s.executions, executionSchema), createDatabase(s.visibility, visibilitySchema))
}

func createDatabase(cfg *config.SQL, schemaName string) error {
	if err := prepareSchema(cfg, schemaName); err == nil {
		return nil
	}
	outside := *cfg
	if err := sqltool.DoCreateDatabase(&outside, "postgres", log.NewNoopLogger()); err != nil {
		return fmt.Errorf("create the database %s: %w", cfg.DatabaseName, err)
	}
	if err := prepareSchema(cfg, schemaName); err != nil {
		return fmt.Errorf("schema of %s: %w", cfg.DatabaseName, err)
	}
	return nil
}

// prepareSchema brings a database's schema up to this version.
func prepareSchema(cfg *config.SQL, name string) error {
	logger := log.NewNoopLogger()
	conn, err := sqltool.NewConnection(cfg, logger)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ReadSchemaVersion(); err != nil { // a new database
		first := schema.SetupConfig{InitialVersion: "0.0"}
		if err := schema.NewSetupSchemaTask(conn, &first, logger).Run(); err != nil {
			return err
		}
	}
	return schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{SchemaName: name}, logger).Run()
}
