package k8s

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
