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

func load(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../docker-compose.yml"}, cli.WithConsistency(true), cli.WithNormalization(true))
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
	want := []string{"api", "mail", "mysql", "pgmock", "redis", "temporal", "worker"}
	if got := project.ServiceNames(); !slices.Equal(got, want) {
		t.Errorf("services %v, want %v", got, want)
	}
}

func TestEveryImageIsBuiltFromATargetOfTheDockerfile(t *testing.T) {
	dockerfile, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for name, service := range load(t).Services {
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
	for name, service := range load(t).Services {
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
		"api":    {"MYSQL_DSN", "REDIS_ADDR", "TEMPORAL_ADDRESS", "RUNRUN_ENV"},
		"worker": {"MYSQL_DSN", "REDIS_ADDR", "TEMPORAL_ADDRESS", "RUNRUN_ENV", "PG_URL", "PG_SECRET_KEY", "SMTP_URL", "MAIL_FROM"},
	} {
		for _, setting := range settings {
			if value := project.Services[name].Environment[setting]; value == nil || *value == "" {
				t.Errorf("%s lacks %s", name, setting)
			}
		}
	}
	if *project.Services["worker"].Environment["PG_SECRET_KEY"] != *project.Services["pgmock"].Environment["PG_SECRET_KEY"] {
		t.Error("worker and gateway mock have different keys")
	}
}
