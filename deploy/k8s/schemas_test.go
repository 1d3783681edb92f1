package k8s

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yannh/kubeconform/pkg/validator"
	"sigs.k8s.io/yaml"
)

// Where the schemas come from: modules whose files are read, and not their code.
const (
	kubernetes         = "k8s.io/kubernetes@v1.36.3"
	keda               = "github.com/kedacore/keda/v2@v2.20.2"
	prometheusOperator = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
)

// module is the folder of a module's files.
func module(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", name).Output()
	var got struct{ Dir string }
	if err != nil || json.Unmarshal(out, &got) != nil || got.Dir == "" {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return got.Dir
}

// schemas writes the JSON schema of each kind to a folder, as kubeconform looks for them.
func schemas(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, group := range []string{"api__v1", "apis__apps__v1", "apis__autoscaling__v2", "apis__batch__v1", "apis__networking.k8s.io__v1", "apis__policy__v1"} {
		writeBuiltIn(t, folder, filepath.Join(module(t, kubernetes), "api/openapi-spec/v3", group+"_openapi.json"))
	}
	for _, crd := range []string{
		filepath.Join(module(t, keda), "config/crd/bases/keda.sh_scaledobjects.yaml"),
		filepath.Join(module(t, keda), "config/crd/bases/keda.sh_triggerauthentications.yaml"),
		filepath.Join(module(t, prometheusOperator), "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"),
		filepath.Join(module(t, prometheusOperator), "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml"),
		filepath.Join(module(t, prometheusOperator), "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"),
		"testdata/worker-controller.yaml",
	} {
		writeCustom(t, folder, crd)
	}
	return folder
}

// writeBuiltIn writes the kinds of one group of Kubernetes.
func writeBuiltIn(t *testing.T, folder, path string) {
	t.Helper()
	var document map[string]any
	read(t, path, &document)
	components, _ := document["components"].(map[string]any)
	all, _ := components["schemas"].(map[string]any)
	forbidOthers(all)
	for name, schema := range all {
		of, _ := schema.(map[string]any)
		kinds, _ := of["x-kubernetes-group-version-kind"].([]any)
		for _, kind := range kinds {
			k, _ := kind.(map[string]any)
			write(t, folder, cmp.Or(fmt.Sprint(k["group"]), "v1"), // so kubeconform calls the group without a name
				fmt.Sprint(k["version"]), fmt.Sprint(k["kind"]),
				map[string]any{"$ref": "#/components/schemas/" + name, "components": components})
		}
	}
}

// writeCustom writes the versions of custom resources.
func writeCustom(t *testing.T, folder, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for part := range strings.SplitSeq(string(text), "\n---\n") {
		var crd struct {
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct {
					Name   string
					Schema struct {
						OpenAPIV3Schema map[string]any `json:"openAPIV3Schema"`
					}
				}
			}
		}
		if err := yaml.Unmarshal([]byte(part), &crd); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, version := range crd.Spec.Versions {
			forbidOthers(version.Schema.OpenAPIV3Schema)
			write(t, folder, crd.Spec.Group, version.Name, crd.Spec.Names.Kind, version.Schema.OpenAPIV3Schema)
		}
	}
}

// forbidOthers makes every object refuse fields that its schema does not know: a misspelled one would be dropped in silence.
func forbidOthers(schema any) {
	switch s := schema.(type) {
	case []any:
		for _, item := range s {
			forbidOthers(item)
		}
	case map[string]any:
		properties, is := s["properties"].(map[string]any)
		open, _ := s["x-kubernetes-preserve-unknown-fields"].(bool)
		if _, said := s["additionalProperties"]; is && !said && !open {
			s["additionalProperties"] = false
			if s["type"] == "object" { // custom resources do not say what every object has
				for name, value := range map[string]any{"apiVersion": map[string]any{}, "kind": map[string]any{}} {
					if _, has := properties["metadata"]; has {
						properties[name] = value
					}
				}
			}
		}
		for value := range maps.Values(s) {
			forbidOthers(value)
		}
	}
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func write(t *testing.T, folder, group, version, kind string, schema map[string]any) {
	t.Helper()
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.ToLower(strings.Join([]string{group, version, kind}, "_")) + ".json"
	if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Every object of every overlay is valid, field by field.
func TestEveryObjectIsValid(t *testing.T) {
	folder := schemas(t)
	locations := []string{
		folder + "/{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json",
	}
	check, err := validator.New(locations, validator.Opts{Strict: true, KubernetesVersion: "1.36.3"})
	if err != nil {
		t.Fatal(err)
	}
	for _, overlay := range overlays {
		t.Run(overlay, func(t *testing.T) {
			count := 0
			for _, result := range check.Validate(overlay, io.NopCloser(bytes.NewReader(build(t, overlay)))) {
				if result.Status == validator.Empty {
					continue
				}
				count++
				if result.Status != validator.Valid {
					signature, _ := result.Resource.Signature()
					t.Errorf("%+v: %v %v", signature, result.Err, result.ValidationErrors)
				}
			}
			if count < 20 {
				t.Errorf("only %d objects", count)
			}
		})
	}
	wrong := strings.Replace(string(build(t, "dev")), "terminationGracePeriodSeconds", "terminationGracePeriod", 1)
	valid := true
	for _, result := range check.Validate("wrong", io.NopCloser(strings.NewReader(wrong))) {
		valid = valid && result.Status == validator.Valid
	}
	if valid {
		t.Error("a misspelled field is valid")
	}
}
