package main

import (
	"cmp"
	"encoding/json"
	gofmt "go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// extension is a block of docs/extending.md under the file that it is, or is a change of.
var extension = regexp.MustCompile("(?ms)^`(\\S+)`:\n\n```(go|diff)\n(.*?)^```$")

// shownRow is a row of a report's table, a test point, a row of explore, or a measurement of isolation, as far as it is the same each time.
var shownRow = regexp.MustCompile(`(?m)^(\S+ +[✓✗] \w+|ok \d.*|seats +\S+ +(?:un)?safe, as promised|[GOPs]\S+ +(?:waits|reads)$)`)

// TestExtending does what docs/extending.md says: it adds the files, changes the tables, and runs the commands, whose rows come
// out as the page shows them. The tree itself stays as it is: the go command sees the additions in an overlay.
func TestExtending(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the program anew; run without -short")
	}
	content, err := os.ReadFile("../../docs/extending.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	overlay := "-overlay=" + overlayOf(t, root, page)
	dir := t.TempDir()
	bin := filepath.Join(dir, "lastseat")
	goTool(t, root, "vet", overlay, "./targets/sqldb", "./workloads", "./reports") // vet goes into each folder
	goTool(t, root, "build", overlay, "-o", bin, "./cmd/lastseat")

	ran := 0
	for _, block := range fencedBlocks(page, "console") {
		line, shown, _ := strings.Cut(block, "\n")
		tool, args, _ := strings.Cut(strings.TrimPrefix(line, "$ "), " ./")
		t.Run(line, func(t *testing.T) {
			switch tool {
			case "go test":
				goTest(t, root, overlay, args)
			case "go run":
				runShown(t, dir, bin, strings.Fields(args)[1:], shown)
			default:
				t.Fatalf("no way to run %q", line)
			}
		})
		ran++
	}
	if ran < 12 {
		t.Errorf("docs/extending.md shows %d commands, want one to test and one to run each part", ran)
	}
}

// overlayOf writes the page's additions to an overlay of the tree at root, in the go command's format, and returns its name.
func overlayOf(t *testing.T, root, page string) string {
	t.Helper()
	dir := t.TempDir()
	var overlay struct{ Replace map[string]string }
	overlay.Replace = map[string]string{}
	kinds := map[string]int{}
	for _, m := range extension.FindAllStringSubmatch(page, -1) {
		path, kind, text := filepath.Join(root, m[1]), m[2], m[3]
		kinds[kind]++
		switch kind {
		case "go":
			if _, err := os.Stat(path); err == nil {
				t.Errorf("%s is there already; the page needs another example", m[1])
			}
			if formatted, err := gofmt.Source([]byte(text)); err != nil || string(formatted) != text {
				t.Errorf("%s is not formatted: %v", m[1], err)
			}
		case "diff":
			text = patched(t, cmp.Or(overlay.Replace[path], path), text) // a file may be changed in several places
		}
		file := filepath.Join(dir, strings.ReplaceAll(m[1], "/", "_"))
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[path] = file
	}
	if len(fencedBlocks(page, "go")) != kinds["go"] || kinds["diff"] != 5 {
		t.Fatalf("%v blocks are under a file's name, want all Go code and 5 changes of tables", kinds)
	}
	data, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// patched is a file with a diff's change made in the one place that it fits.
func patched(t *testing.T, path, diff string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var before, after strings.Builder
	for line := range strings.Lines(diff) {
		if line[0] != '+' {
			before.WriteString(line[1:])
		}
		if line[0] != '-' {
			after.WriteString(line[1:])
		}
	}
	if n := strings.Count(string(content), before.String()); n != 1 {
		t.Fatalf("docs/extending.md changes lines that are %d times in %s, want once:\n%s", n, path, diff)
	}
	return strings.Replace(string(content), before.String(), after.String(), 1)
}

// goTest runs a folder's tests. A folder that is in the overlay only is none to run in: its tests are built and run elsewhere.
func goTest(t *testing.T, root, overlay, folder string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, folder)); err == nil {
		goTool(t, root, "test", "-short", "-vet=off", overlay, "./"+folder)
		return
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "test")
	goTool(t, root, "test", "-c", "-vet=off", overlay, "-o", bin, "./"+folder)
	c := exec.CommandContext(t.Context(), bin, "-test.short")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("the tests of %s: %v\n%s", folder, err, out)
	}
}

func goTool(t *testing.T, root string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", args...)
	c.Dir = root
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// runShown runs the program and compares the rows that it prints with those that the page shows. The user's own servers are not
// for tests.
func runShown(t *testing.T, dir, bin string, args []string, shown string) {
	t.Helper()
	if slices.Contains(args, "postgres") {
		program(t, "postgres") // or skip
	}
	// Operations are the same on every machine, and a row's time is not. In memory few of them meet.
	ops := "10000"
	if slices.Contains(args, "memory") {
		ops = "50000"
	}
	if args[0] == "run" {
		args = append(args, "--min-trials=50", "--ops="+ops)
	}
	c := exec.CommandContext(t.Context(), bin, args...)
	c.Dir = dir
	c.Env = environment()
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := shownRow.FindAllString(shown, -1)
	if len(want) == 0 {
		t.Fatal("the page shows no row")
	}
	if got := shownRow.FindAllString(string(out), -1); !slices.Equal(got, want) {
		t.Errorf("the rows are %q, and the page shows %q:\n%s", got, want, out)
	}
}
