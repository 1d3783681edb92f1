package k8s

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

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
