package domain_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rule is what a package may import of ours, and what it never may, with the reason.
type rule struct {
	ours  []string
	never []string
	why   string
}

const (
	temporalSDK = "go.temporal.io"
	gin         = "github.com/gin-gonic"
	huma        = "github.com/danielgtaylor/huma"
	gorm        = "gorm.io"
	goRedis     = "github.com/redis"
	redsync     = "github.com/go-redsync"
	thirdParty  = "." // any path whose first element has a dot
)

var adapters = []string{"domain", "domain/ops", "domain/redis", "domain/store", "domain/temporal"}

// house is the one table of who may know whom. A package without a row fails the test.
var house = map[string]rule{
	"domain": {never: []string{thirdParty, "net/http", "database/sql", "os", "log", "math/rand"},
		why: "the words and the rules depend on nothing, so everything may depend on them"},
	"workflows": {ours: []string{"domain"}, never: []string{gorm, goRedis, redsync, gin, "net/http", "os"},
		why: "deterministic code only: what touches the world is an activity"},
	"activities/reserve": {ours: []string{"domain"}, never: []string{temporalSDK, gorm, goRedis, redsync, gin},
		why: "reservations are decided alike, whoever asks for them"},
	"activities": {ours: []string{"domain", "workflows", "activities/reserve"}, never: []string{gorm, goRedis, redsync, gin},
		why: "activities see the world through their own small interfaces, so tests can break it"},
	"activities/stocklock": {
		ours:  []string{"domain"},
		never: []string{temporalSDK, gin, gorm},
		why:   "an adapter knows the domain and its own library",
	},
	"activities/gateway": {
		ours:  []string{"domain"},
		never: []string{temporalSDK, gin, gorm, goRedis},
		why:   "an adapter knows the domain and its own library",
	},
	"activities/mailer": {
		ours:  []string{"domain"},
		never: []string{temporalSDK, gin, gorm, goRedis},
		why:   "an adapter knows the domain and its own library",
	},
	"domain/ids": {ours: []string{"domain"}, never: []string{temporalSDK, gin, gorm, goRedis}, why: "an id depends on nothing"},
	"domain/store": {
		ours:  []string{"domain", "domain/ids"},
		never: []string{temporalSDK, gin, goRedis},
		why:   "an adapter knows the domain and its own library",
	},
	"domain/redis": {
		ours:  []string{"domain"},
		never: []string{temporalSDK, gin, gorm},
		why:   "an adapter knows the domain and its own library",
	},
	"domain/temporal": {
		ours:  []string{"domain"},
		never: []string{gin, gorm, goRedis},
		why:   "an adapter knows the domain and its own library",
	},
	"domain/ops": {
		ours:  []string{"domain"},
		never: []string{temporalSDK, gin, gorm, goRedis},
		why:   "what operators see is the same for every process",
	},
	"api": {ours: []string{"api/server", "api/rest", "domain/ops"}, why: "a main is a shell around Run"},
	"api/server": {
		ours: append([]string{
			"api/auth", "api/batch", "api/cache", "api/checkout", "api/dispatch", "api/picture", "api/rest", "api/watch", "api/web",
			"workflows", "domain/blob",
		}, adapters...),
		never: []string{redsync, gin, huma, gorm},
		why:   "the process wires everything of the API, and does no activity's work",
	},
	"api/rest": {ours: []string{"domain", "domain/ids", "api/auth", "api/cache", "api/checkout", "api/picture", "domain/ops"}, never: []string{gorm, goRedis, temporalSDK},
		why: "HTTP is one package's business: nobody imports it but the process, and it decides nothing"},
	"api/checkout": {
		ours:  []string{"domain", "domain/ids", "api/batch", "api/cache"},
		never: []string{gin, huma, "net/http", "database/sql", gorm, goRedis, temporalSDK},
		why:   "the engine sees the world through its own ports, so tests can break it",
	},
	"api/watch": {ours: []string{"domain", "workflows"}, never: []string{gin, huma, gorm, goRedis, temporalSDK + "/sdk"},
		why: "it looks through its own ports, and does nothing"},
	"api/web": {never: []string{gin, huma, gorm, goRedis, temporalSDK}, why: "it is files"},
	"api/dispatch": {ours: []string{"domain", "workflows", "api/batch"}, never: []string{gin, huma, gorm, goRedis},
		why: "from a row to a workflow: rows come through ports"},
	"api/auth": {
		ours:  []string{"domain", "domain/ids"},
		never: []string{gin, huma, gorm, goRedis, temporalSDK},
		why:   "who a caller is does not depend on how the caller asks",
	},
	"api/picture": {
		ours:  []string{"domain"},
		never: []string{gin, huma, gorm, goRedis, temporalSDK},
		why:   "a picture is made of bytes, wherever they come from and go to",
	},
	"domain/blob": {
		ours:  []string{"domain"},
		never: []string{temporalSDK, gin, gorm, goRedis},
		why:   "an adapter knows the domain and its own library",
	},
	"api/cache": {
		ours:  []string{"domain"},
		never: []string{gin, huma, gorm, goRedis, temporalSDK},
		why:   "a cache is given a function that reads",
	},
	"api/batch": {
		ours:  []string{"domain"},
		never: []string{gin, huma, gorm, goRedis, temporalSDK},
		why:   "a batch knows neither what a request is nor who serves it",
	},
	"worker": {ours: []string{"worker/pool", "worker/replay", "domain/ops"}, why: "a main is a shell around Run"},
	"worker/replay": {
		ours:  []string{"domain", "domain/ops", "domain/temporal"},
		never: []string{gorm, goRedis, redsync, gin},
		why:   "a gate before a deploy needs Temporal alone",
	},
	"worker/pool": {
		ours: append([]string{"workflows", "activities", "activities/reserve", "activities/stocklock", "activities/gateway",
			"activities/mailer", "worker/replay"}, adapters...),
		never: []string{gin},
		why:   "workers know nothing of the door or of how they are deployed",
	},
	"deploy":          {why: "it holds the tests of the deployment files"},
	"deploy/allinone": {ours: []string{"deploy/allinone/process", "domain/ops"}, why: "a main is a shell around Run"},
	"deploy/allinone/process": {
		ours: append([]string{"api/server", "worker/pool"}, adapters...),
		why:  "it runs the two parts, and replaces nothing of either",
	},
	"deploy/dev":      {ours: []string{"deploy/dev/system", "deploy/dev/demo", "domain/ops"}, why: "a shell around the system"},
	"deploy/dev/demo": {ours: []string{"deploy/dev/system", "domain"}, why: "outsiders who try the system"},
	"deploy/dev/system": {
		ours: append(
			[]string{
				"deploy/allinone/process", "api/auth", "api/server", "worker/pool", "deploy/pgmock/server", "workflows", "domain/blob", "domain/ids",
			},
			adapters...),
		why: "it puts the parts together, and replaces none",
	},
	"deploy/e2e":             {why: "it holds tests only"},
	"deploy/pgmock":          {ours: []string{"deploy/pgmock/server", "domain/ops"}, why: "a main is a shell around Run"},
	"deploy/pgmock/server":   {why: "a fake that shares code with the client shares its mistakes"},
	"loadtest/bench":         {why: "it runs go test, and reads what that prints"},
	"loadtest/audit":         {why: "it compares what it is given"},
	"loadtest":               {ours: []string{"loadtest/audit", "domain/ops"}, why: "an outsider, who knows what the documentation says, and its own build"},
	"domain/store/storetest": {ours: []string{"domain", "domain/store"}, why: "for tests only"},
	"domain/redis/redistest": {ours: []string{"domain/redis"}, why: "for tests only"},
}

func TestWhoMayImportWhom(t *testing.T) {
	for _, pkg := range packages(t) {
		name := strings.TrimPrefix(pkg.ImportPath, "runrun/")
		rule, known := house[name]
		if !known {
			t.Errorf("%s has no row in the table: say what it may import, and why", name)
			continue
		}
		for _, path := range pkg.Imports {
			own, isOurs := strings.CutPrefix(path, "runrun/")
			if isOurs && !slices.Contains(rule.ours, own) {
				t.Errorf("%s imports %s: %s", name, own, rule.why)
			}
			if !isOurs && slices.ContainsFunc(rule.never, func(never string) bool { return matches(path, never) }) {
				t.Errorf("%s imports %s: %s", name, path, rule.why)
			}
		}
		if strings.HasSuffix(name, "test") {
			continue
		}
		for _, path := range pkg.Imports {
			if strings.HasSuffix(path, "storetest") || strings.HasSuffix(path, "redistest") {
				t.Errorf("%s imports %s, which is for tests only", name, path)
			}
		}
	}
}

func matches(path, never string) bool {
	if never == thirdParty {
		first, _, _ := strings.Cut(path, "/")
		return strings.Contains(first, ".")
	}
	return path == never || strings.HasPrefix(path, never+"/")
}

type listed struct {
	ImportPath string
	Imports    []string
}

// packages lists the module's packages with their direct imports, without those of tests.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "runrun/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg listed
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, pkg)
	}
	if len(all) < len(house)-2 {
		t.Fatalf("only %d packages were listed", len(all))
	}
	return all
}
