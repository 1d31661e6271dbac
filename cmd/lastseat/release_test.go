package main

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestReleaseCheck lets goreleaser check its configuration, where goreleaser is installed. CI installs it.
func TestReleaseCheck(t *testing.T) {
	program, err := exec.LookPath("goreleaser")
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("LASTSEAT_REQUIRE"), ","), "goreleaser") {
			t.Fatal("goreleaser is required: go install github.com/goreleaser/goreleaser/v2@v2.15.1")
		}
		t.Skip("goreleaser is not installed: go install github.com/goreleaser/goreleaser/v2@v2.15.1")
	}
	check := exec.CommandContext(t.Context(), program, "check")
	check.Dir = "../.."
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("goreleaser check: %v\n%s", err, out)
	}
}

// TestReleaseBuilds: a release is made of static binaries, and each says its version by variables that the program has.
func TestReleaseBuilds(t *testing.T) {
	text, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var release struct {
		Builds []struct {
			Main                       string
			Env, Goos, Goarch, Ldflags []string
		}
	}
	if err := yaml.Unmarshal(text, &release); err != nil {
		t.Fatal(err)
	}
	if len(release.Builds) != 1 {
		t.Fatalf("%d builds, want 1", len(release.Builds))
	}
	b := release.Builds[0]
	if b.Main != "./cmd/lastseat" || !slices.Contains(b.Env, "CGO_ENABLED=0") {
		t.Errorf("builds %s with %v, want ./cmd/lastseat without C", b.Main, b.Env)
	}
	if !slices.Equal(b.Goos, []string{"linux", "darwin"}) || !slices.Equal(b.Goarch, []string{"amd64", "arm64"}) {
		t.Errorf("builds for %v on %v", b.Goos, b.Goarch)
	}
	for _, name := range []string{"main.version=", "main.commit="} {
		if len(b.Ldflags) != 1 || !bytes.Contains([]byte(b.Ldflags[0]), []byte("-X "+name)) {
			t.Errorf("ldflags %v do not set %s", b.Ldflags, name)
		}
	}
}
