package k8s

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

var setting = regexp.MustCompile(`\(\$([A-Z][A-Z0-9_]*)\)`)

// settings are those of a program, from its help.
func settings(t *testing.T, program string) []string {
	t.Helper()
	help := exec.Command("go", "run", "./"+program, "--help")
	help.Dir = "../.."
	out, err := help.Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, match := range setting.FindAllStringSubmatch(string(out), -1) {
		names = append(names, match[1])
	}
	return names
}

// A setting that is misspelled would not be there, in silence.
func TestEverySettingIsOneOfTheProgram(t *testing.T) {
	known := map[string][]string{"api": settings(t, "api"), "worker": settings(t, "worker")}
	if len(known["api"]) < 30 || len(known["worker"]) < 30 {
		t.Fatalf("settings: %v", known)
	}
	each(t, func(t *testing.T, c cluster) {
		for _, p := range c.pods {
			program, _, _ := strings.Cut(p.name, "-")
			if program == "migrate" {
				program = "worker"
			}
			for _, e := range p.template.Spec.Containers[0].Env {
				if e.Name != "GOMEMLIMIT" && !slices.Contains(known[program], strings.TrimSuffix(e.Name, "_FILE")) {
					t.Errorf("%s: %s is no setting of it", p.name, e.Name)
				}
			}
		}
		for _, config := range c.configs {
			if config.Name != "runrun" {
				continue
			}
			for name := range config.Data {
				if !slices.Contains(known["api"], name) && !slices.Contains(known["worker"], name) {
					t.Errorf("%s is no setting", name)
				}
			}
		}
	})
}

// Every secret that a pod is given is in the list of those that come from outside, and every setting that is read from a file is given one.
func TestSecretsComeFromOutside(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, c cluster) {
		for _, p := range c.pods {
			var files []string
			for _, source := range p.template.Spec.Volumes[0].Projected.Sources {
				for _, item := range source.Secret.Items {
					files = append(files, "/run/secrets/runrun/"+item.Path)
					if row := "| `" + source.Secret.Name + "` | `" + item.Key + "` |"; !strings.Contains(string(readme), row) {
						t.Errorf("%s: README.md lacks %q", p.name, row)
					}
				}
			}
			for _, e := range p.template.Spec.Containers[0].Env {
				if strings.HasSuffix(e.Name, "_FILE") && !slices.Contains(files, e.Value) {
					t.Errorf("%s: %s names %s, which it is not given", p.name, e.Name, e.Value)
				}
				if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
					t.Errorf("%s: %s stands in the environment", p.name, e.Name)
				}
			}
			if gateway := slices.Contains(files, "/run/secrets/runrun/pg_secret_key"); gateway != (p.name == "worker-payments") {
				t.Errorf("%s has the gateway's key: %t", p.name, gateway)
			}
		}
	})
	if secrets := load(t, "prod").secrets; len(secrets) != 0 {
		t.Errorf("%d secrets are in the manifests of production", len(secrets))
	}
}

// Each pod's settings are those with which its program starts: it is told so by the program itself.
func TestEveryPodStarts(t *testing.T) {
	for _, overlay := range overlays {
		c := load(t, overlay)
		for _, p := range c.pods {
			program, _, _ := strings.Cut(p.name, "-")
			if program == "migrate" {
				continue
			}
			start := exec.Command("go", "run", "./"+program)
			start.Dir = "../.."
			start.Env = append(os.Environ(), c.settingsOf(t, p)...)
			out, _ := start.CombinedOutput() // all mistakes are reported at once: there is none but the one that is made here
			if want := program + ": error: log-alike: must not be negative\nexit status 1\n"; string(out) != want {
				t.Errorf("%s: %s: %s", overlay, p.name, out)
			}
		}
	}
}

// settingsOf is the environment of a pod, with good secrets, and one mistake, so that the program ends before it does anything.
func (c cluster) settingsOf(t *testing.T, p pod) []string {
	t.Helper()
	env := []string{"LOG_ALIKE=-1"}
	for _, config := range c.configs {
		if config.Name == "runrun" {
			for name, value := range config.Data {
				env = append(env, name+"="+value)
			}
		}
	}
	key := strings.Repeat("QUJD", 10) + "QUI=" // 32 bytes
	secrets := map[string]string{
		"MYSQL_DSN": "user:password@tcp(db:3306)/runrun", "JWT_KEY": key, "DATA_KEY": "1:" + key, "TEMPORAL_TOKEN": "t",
		"PG_SECRET_KEY": "live_sk_1", "SMTP_URL": "smtp://mail:25", "MAIL_FROM": "RUNRUN <no-reply@runrun.test>",
	}
	for _, e := range p.template.Spec.Containers[0].Env {
		if name, file := strings.CutSuffix(e.Name, "_FILE"); file {
			env = append(env, name+"="+secrets[name])
		} else if e.Name != "GOMEMLIMIT" {
			env = append(env, e.Name+"="+e.Value)
		}
	}
	return env
}

// Whoever speaks with Temporal speaks with the same one.
func TestOneTemporal(t *testing.T) {
	each(t, func(t *testing.T, c cluster) {
		config := c.configs[slices.IndexFunc(c.configs, func(m corev1.ConfigMap) bool { return m.Name == "runrun" })]
		for _, s := range c.scaled {
			trigger := s.Spec.Triggers[0].Metadata
			if host, _, _ := strings.Cut(trigger["endpoint"], ":"); !strings.Contains(host, ".") {
				t.Errorf("%s: KEDA would look for %s in its own namespace", s.Metadata.Name, host)
			}
			if trigger["endpoint"] != config.Data["TEMPORAL_ADDRESS"] || trigger["namespace"] != config.Data["TEMPORAL_NAMESPACE"] {
				t.Errorf("%s asks %v", s.Metadata.Name, trigger)
			}
		}
		for _, w := range c.workers {
			if got := w.Spec.WorkerOptions.TemporalNamespace; got != config.Data["TEMPORAL_NAMESPACE"] {
				t.Errorf("%s is in the namespace %s", w.Metadata.Name, got)
			}
		}
	})
}
