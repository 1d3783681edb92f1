package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net"
	"path/filepath"
	"slices"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/testing/freeport"
)

// Config holds the flags of the program.
type Config struct {
	IP              string            `help:"Address to listen on, for gRPC and the Web UI." default:"127.0.0.1"`
	Port            int               `help:"gRPC port; 0 picks a free one." default:"7233"`
	UIPort          int               `help:"Port of the Web UI; 0 picks a free one." default:"8233"`
	Data            string            `help:"Folder that keeps the database; empty keeps everything in memory." type:"path"`
	Postgres        string            `help:"Keep everything on this PostgreSQL server instead: postgres://USER:PASSWORD@HOST:PORT/DATABASE. DATABASE, and DATABASE_visibility, are created where they are missing."`
	PostgresFile    []byte            `help:"File that holds this address, instead." type:"filecontent" env:"TEMPORAL_POSTGRES_FILE"`
	Namespace       string            `help:"Namespace to create." default:"default"`
	SearchAttribute map[string]string `help:"Search attribute NAME=TYPE to create in the namespace (repeatable; TYPE as Temporal spells it: Keyword, KeywordList, Datetime, …)."`
	DynamicConfig   map[string]string `help:"Dynamic configuration KEY=JSON, over what this program sets (repeatable)."`
	Shards          int32             `help:"History shards of a new database." default:"4"`
	Retention       time.Duration     `help:"How long ended workflows are kept, in a namespace that is created." default:"720h"`
	Token           map[string]string `help:"Bearer token of a role, ROLE=TOKEN (repeatable): service for the shop's processes, staff, admin. With any, who brings none is refused." env:"TEMPORAL_TOKENS"`
	TrustRoleHeader bool              `help:"Take the role from the header authorization-extras, which a proxy in front sets; only where nobody reaches this server without it."`
	Metrics         string            `help:"Address of the server's metrics for Prometheus, host:port; empty is none."`
	ExitWithStdin   bool              `help:"End when standard input closes."`
	LogLevel        string            `help:"Level of the server's log." default:"error"`
}

// services are the four parts of a Temporal cluster, all in this process.
var services = []string{"frontend", "history", "matching", "worker"}

// tuning raises the limits that are set for a shared cluster and that cost a single machine its latency: with the default
// of 20 polls a second and shard, every hop of a workflow waits up to 50 ms.
var tuning = dynamicconfig.StaticClient{
	dynamicconfig.MakeKey("history.transferProcessorMaxPollRPS"):   2000,
	dynamicconfig.MakeKey("history.timerProcessorMaxPollRPS"):      2000,
	dynamicconfig.MakeKey("history.visibilityProcessorMaxPollRPS"): 2000,
	dynamicconfig.MakeKey("matching.numTaskqueueReadPartitions"):   1,
	dynamicconfig.MakeKey("matching.numTaskqueueWritePartitions"):  1,
	dynamicconfig.MakeKey("frontend.namespaceRPS"):                 20000,
	// A page of the Web UI lists and counts several times: with the default of 10 a second two people at once see it refused.
	dynamicconfig.MakeKey("frontend.namespaceRPS.visibility"): 200,
	dynamicconfig.MakeKey("frontend.rps"):                     20000,
	dynamicconfig.MakeKey("history.rps"):                      50000,
	dynamicconfig.MakeKey("matching.rps"):                     50000,
	dynamicconfig.MakeKey("history.persistenceMaxQPS"):        50000,
	dynamicconfig.MakeKey("matching.persistenceMaxQPS"):       50000,
	dynamicconfig.MakeKey("frontend.persistenceMaxQPS"):       50000,
	// A paused workflow refuses updates while its timers run on: the hold would expire and the shopper could not pay. Activities
	// can be paused.
	dynamicconfig.MakeKey("frontend.WorkflowPauseEnabled"): false,
}

// tuned adds what depends on the flags: search attributes that are not created here are created later, by whoever needs them,
// and have to be seen at once. Reading them anew each time costs a twentieth of the server's work, so it is not always done.
func (c Config) tuned() (dynamicconfig.StaticClient, error) {
	all := maps.Clone(tuning)
	all[dynamicconfig.MakeKey("system.forceSearchAttributesCacheRefreshOnRead")] = len(c.SearchAttribute) == 0
	for key, text := range c.DynamicConfig {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			return nil, fmt.Errorf("dynamic configuration %s: %q is not JSON: %w", key, text, err)
		}
		if number, is := value.(float64); is && number == math.Trunc(number) {
			value = int(number) // settings of whole numbers take no other kind, and say nothing
		}
		all[dynamicconfig.MakeKey(key)] = value
	}
	return all, nil
}

// storage is where executions lie, and the list of them: on SQLite the same database.
type storage struct{ executions, visibility *config.SQL }

// storage says where the data lies.
func (c Config) storage() (storage, error) {
	if c.Postgres != "" {
		return c.postgresStorage()
	}
	sql := c.sqliteConfig()
	return storage{executions: sql, visibility: sql}, nil
}

func (c Config) sqliteConfig() *config.SQL {
	sql := &config.SQL{PluginName: sqlite.PluginName, ConnectAttributes: map[string]string{}}
	if c.Data == "" {
		sql.DatabaseName = fmt.Sprintf("runrun-%d", c.Port)
		sql.ConnectAttributes["mode"] = "memory"
		sql.ConnectAttributes["cache"] = "shared"
		return sql
	}
	sql.DatabaseName = filepath.Join(c.Data, "temporal.db")
	sql.ConnectAttributes["mode"] = "rwc"
	sql.ConnectAttributes["journal_mode"] = "wal"
	sql.ConnectAttributes["synchronous"] = "1"
	return sql
}

// serverConfig is the whole configuration of a one-node cluster.
func (c Config) serverConfig(s storage) *config.Config {
	address := c.address()
	cfg := &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     "executions",
			VisibilityStore:  "visibility",
			NumHistoryShards: c.Shards,
			DataStores:       map[string]config.DataStore{"executions": {SQL: s.executions}, "visibility": {SQL: s.visibility}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        "active",
			CurrentClusterName:       "active",
			ClusterInformation: map[string]cluster.ClusterInformation{
				"active": {Enabled: true, InitialFailoverVersion: 1, RPCAddress: address},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            map[string]config.Service{},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
		PublicClient: config.PublicClient{HostPort: address},
	}
	if c.Metrics != "" {
		cfg.Global.Metrics = &metrics.Config{Prometheus: &metrics.PrometheusConfig{Framework: "opentelemetry", ListenAddress: c.Metrics}}
	}
	for _, name := range services {
		cfg.Services[name] = config.Service{RPC: config.RPC{
			GRPCPort: freeport.MustGetFreePort(), BindOnIP: "127.0.0.1",
		}}
	}
	cfg.Services["frontend"] = config.Service{RPC: config.RPC{GRPCPort: c.Port, BindOnIP: c.IP}}
	return cfg
}

// address is where clients on this machine reach the server.
func (c Config) address() string {
	ip := c.IP
	if parsed := net.ParseIP(ip); parsed != nil && parsed.IsUnspecified() {
		ip = "127.0.0.1"
	}
	return net.JoinHostPort(ip, fmt.Sprint(c.Port))
}

// searchAttributes turns the flag's type names into Temporal's.
func (c Config) searchAttributes() (map[string]enums.IndexedValueType, error) {
	types := map[string]enums.IndexedValueType{}
	for _, name := range slices.Sorted(maps.Keys(c.SearchAttribute)) {
		t, err := enums.IndexedValueTypeFromString(c.SearchAttribute[name])
		if err != nil {
			return nil, fmt.Errorf("search attribute %s: %w", name, err)
		}
		types[name] = t
	}
	return types, nil
}
