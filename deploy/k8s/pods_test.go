package k8s

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func TestWhatThereIs(t *testing.T) {
	each(t, func(t *testing.T, c cluster) {
		var names []string
		for _, p := range c.pods {
			names = append(names, p.name)
		}
		slices.Sort(names)
		if want := []string{"api", "migrate", "worker-mails", "worker-orders", "worker-payments"}; !slices.Equal(names, want) {
			t.Errorf("pods %v, want %v", names, want)
		}
	})
}

// No pod runs as root, writes to its own disk, gains rights, or takes what it likes.
func TestPodsAreConfined(t *testing.T) {
	each(t, func(t *testing.T, c cluster) {
		for _, p := range c.pods {
			s, container := p.template.Spec.SecurityContext, p.template.Spec.Containers[0]
			if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.SeccompProfile == nil || s.SeccompProfile.Type != "RuntimeDefault" {
				t.Errorf("%s may run as root, or without seccomp", p.name)
			}
			k := container.SecurityContext
			if k == nil || k.ReadOnlyRootFilesystem == nil || !*k.ReadOnlyRootFilesystem || *k.AllowPrivilegeEscalation ||
				!slices.Equal(k.Capabilities.Drop, []corev1.Capability{"ALL"}) {
				t.Errorf("%s: %+v", p.name, k)
			}
			if container.Resources.Requests.Cpu().IsZero() || container.Resources.Requests.Memory().IsZero() || container.Resources.Limits.Memory().IsZero() {
				t.Errorf("%s asks for %v", p.name, container.Resources)
			}
			if mount := p.template.Spec.AutomountServiceAccountToken; mount == nil || *mount {
				t.Errorf("%s has a token for Kubernetes", p.name)
			}
			if p.lasts && len(p.template.Spec.TopologySpreadConstraints) < 2 {
				t.Errorf("%s may stand on one machine", p.name)
			}
		}
	})
}

// Probes ask what the programs answer, where they listen.
func TestProbesAskWhatThereIs(t *testing.T) {
	each(t, func(t *testing.T, c cluster) {
		for _, p := range c.pods {
			if !p.lasts {
				continue
			}
			container := p.template.Spec.Containers[0]
			listens := p.env("API_OPS_LISTEN") + p.env("WORKER_LISTEN")
			for _, port := range container.Ports {
				if port.Name == "operators" && listens != fmt.Sprint("0.0.0.0:", port.ContainerPort) {
					t.Errorf("%s listens at %s, and its probes ask port %d", p.name, listens, port.ContainerPort)
				}
			}
			for what, path := range map[*corev1.Probe]string{
				container.StartupProbe: "/livez", container.LivenessProbe: "/livez", container.ReadinessProbe: "/readyz",
			} {
				if what == nil || what.HTTPGet == nil || what.HTTPGet.Path != path || what.HTTPGet.Port.String() != "operators" {
					t.Errorf("%s: a probe of %s is missing or asks something else: %+v", p.name, path, what)
				}
			}
		}
	})
}

// A pod that is told to end has the time for it that its settings promise.
func TestTheGracePeriodIsLongerThanTheDrain(t *testing.T) {
	each(t, func(t *testing.T, c cluster) {
		for _, p := range c.pods {
			if !p.lasts {
				continue
			}
			var drain time.Duration
			for _, name := range []string{"DRAIN_DELAY", "DRAIN_TIMEOUT", "STOP_TIMEOUT"} {
				if text := p.env(name); text != "" {
					d, err := time.ParseDuration(text)
					if err != nil {
						t.Errorf("%s: %s: %v", p.name, name, err)
					}
					drain += d
				}
			}
			if grace := time.Duration(*p.template.Spec.TerminationGracePeriodSeconds) * time.Second; drain < 30*time.Second || grace <= drain+4*time.Second {
				t.Errorf("%s is killed after %s, and drains for up to %s", p.name, grace, drain)
			}
		}
	})
}

// Go's limit of memory is below that of the container, which also counts what is not Go's.
func TestTheCollectorWorksBeforeTheKernelKills(t *testing.T) {
	each(t, func(t *testing.T, c cluster) {
		for _, p := range c.pods {
			if !p.lasts {
				continue
			}
			limit := p.template.Spec.Containers[0].Resources.Limits.Memory().Value()
			soft, err := strconv.ParseInt(strings.TrimSuffix(p.env("GOMEMLIMIT"), "MiB"), 10, 64)
			if err != nil || soft<<20 >= limit*95/100 || soft<<20 < limit*8/10 {
				t.Errorf("%s: GOMEMLIMIT %s of %d bytes, %v", p.name, p.env("GOMEMLIMIT"), limit, err)
			}
		}
	})
}
