package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/common/testing/freeport"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
	"google.golang.org/protobuf/types/known/durationpb"
)

// readyWithin bounds the wait for the server's first answer.
const readyWithin = 30 * time.Second

type node struct {
	temporal  temporal.Server
	address   string
	namespace string
	token     string // of the role service; empty without roles
}

// startServer prepares the database and starts the four services.
func startServer(cfg Config) (*node, error) {
	if cfg.Port == 0 {
		cfg.Port = freeport.MustGetFreePort()
	}
	stored, err := cfg.storage()
	if err != nil {
		return nil, err
	}
	if err := prepareDatabase(cfg, stored); err != nil {
		return nil, err
	}
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: cfg.LogLevel}))
	serverConfig := cfg.serverConfig(stored)
	claims, withRoles, err := cfg.claimMapper(serverConfig, logger)
	if err != nil {
		return nil, err
	}
	dynamic, err := cfg.tuned()
	if err != nil {
		return nil, err
	}
	srv, err := temporal.NewServer(
		temporal.WithConfig(serverConfig),
		temporal.ForServices(slices.Sorted(maps.Keys(serverConfig.Services))),
		temporal.WithStaticHosts(staticHosts(serverConfig)),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(guard{withRoles: withRoles}),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claims }),
		temporal.WithDynamicConfigClient(dynamic),
	)
	if err != nil {
		return nil, err
	}
	if err := srv.Start(); err != nil {
		return nil, err
	}
	if cfg.Postgres == "" {
		if err := checkJournal(cfg.Data, stored.executions); err != nil {
			return nil, errors.Join(err, srv.Stop())
		}
	}
	return &node{temporal: srv, address: cfg.address(), namespace: cfg.Namespace, token: cfg.Token[string(roleService)]}, nil
}

// claimMapper finds the roles of callers, if there are any. Then the server's own workers call a frontend of their own, which nobody
// else reaches.
func (c Config) claimMapper(s *config.Config, logger log.Logger) (mapper authorization.ClaimMapper, withRoles bool, err error) {
	found, err := c.roles()
	if err != nil {
		return nil, false, err
	}
	if found == nil {
		mapper, err = authorization.GetClaimMapperFromConfig(&s.Global.Authorization, logger)
		return mapper, false, err
	}
	s.Services[string(primitives.InternalFrontendService)] = config.Service{RPC: config.RPC{
		GRPCPort: freeport.MustGetFreePort(), BindOnIP: "127.0.0.1",
	}}
	s.PublicClient = config.PublicClient{}
	return found, true, nil
}

// prepareDatabase creates the schema where there is none yet, then the namespace with its search attributes. A new database is rid of
// what nothing reads, if it is known by which search attributes orders are found.
func prepareDatabase(cfg Config, stored storage) error {
	isNew := true
	var err error
	switch {
	case cfg.Postgres != "":
		isNew, err = false, preparePostgres(stored)
	case cfg.Data != "": // a database in memory brings its schema along
		isNew, err = createSchema(cfg.Data, stored.executions)
	}
	if err != nil {
		return fmt.Errorf("create the schema: %w", err)
	}
	attributes, err := cfg.searchAttributes()
	if err != nil {
		return err
	}
	namespace, err := sqliteschema.NewNamespaceConfig("active", cfg.Namespace, false, attributes)
	if err != nil {
		return err
	}
	namespace.Detail.Config.Retention = durationpb.New(cfg.Retention)
	if err := sqliteschema.CreateNamespaces(stored.executions, namespace); err != nil || !isNew || len(attributes) == 0 {
		return err
	}
	columns := slices.Collect(maps.Keys(namespace.Detail.GetConfig().GetCustomSearchAttributeAliases()))
	if err := trimVisibility(stored.visibility, columns); err != nil {
		return fmt.Errorf("trim the schema: %w", err)
	}
	return nil
}

func createSchema(folder string, storage *config.SQL) (isNew bool, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return false, err
	}
	if _, err := os.Stat(storage.DatabaseName); !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	return true, sqliteschema.SetupSchema(storage)
}

// checkJournal makes sure that a kept database writes ahead: an attribute that the driver does not know is ignored in silence, and
// every write would wait for two syncs.
func checkJournal(folder string, cfg *config.SQL) error {
	if folder == "" {
		return nil
	}
	db, err := sql.Open("sqlite", "file:"+cfg.DatabaseName+"?mode=ro")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var mode string
	if err := db.QueryRowContext(context.Background(), "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("%s is in journal mode %s, want wal", cfg.DatabaseName, mode)
	}
	return nil
}

// staticHosts spares the one node the gossip by which a cluster's nodes find each other.
func staticHosts(cfg *config.Config) map[primitives.ServiceName]static.Hosts {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for name, service := range cfg.Services {
		hosts[primitives.ServiceName(name)] = static.SingleLocalHost(fmt.Sprintf("127.0.0.1:%d", service.RPC.GRPCPort))
	}
	return hosts
}

// awaitReady returns once the namespace can be read through the front door.
func (n *node) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := n.describeNamespace(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server did not become ready within %s: %w", readyWithin, err)
		case <-ticker.C:
		}
	}
}

func (n *node) describeNamespace(ctx context.Context) error {
	namespaces, err := client.NewNamespaceClient(client.Options{HostPort: n.address, Logger: silent{}, HeadersProvider: bearer(n.token)})
	if err != nil {
		return err
	}
	defer namespaces.Close()
	_, err = namespaces.Describe(ctx, n.namespace)
	return err
}

// bearer sends a token with every call.
type bearer string

// GetHeaders is part of the SDK's HeadersProvider.
func (b bearer) GetHeaders(context.Context) (map[string]string, error) {
	if b == "" {
		return nil, nil
	}
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (n *node) stop() { _ = n.temporal.Stop() }

// silent drops the SDK's log lines of the connections that come too early.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
