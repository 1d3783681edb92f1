package k8s

import (
	"net/url"
	"regexp"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Nothing reaches a pod, and no pod reaches anything, but what is named.
func TestTheNetworkIsClosed(t *testing.T) {
	each(t, func(t *testing.T, c cluster) {
		for _, p := range c.pods {
			closed, ways := false, map[string]bool{}
			for _, policy := range c.policies {
				selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
				if err != nil {
					t.Fatal(err)
				}
				if selector.Matches(labels.Set(p.template.Labels)) {
					ways[policy.Name] = true
					closed = closed || policy.Name == "default-deny" && len(policy.Spec.PolicyTypes) == 2 && len(policy.Spec.Ingress)+len(policy.Spec.Egress) == 0
				}
			}
			if !closed || !ways["services"] {
				t.Errorf("%s is open, or reaches no services: %v", p.name, ways)
			}
			for policy, of := range map[string][]string{
				"api": {"api"}, "outside-https": {"api", "worker-payments"}, "outside-mail": {"worker-mails"},
			} {
				if ways[policy] != slices.Contains(of, p.name) {
					t.Errorf("%s: the way %s is open: %t", p.name, policy, ways[policy])
				}
			}
		}
	})
}

// The ingress leads to pods of the API, over TLS, and the operators' port is not behind it.
func TestTheIngressLeadsToTheAPI(t *testing.T) {
	each(t, func(t *testing.T, c cluster) {
		if len(c.ingresses) != 1 || len(c.ingresses[0].Spec.TLS) != 1 {
			t.Fatalf("%d ingresses", len(c.ingresses))
		}
		backend := c.ingresses[0].Spec.Rules[0].HTTP.Paths[0].Backend.Service
		at := slices.IndexFunc(c.services, func(s corev1.Service) bool { return s.Name == backend.Name })
		if at < 0 || c.services[at].Spec.Ports[0].Name != backend.Port.Name || len(c.services[at].Spec.Ports) != 1 {
			t.Fatalf("the ingress leads to %s %v", backend.Name, backend.Port)
		}
		api := c.pods[slices.IndexFunc(c.pods, func(p pod) bool { return p.name == "api" })]
		for _, s := range c.services {
			if !labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(api.template.Labels)) {
				t.Errorf("the service %s finds no API", s.Name)
			}
			if !slices.ContainsFunc(api.template.Spec.Containers[0].Ports, func(p corev1.ContainerPort) bool {
				return p.Name == s.Spec.Ports[0].TargetPort.String()
			}) {
				t.Errorf("the service %s leads to the port %s, which there is not", s.Name, s.Spec.Ports[0].TargetPort.String())
			}
		}
	})
}

// Every port of an address in the settings and the secrets of a pod is open for that pod.
func TestWhatIsNamedCanBeReached(t *testing.T) {
	each(t, func(t *testing.T, c cluster) {
		ports := 0
		for _, p := range c.pods {
			open := c.egress(t, p)
			for _, value := range c.addresses(p) {
				for _, match := range portOf.FindAllStringSubmatch(value, -1) {
					ports++
					if !open[match[1]] {
						t.Errorf("%s: %s is named, and its port is closed", p.name, value)
					}
				}
			}
		}
		if ports < 10 {
			t.Errorf("only %d ports are named", ports)
		}
	})
}

// egress lists the ports to which a pod may connect.
func (c cluster) egress(t *testing.T, p pod) map[string]bool {
	t.Helper()
	open := map[string]bool{}
	for _, policy := range c.policies {
		selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
		if err != nil {
			t.Fatal(err)
		}
		if !selector.Matches(labels.Set(p.template.Labels)) {
			continue
		}
		for _, egress := range policy.Spec.Egress {
			for _, port := range egress.Ports {
				open[port.Port.String()] = true
			}
		}
	}
	return open
}

// forOthers are settings of one map for all, which not every program reads: the gateway is asked by the workers of payments, and the rest
// are links, for browsers.
var forOthers = map[string]string{"PG_URL": "worker-payments", "PAY_SDK_URL": "", "ADMIN_URL": "", "TEMPORAL_UI_URL": ""}

// addresses are the settings that a pod reads, and the secrets that it is given.
func (c cluster) addresses(p pod) (values []string) {
	if p.lasts { // the migration asks the database alone
		for _, config := range c.configs {
			for name, value := range config.Data {
				if reader, only := forOthers[name]; config.Name == "runrun" && (!only || reader == p.name) {
					values = append(values, withPort(value))
				}
			}
		}
	}
	for _, source := range p.template.Spec.Volumes[0].Projected.Sources {
		for _, secret := range c.secrets {
			for _, item := range source.Secret.Items {
				if secret.Name == source.Secret.Name {
					values = append(values, string(secret.Data[item.Key]))
				}
			}
		}
	}
	return values
}

// withPort names the port that an address over HTTPS leaves out.
func withPort(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Port() != "" {
		return address
	}
	return u.Host + ":443"
}

var portOf = regexp.MustCompile(`[a-z0-9.-]+:(\d{2,5})\b`)
