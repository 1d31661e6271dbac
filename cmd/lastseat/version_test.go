package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// TestVersion builds the program as a release does, and as anybody does: each says what it is.
func TestVersion(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{
		GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.2.3"},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123abc"}, {Key: "vcs.modified", Value: "true"}},
	}
	for _, path := range drivers {
		info.Deps = append(info.Deps, &debug.Module{Path: path, Version: "v9.8.7"})
	}
	own, release := describeBuild(info, "", ""), describeBuild(info, "1.2.4", "4567def")
	for _, want := range []string{"v1.2.3", "0123abc, with changes", "go1.26.0"} {
		if !strings.Contains(own, want) {
			t.Errorf("a build of v1.2.3 does not say %q:\n%s", want, own)
		}
	}
	if !strings.Contains(release, "1.2.4") || !strings.Contains(release, "4567def") || strings.Contains(release, "0123abc") {
		t.Errorf("a release does not say what -ldflags say:\n%s", release)
	}
	if strings.Count(own, "v9.8.7") != len(drivers) {
		t.Errorf("not every driver has its version:\n%s", own)
	}

	program := filepath.Join(t.TempDir(), "lastseat")
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-X main.version=7.7.7 -X main.commit=feedface", "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, arg := range []string{"version", "--version"} {
		out, err := exec.CommandContext(t.Context(), program, arg).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range append([]string{"7.7.7", "feedface", "go1."}, drivers...) {
			if !bytes.Contains(out, []byte(want)) {
				t.Errorf("lastseat %s does not say %s:\n%s", arg, want, out)
			}
		}
		if bytes.Contains(out, []byte("unknown")) {
			t.Errorf("lastseat %s knows less than it must:\n%s", arg, out)
		}
	}
}

// TestInstalledPrograms: go install ./cmd/... installs lastseat and nothing else.
func TestInstalledPrograms(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{if eq .Name \"main\"}}{{.ImportPath}}{{end}}", "../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(out)); len(got) != 1 || !strings.HasSuffix(got[0], "/cmd/lastseat") {
		t.Errorf("cmd holds the programs %v, want lastseat alone", got)
	}
}
