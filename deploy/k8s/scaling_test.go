package k8s

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

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
