package buildinfo

import (
	"runtime/debug"
	"strings"
	"testing"
)

// TestDescribe: a release says what it was given, another build what it knows itself.
func TestDescribe(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.2.3"},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123abc"}, {Key: "vcs.modified", Value: "true"}},
	}
	for _, path := range drivers {
		info.Deps = append(info.Deps, &debug.Module{Path: path, Version: "v9.8.7"})
	}
	own, release := describe(info, "", ""), describe(info, "1.2.4", "4567def")
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
}
