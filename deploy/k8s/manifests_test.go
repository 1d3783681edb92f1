package k8s

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

var overlays = []string{"dev", "prod"}

// build is what kubectl apply -k would apply.
func build(t *testing.T, overlay string) []byte {
	t.Helper()
	options := krusty.MakeDefaultOptions()
	built, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), "overlays/"+overlay)
	if err != nil {
		t.Fatalf("%s: %v", overlay, err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// pod is a template of pods: of a Deployment, of a WorkerDeployment, or of a Job.
type pod struct {
	name     string
	template corev1.PodTemplateSpec
	replicas *int32
	lasts    bool // it serves, and is not done after a while
	surge    int  // pods beyond that number while it is rolled out
}

// cluster is what an overlay makes.
type cluster struct {
	pods      []pod
	hpas      []autoscalingv2.HorizontalPodAutoscaler
	scaled    []scaledObject
	workers   []workerDeployment
	versions  []workerResourceTemplate
	budgets   []policyv1.PodDisruptionBudget
	policies  []networkingv1.NetworkPolicy
	services  []corev1.Service
	ingresses []networkingv1.Ingress
	configs   []corev1.ConfigMap
	secrets   []corev1.Secret
}

// scaledObject is KEDA's.
type scaledObject struct {
	Metadata metav1.ObjectMeta
	Spec     struct {
		ScaleTargetRef  struct{ Name string }
		MinReplicaCount *int32
		MaxReplicaCount *int32
		Triggers        []struct {
			Type     string
			Metadata map[string]string
		}
	}
}

// workerDeployment is that of Temporal's worker controller.
type workerDeployment struct {
	Metadata metav1.ObjectMeta
	Spec     struct {
		Template      corev1.PodTemplateSpec
		WorkerOptions struct{ TemporalNamespace string }
		Rollout       struct {
			Strategy string
			Steps    []struct {
				RampPercentage int
				PauseDuration  metav1.Duration
			}
			Gate struct{ WorkflowType string }
		}
	}
}

// workerResourceTemplate makes an autoscaler for each build of a WorkerDeployment.
type workerResourceTemplate struct {
	Spec struct {
		WorkerDeploymentRef struct{ Name string }
		Template            autoscalingv2.HorizontalPodAutoscaler
	}
}

func load(t *testing.T, overlay string) cluster {
	t.Helper()
	var c cluster
	for part := range strings.SplitSeq(string(build(t, overlay)), "\n---\n") {
		var kind metav1.TypeMeta
		decode(t, part, &kind)
		switch kind.Kind {
		case "Deployment":
			d := decode(t, part, &appsv1.Deployment{})
			c.pods = append(c.pods, pod{d.Name, d.Spec.Template, d.Spec.Replicas, true, surge(d)})
		case "WorkerDeployment":
			d := decode(t, part, &workerDeployment{})
			c.workers = append(c.workers, *d)
			c.pods = append(c.pods, pod{d.Metadata.Name, d.Spec.Template, nil, true, 0})
		case "WorkerResourceTemplate":
			c.versions = append(c.versions, *decode(t, part, &workerResourceTemplate{}))
		case "Job":
			d := decode(t, part, &batchv1.Job{})
			c.pods = append(c.pods, pod{d.Name, d.Spec.Template, nil, false, 0})
		case "HorizontalPodAutoscaler":
			c.hpas = append(c.hpas, *decode(t, part, &autoscalingv2.HorizontalPodAutoscaler{}))
		case "ScaledObject":
			c.scaled = append(c.scaled, *decode(t, part, &scaledObject{}))
		case "PodDisruptionBudget":
			c.budgets = append(c.budgets, *decode(t, part, &policyv1.PodDisruptionBudget{}))
		case "NetworkPolicy":
			c.policies = append(c.policies, *decode(t, part, &networkingv1.NetworkPolicy{}))
		case "Service":
			c.services = append(c.services, *decode(t, part, &corev1.Service{}))
		case "Ingress":
			c.ingresses = append(c.ingresses, *decode(t, part, &networkingv1.Ingress{}))
		case "ConfigMap":
			c.configs = append(c.configs, *decode(t, part, &corev1.ConfigMap{}))
		case "Secret":
			c.secrets = append(c.secrets, *decode(t, part, &corev1.Secret{}))
		}
	}
	return c
}

// surge is how many more pods a Deployment has while it is rolled out.
func surge(d *appsv1.Deployment) int {
	if d.Spec.Strategy.RollingUpdate == nil {
		return 0
	}
	return d.Spec.Strategy.RollingUpdate.MaxSurge.IntValue()
}

func decode[T any](t *testing.T, text string, into *T) *T {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return into
}

// each runs a test on both overlays.
func each(t *testing.T, test func(t *testing.T, c cluster)) {
	t.Helper()
	for _, overlay := range overlays {
		t.Run(overlay, func(t *testing.T) { test(t, load(t, overlay)) })
	}
}

// env is a setting of the first container, empty if it has none.
func (p pod) env(name string) string {
	for _, e := range p.template.Spec.Containers[0].Env {
		if e.Name == name {
			return e.Value
		}
	}
	return ""
}

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

// replicas is how many of a pod there are at least, and at most while it is rolled out.
func (c cluster) replicas(name string) (least, most int32) {
	const surge = 1 // TestScalingAndBudgets
	for _, s := range c.scaled {
		if s.Spec.ScaleTargetRef.Name == name {
			return *s.Spec.MinReplicaCount, *s.Spec.MaxReplicaCount + surge
		}
	}
	for _, h := range c.hpas {
		if h.Spec.ScaleTargetRef.Name == name {
			return *h.Spec.MinReplicas, h.Spec.MaxReplicas + surge
		}
	}
	for _, w := range c.versions {
		if w.Spec.WorkerDeploymentRef.Name == name { // each of the two builds is scaled by itself
			return *w.Spec.Template.Spec.MinReplicas, 2 * w.Spec.Template.Spec.MaxReplicas
		}
	}
	return 0, 0
}

// Each pod has an autoscaler and no number of its own, and a budget that lets a node be drained.
func TestScalingAndBudgets(t *testing.T) {
	each(t, func(t *testing.T, c cluster) {
		for _, p := range c.pods {
			if !p.lasts {
				continue
			}
			if p.replicas != nil {
				t.Errorf("%s: every deploy would set the number of pods back to %d", p.name, *p.replicas)
			}
			if p.surge > 1 {
				t.Errorf("%s: %d more pods while it is rolled out", p.name, p.surge)
			}
			least, _ := c.replicas(p.name)
			budgets := 0
			if least < 1 {
				t.Errorf("%s is scaled to nothing: open orders wait for it, in no backlog", p.name)
			}
			for _, b := range c.budgets {
				selector, err := metav1.LabelSelectorAsSelector(b.Spec.Selector)
				if err != nil {
					t.Fatal(err)
				}
				if selector.Matches(labels.Set(p.template.Labels)) {
					budgets++
					if kept := b.Spec.MinAvailable.IntValue(); int32(kept) >= least {
						t.Errorf("%s: %d of at least %d are kept, so that no node can be drained", p.name, kept, least)
					}
				}
			}
			if budgets != 1 {
				t.Errorf("%s has %d budgets", p.name, budgets)
			}
		}
		for _, s := range c.scaled {
			trigger := s.Spec.Triggers[0]
			if queue := strings.TrimPrefix(s.Metadata.Name, "worker-"); trigger.Type != "temporal" || trigger.Metadata["taskQueue"] != queue {
				t.Errorf("%s is scaled by %v", s.Metadata.Name, trigger)
			}
		}
	})
}

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

// A new build of the orders' workers is asked to replay before it gets a tenth, then half of the orders.
func TestWorkersOfOrdersAreRolledOutInSteps(t *testing.T) {
	c := load(t, "prod")
	if len(c.workers) != 1 {
		t.Fatalf("%d worker deployments", len(c.workers))
	}
	rollout := c.workers[0].Spec.Rollout
	var steps []int
	for _, step := range rollout.Steps {
		steps = append(steps, step.RampPercentage)
		if step.PauseDuration.Duration < 30*time.Second {
			t.Errorf("a step of %s is refused", step.PauseDuration.Duration)
		}
	}
	if rollout.Strategy != "Progressive" || !slices.Equal(steps, []int{10, 50}) || rollout.Gate.WorkflowType != "ReplayWorkflow" {
		t.Errorf("the rollout is %+v", rollout)
	}
	if containers := c.workers[0].Spec.Template.Spec.Containers; len(containers) != 1 || containers[0].Image != "registry.example/runrun/worker:v0.1.0" {
		t.Errorf("the containers are %+v", containers)
	}
}

// Every port of an address in the settings and the secrets is open for those who use it.
func TestWhatIsNamedCanBeReached(t *testing.T) {
	each(t, func(t *testing.T, c cluster) {
		open := map[string]bool{}
		for _, policy := range c.policies {
			for _, egress := range policy.Spec.Egress {
				for _, port := range egress.Ports {
					open[port.Port.String()] = true
				}
			}
		}
		var values []string
		for _, config := range c.configs {
			if config.Name == "runrun" {
				for _, value := range config.Data {
					values = append(values, value)
				}
			}
		}
		for _, secret := range c.secrets {
			for _, value := range secret.Data {
				values = append(values, string(value))
			}
		}
		ports := 0
		for _, value := range values {
			for _, match := range portOf.FindAllStringSubmatch(value, -1) {
				ports++
				if !open[match[1]] {
					t.Errorf("%s is named, and its port is closed", value)
				}
			}
		}
		if ports < 3 {
			t.Errorf("only %d ports are named", ports)
		}
	})
}

var portOf = regexp.MustCompile(`[a-z0-9.-]+:(\d{2,5})\b`)

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

// As many processes as there are at least open fewer connections together than a server of MySQL or MariaDB allows by default; for as many as
// there are at most the README says what is needed.
func TestTheDatabaseHasTheConnections(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, overlay := range overlays {
		c := load(t, overlay)
		least, most := 0, 0
		for _, p := range c.pods {
			if !p.lasts {
				continue
			}
			each, err := strconv.Atoi(p.env("DB_MAX_CONNECTIONS"))
			if err != nil {
				t.Fatalf("%s: %v", p.name, err)
			}
			few, many := c.replicas(p.name)
			least, most = least+each*int(few), most+each*int(many)
		}
		if least > 151 {
			t.Errorf("%s: %d connections", overlay, least)
		}
		if says := fmt.Sprintf("at least %d connections, and at most %d", least, most); overlay == "prod" && !strings.Contains(string(readme), says) {
			t.Errorf("README.md does not say: %s", says)
		}
	}
}

// Argo CD makes what is of one wave before it begins the next: all that the migration needs has an earlier one, or it would wait for ever.
func TestTheMigrationHasWhatItNeeds(t *testing.T) {
	for _, overlay := range overlays {
		waves := map[string][]int{}
		for part := range strings.SplitSeq(string(build(t, overlay)), "\n---\n") {
			object := decode(t, part, &metav1.PartialObjectMetadata{})
			wave := 0
			if text := object.Annotations["argocd.argoproj.io/sync-wave"]; text != "" {
				var err error
				if wave, err = strconv.Atoi(text); err != nil {
					t.Fatal(err)
				}
			}
			if object.Kind != "ConfigMap" || object.Name == "runrun" {
				waves[object.Kind] = append(waves[object.Kind], wave)
			}
		}
		migration := waves["Job"][0]
		settings := slices.Concat(waves["ConfigMap"], waves["ServiceAccount"], waves["NetworkPolicy"], waves["Secret"])
		serving := slices.Concat(waves["Deployment"], waves["WorkerDeployment"])
		if slices.Max(waves["Namespace"]) >= slices.Min(settings) || slices.Max(settings) >= migration || migration >= slices.Min(serving) {
			t.Errorf("%s: %v", overlay, waves)
		}
	}
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
