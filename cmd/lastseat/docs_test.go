package main

import (
	"context"
	"errors"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lastseat/lastseat/internal/required"
)

// update rewrites what pages show of a command's output, and the picture: go test ./cmd/lastseat -run 'TestTranscripts|TestPicture'
// -update. A page alone: -run TestTranscripts/tour.md
var update = flag.Bool("update", false, "rewrite the transcripts and the picture in README.md and docs instead of comparing with them")

// atMostUnchecked is how many transcripts only scripts/nightly runs, how many only -update, nine of them of clusters, standbys and versions of servers, and
// how many no test runs.
var atMostUnchecked = map[string]int{"at night": 1, "slow": 15, "by hand": 1}

// TestTranscripts runs the commands that the pages show, and compares what they print with what is shown: rows, verdicts and words,
// not figures.
func TestTranscripts(t *testing.T) {
	texts, checked, unchecked := pages(t), 0, map[string]int{}
	for _, page := range slices.Sorted(maps.Keys(texts)) {
		if page == "docs/extending.md" {
			continue // TestExtending runs its commands, with the additions that they need
		}
		all, err := transcripts(page, texts[page])
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range promptedBlock.FindAllStringSubmatch(texts[page], -1) {
			if m[1] != "console" {
				t.Errorf("%s shows $ %s in a block that is not marked console", page, m[2])
			}
		}
		for _, tr := range all {
			for why := range atMostUnchecked {
				if tr.notes[why] != "" {
					unchecked[why]++
				}
			}
			checked++
			t.Run(strings.TrimPrefix(page, "docs/")+": "+tr.shown[0].command, func(t *testing.T) { checkTranscript(t, tr, texts[page]) })
		}
	}
	for why, n := range unchecked {
		if n > atMostUnchecked[why] {
			t.Errorf("%d transcripts are %s, want at most %d", n, why, atMostUnchecked[why])
		}
	}
	if checked < 15 {
		t.Errorf("the pages show %d transcripts, want at least 15", checked)
	}
}

func checkTranscript(t *testing.T, tr shownBlock, text string) {
	if !*update {
		t.Parallel() // servers start and faults pass meanwhile
	}
	switch {
	case tr.notes["by hand"] != "":
		t.Skip("no test runs it: " + tr.notes["by hand"])
	case tr.notes["at night"] != "" && !*update && !required.Whole():
		t.Skip("scripts/nightly runs it: " + tr.notes["at night"])
	case tr.notes["slow"] != "" && !*update:
		t.Skip("only -update runs it: " + tr.notes["slow"])
	case testing.Short() && !strings.Contains(tr.block, "--target sqlite"):
		t.Skip("needs servers or seconds; run without -short")
	}
	dir, block := t.TempDir(), ""
	for _, file := range namedFile.FindAllStringSubmatch(text, -1) {
		if err := os.WriteFile(filepath.Join(dir, file[1]), []byte(file[2]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range tr.shown {
		needServers(t, s.command)
		began := time.Now()
		output, code := runInShell(t, dir, s.command)
		t.Logf("%v: %s", time.Since(began).Round(time.Millisecond), s.command)
		output, err := tr.kept(output)
		if err != nil {
			t.Fatalf("%v:\n%s", err, output)
		}
		block += "$ " + s.command + "\n" + strings.TrimRight(output, "\n ") + "\n"
		if !*update {
			compare(t, tr, s, output, code)
		}
	}
	if *update {
		rewrite(t, tr, block)
	}
}

func compare(t *testing.T, tr shownBlock, s shown, output string, code int) {
	t.Helper()
	otherServers(t, s.output, output)
	undecided, difference := transcriptShape(installed(s.command), s.output).like(transcriptShape(installed(s.command), output))
	if difference != "" {
		t.Fatalf("$ %s\n%s\n\nall of it:\n%s", s.command, difference, output)
	}
	rows := transcriptShape(installed(s.command), s.output).rows
	if undecided > 0 {
		t.Logf("%d of %d rows were not decided", undecided, len(rows))
	}
	if undecided > len(rows)/2 {
		t.Errorf("$ %s\n%d of %d rows were not decided:\n%s", s.command, undecided, len(rows), output)
	}
	want, _ := strconv.Atoi(tr.notes["exit"]) // none: 0
	undecidedShown := slices.ContainsFunc(rows, func(r tableRow) bool { return !r.decided() })
	mayDiffer := (undecided > 0 || undecidedShown) && (code == 0 || code == 3)
	if code != want && !mayDiffer {
		t.Errorf("$ %s\nexit code %d, want %d:\n%s", s.command, code, want, output)
	}
}

// rewrite puts a transcript's output of now into its page.
func rewrite(t *testing.T, tr shownBlock, block string) {
	t.Helper()
	name := filepath.Join("../..", tr.page)
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	old := "```console\n" + tr.block + "```"
	if strings.Count(string(page), old) != 1 {
		t.Fatalf("%s shows this %d times, want once:\n%s", tr.page, strings.Count(string(page), old), tr.block)
	}
	text := strings.Replace(string(page), old, "```console\n"+block+"```", 1)
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// installed is a command as the installed program has it.
func installed(command string) string {
	return strings.Replace(command, "go run ./cmd/lastseat", "lastseat", 1)
}

// runInShell runs a command, without the user's own servers, and answers what it prints and its exit code. Stress ends here as soon as
// rows have a little evidence, where the page is not to be rewritten.
func runInShell(t *testing.T, dir, command string) (string, int) {
	t.Helper()
	command = installed(command)
	if !*update {
		command = strings.Replace(command, "lastseat run", "lastseat run --min-trials=50", 1)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "bash", "-c", command)
	c.Dir = dir
	if strings.HasPrefix(command, "go ") || strings.Contains(command, " examples/") {
		c.Dir = "../.."
	}
	c.Env = slices.DeleteFunc(environment(), func(kv string) bool {
		return strings.HasPrefix(kv, "COLUMNS=") || strings.HasPrefix(kv, "GITHUB_")
	})
	var exit *exec.ExitError
	out, err := c.Output()
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil && len(exit.Stderr) > 0 {
		t.Logf("standard error:\n%s", exit.Stderr)
	}
	return string(out), c.ProcessState.ExitCode()
}

// needServers skips the test where a server that the command names is not to be had.
func needServers(t *testing.T, command string) {
	t.Helper()
	if strings.Contains(command, "examples/programs/node-pg") {
		program(t, "postgres")
		if _, err := os.Stat("../../examples/programs/node-pg/node_modules"); err != nil {
			if required.By("node") {
				t.Fatal("./scripts/examples gets what the shop on Node needs")
			}
			t.Skip("./scripts/examples gets what the shop on Node needs")
		}
	}
	all := installed(command) == "lastseat isolation"
	for engine, names := range map[string]string{
		"postgres": "postgres", "mysql": "mysql", "mariadb": "mariadb", "redis": "redis|redlock", "zookeeper": "zookeeper", "etcd": "etcd",
	} {
		sql := engine != "redis" && engine != "zookeeper" && engine != "etcd"
		if all && sql || regexp.MustCompile(`\b(`+names+`)\b`).MatchString(command) {
			program(t, engine)
		}
	}
}

// otherServers skips the test where a page shows another major version of a server than this machine has.
func otherServers(t *testing.T, shown, got string) {
	t.Helper()
	versions := func(text string) []string {
		all := regexp.MustCompile(`\b(PostgreSQL|MySQL|MariaDB) \d+`).FindAllString(text, -1)
		slices.Sort(all)
		return slices.Compact(all)
	}
	if there, here := versions(shown), versions(got); !slices.Equal(there, here) {
		for _, v := range here {
			product, _, _ := strings.Cut(v, " ")
			if !slices.Contains(there, v) && strings.Contains(strings.Join(there, " "), product+" ") {
				t.Skipf("the page shows %v, and this machine has %v", there, here)
			}
		}
	}
}
