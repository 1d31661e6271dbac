package kubernetes

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	batch "k8s.io/api/batch/v1"
	"sigs.k8s.io/yaml"
)

// job reads a manifest: a field that the API does not have is an error.
func job(t *testing.T, path string) *batch.Job {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var j batch.Job
	if err := yaml.UnmarshalStrict(text, &j); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return &j
}

// TestManifests: the manifests are Jobs of the API, and the two speak of as many workers and of the same NATS.
func TestManifests(t *testing.T) {
	all, err := filepath.Glob("*.yaml")
	if err != nil || len(all) != 2 {
		t.Fatalf("manifests %q, %v", all, err)
	}
	for _, path := range all {
		if j := job(t, path); j.Kind != "Job" || j.APIVersion != "batch/v1" || len(j.Spec.Template.Spec.Containers) != 1 {
			t.Errorf("%s: %+v", path, j.TypeMeta)
		}
	}
	workers, coordinator := job(t, "workers.yaml"), job(t, "coordinator.yaml")
	if *workers.Spec.CompletionMode != batch.IndexedCompletion || *workers.Spec.Completions != 3 || *workers.Spec.Parallelism != 3 {
		t.Errorf("the workers are %+v", workers.Spec)
	}
	after := func(args []string, flag string) string {
		if i := slices.Index(args, flag); i >= 0 && i+1 < len(args) {
			return args[i+1]
		}
		return ""
	}
	run, join := coordinator.Spec.Template.Spec.Containers[0].Args, workers.Spec.Template.Spec.Containers[0].Args
	if after(run, "--workers") != "3" || after(run, "--nats") == "" || after(run, "--nats") != after(join, "--join") {
		t.Errorf("the coordinator runs %q, and the workers %q", run, join)
	}
}

// TestWrongManifest: the test above can fail.
func TestWrongManifest(t *testing.T) {
	var j batch.Job
	err := yaml.UnmarshalStrict([]byte("apiVersion: batch/v1\nkind: Job\nspec: {completionsMode: Indexed}"), &j)
	if err == nil || !strings.Contains(err.Error(), "completionsMode") {
		t.Errorf("a field that is none: %v", err)
	}
}
