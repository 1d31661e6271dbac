// Package buildinfo says what this program is made of.
package buildinfo

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"strings"
	"text/tabwriter"
)

// drivers are the modules that decide what a server was asked.
var drivers = []string{"github.com/jackc/pgx/v5", "github.com/go-sql-driver/mysql", "modernc.org/sqlite"}

// Text says what this program is made of, a line each: its version and commit, those given or what the build knows, Go and drivers.
func Text(version, commit string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return describe(info, version, commit)
}

// describe says what a build is made of; version and commit override what it says of itself.
func describe(info *debug.BuildInfo, version, commit string) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if commit == "" && settings["vcs.revision"] != "" {
		commit = settings["vcs.revision"]
		if settings["vcs.modified"] == "true" {
			commit += ", with changes that are not committed"
		}
		if at := settings["vcs.time"]; at != "" {
			commit += " (" + at + ")"
		}
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "lastseat\t%s\n", cmp.Or(version, info.Main.Version, "unknown"))
	fmt.Fprintf(w, "commit\t%s\n", cmp.Or(commit, "unknown: built without version control"))
	fmt.Fprintf(w, "go\t%s\n", cmp.Or(info.GoVersion, "unknown"))
	for _, path := range drivers {
		fmt.Fprintf(w, "%s\t%s\n", path, moduleVersion(info, path))
	}
	_ = w.Flush() // a strings.Builder takes everything
	return b.String()
}

// moduleVersion is the version of a module that was built in.
func moduleVersion(info *debug.BuildInfo, path string) string {
	for _, m := range info.Deps {
		if m.Path != path {
			continue
		}
		if m.Replace != nil {
			return m.Replace.Path + " " + m.Replace.Version
		}
		return m.Version
	}
	return "unknown"
}
