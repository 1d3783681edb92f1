// Package deploy holds the tests of docker-compose.yml: there is no Docker engine in CI, but a file can be wrong without one.
package deploy

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

func load(t *testing.T, profiles ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../docker-compose.yml"}, cli.WithConsistency(true), cli.WithNormalization(true),
		cli.WithProfiles(profiles))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestTheFileIsValidAndWhole(t *testing.T) {
	project := load(t)
	want := []string{"api", "mail", "mysql", "pgmock", "redis", "temporal", "temporal-db", "worker"}
	if got := project.ServiceNames(); !slices.Equal(got, want) {
		t.Errorf("services %v, want %v", got, want)
	}
}

func TestEveryImageIsBuiltFromATargetOfTheDockerfile(t *testing.T) {
	dockerfile, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for name, service := range load(t, "monitoring").Services {
		if service.Build == nil {
			if _, tag, pinned := strings.Cut(service.Image, ":"); !pinned || tag == "latest" {
				t.Errorf("%s: the image %s is not pinned", name, service.Image)
			}
			continue
		}
		if !strings.Contains(string(dockerfile), " AS "+service.Build.Target+"\n") || service.Build.Dockerfile != "deploy/Dockerfile" {
			t.Errorf("%s is built from target %q of %q", name, service.Build.Target, service.Build.Dockerfile)
		}
	}
}

// Who depends on a service waits until it is healthy, so each such service must say when it is.
func TestStartOrderWaitsForHealth(t *testing.T) {
	project := load(t)
	dockerfile, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for name, service := range project.Services {
		for needed, how := range service.DependsOn {
			if how.Condition != types.ServiceConditionHealthy {
				t.Errorf("%s starts after %s is %s, want healthy", name, needed, how.Condition)
			}
			if other := project.Services[needed]; other.HealthCheck == nil && !checksHealth(string(dockerfile), other.Build) {
				t.Errorf("%s waits for the health of %s, which has no check", name, needed)
			}
		}
	}
	for _, name := range []string{"api", "worker"} {
		if needs := project.Services[name].DependsOn; len(needs) < 3 {
			t.Errorf("%s waits for %v only", name, needs)
		}
	}
}

// checksHealth reports whether the stage of a build has a HEALTHCHECK.
func checksHealth(dockerfile string, build *types.BuildConfig) bool {
	if build == nil {
		return false
	}
	_, stage, _ := strings.Cut(dockerfile, " AS "+build.Target+"\n")
	stage, _, _ = strings.Cut(stage, "\nFROM ")
	return strings.Contains(stage, "HEALTHCHECK ")
}

// Development keys are public, so nothing is published beyond this machine; and nothing fills its disk or memory.
func TestServicesAreBoundedAndLocal(t *testing.T) {
	for name, service := range load(t, "monitoring").Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q", name, port.Published, port.HostIP)
			}
		}
		if service.Logging == nil || service.Logging.Options["max-size"] == "" || service.Logging.Options["max-file"] == "" {
			t.Errorf("%s's logs fill the disk", name)
		}
		if service.MemLimit <= 0 || service.Restart != types.RestartPolicyUnlessStopped {
			t.Errorf("%s: memory %d, restart %q", name, service.MemLimit, service.Restart)
		}
	}
}

// docker compose up --scale worker=3 fails for a service with a host port or a fixed name.
func TestWorkersScale(t *testing.T) {
	worker := load(t).Services["worker"]
	if worker.ContainerName != "" || len(worker.Ports) != 0 {
		t.Errorf("name %q, ports %v", worker.ContainerName, worker.Ports)
	}
}

func TestSettingsReachTheProgramsThatNeedThem(t *testing.T) {
	project := load(t)
	for name, settings := range map[string][]string{
		"api":    {"MYSQL_DSN_FILE", "REDIS_ADDR", "TEMPORAL_ADDRESS", "RUNRUN_ENV"},
		"worker": {"MYSQL_DSN_FILE", "REDIS_ADDR", "TEMPORAL_ADDRESS", "RUNRUN_ENV", "PG_URL", "PG_SECRET_KEY_FILE", "SMTP_URL", "MAIL_FROM"},
		"pgmock": {"PG_SECRET_KEY_FILE"},
	} {
		for _, setting := range settings {
			if value := project.Services[name].Environment[setting]; value == nil || *value == "" {
				t.Errorf("%s lacks %s", name, setting)
			}
		}
	}
}

// Secrets are in files that a container is given: every file that is named is there, and what is in it fits the other side.
func TestSecretsComeInFiles(t *testing.T) {
	project := load(t)
	secret := func(name string) string {
		text, err := os.ReadFile(project.Secrets[name].File)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	for name, service := range project.Services {
		var given []string
		for _, s := range service.Secrets {
			given = append(given, "/run/secrets/"+s.Source)
			secret(s.Source)
		}
		for setting, value := range service.Environment {
			if strings.HasSuffix(setting, "_FILE") && !slices.Contains(given, *value) {
				t.Errorf("%s: %s names %s, which it is not given", name, setting, *value)
			}
			if strings.Contains(setting, "PASSWORD") && !strings.HasSuffix(setting, "_FILE") && setting != "MYSQL_RANDOM_ROOT_PASSWORD" {
				t.Errorf("%s: %s is no file", name, setting)
			}
		}
	}
	if dsn := secret("mysql_dsn"); !strings.HasPrefix(dsn, "runrun:"+secret("mysql_password")+"@tcp(mysql:") {
		t.Errorf("the database has another password than %s", dsn)
	}
	if url := secret("temporal_postgres"); !strings.HasPrefix(url, "postgres://temporal:"+secret("temporal_password")+"@temporal-db:") {
		t.Errorf("Temporal's database has another password than %s", url)
	}
}

// Prometheus and Grafana are given what this repository has for them, and the Prometheus is that of the tests.
func TestTheProfileOfMonitoring(t *testing.T) {
	project := load(t, "monitoring")
	for _, name := range []string{"prometheus", "grafana"} {
		for _, volume := range project.Services[name].Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if files, err := os.ReadDir(volume.Source); err != nil || len(files) == 0 || !volume.ReadOnly {
				t.Errorf("%s: %s has %d files (%v), read only %t", name, volume.Source, len(files), err, volume.ReadOnly)
			}
		}
	}
	module, err := os.ReadFile("monitoring/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := strings.TrimPrefix(project.Services["prometheus"].Image, "prom/prometheus:v3.")
	major, minor, _ := strings.Cut(version, ".")
	if !strings.Contains(string(module), "github.com/prometheus/prometheus v0.3"+major+"."+minor+"\n") {
		t.Errorf("the module has another version than %s", project.Services["prometheus"].Image)
	}
	text, err := os.ReadFile("monitoring/prometheus/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"[api]", "[worker]", `"temporal:9090"`} {
		if !strings.Contains(string(text), target) {
			t.Errorf("Prometheus does not ask %s", target)
		}
	}
}
