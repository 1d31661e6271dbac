package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/local"
)

// workflow is what these tests read of the workflow in docs/ci.md.
type workflow struct {
	Jobs struct {
		Lastseat struct {
			Services map[string]service
			Env      map[string]string
			Steps    []struct {
				Run  string
				Uses string
				With struct{ Path string }
			}
		}
	}
}

// service is a server in a container, of the workflow or of compose.yaml.
type service struct {
	Image       string
	Env         map[string]string // workflow
	Environment map[string]string // compose.yaml
	Ports       []string
	Options     string // workflow
	Healthcheck struct {
		Test                       []string
		Interval, Timeout, Retries string
	} // compose.yaml
}

func readCI(t *testing.T) (page string, w workflow) {
	t.Helper()
	content, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := fencedBlocks(string(content), "yaml")
	if len(blocks) != 3 {
		t.Fatalf("docs/ci.md has %d workflows, want that of pull requests, that of nights, and GitLab's", len(blocks))
	}
	if err := yaml.Unmarshal([]byte(blocks[1]), &w); err != nil {
		t.Fatal(err)
	}
	return string(content), w
}

// gitlab is the job for GitLab in docs/ci.md.
type gitlab struct {
	Oversell struct {
		Script    []string
		Artifacts struct {
			Paths   []string
			Reports struct{ JUnit string }
		}
	}
}

func readGitLab(t *testing.T, page string) (g gitlab) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(fencedBlocks(page, "yaml")[2]), &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Oversell.Script) < 2 {
		t.Fatalf("GitLab's job has no script: %+v", g)
	}
	return g
}

// TestPullRequestWorkflow: the workflow for pull requests gives the action only what it takes, and all that it needs.
func TestPullRequestWorkflow(t *testing.T) {
	page, _ := readCI(t)
	var w struct {
		Jobs struct {
			Lastseat struct {
				Steps []struct {
					Uses string
					With map[string]string
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(fencedBlocks(page, "yaml")[0]), &w); err != nil {
		t.Fatal(err)
	}
	a, used := readAction(t), false
	for _, step := range w.Jobs.Lastseat.Steps {
		if !strings.HasPrefix(step.Uses, "lastseat/lastseat@") {
			continue
		}
		used = true
		for name := range step.With {
			if _, ok := a.Inputs[name]; !ok {
				t.Errorf("action.yml has no input %s", name)
			}
		}
		for name, input := range a.Inputs {
			if input.Required && step.With[name] == "" {
				t.Errorf("the workflow does not say %s", name)
			}
		}
	}
	if !used {
		t.Error("the workflow does not use the action")
	}
}

// fencedBlocks are a page's blocks of code in a language.
func fencedBlocks(page, language string) []string {
	var blocks []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// TestCIRecipe runs every command of docs/ci.md, in its order and in one folder, as GitHub does: only the servers are others,
// and what `go install` would fetch is what is tested here.
func TestCIRecipe(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes half a minute; run without -short")
	}
	page, w := readCI(t)
	job := w.Jobs.Lastseat
	var scripts []string
	for _, step := range job.Steps {
		if step.Uses == "" {
			scripts = append(scripts, step.Run)
		}
	}
	lab := readGitLab(t, page)
	for _, script := range lab.Oversell.Script {
		if strings.HasPrefix(script, "lastseat ") {
			script += " || [ $? -eq 3 ]" // allow_failure
		}
		scripts = append(scripts, script)
	}
	scripts = append(scripts, fencedBlocks(page, "sh")...)

	dir, bin := t.TempDir(), t.TempDir()
	summary := filepath.Join(dir, "summary.md")
	env := append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "GITHUB_STEP_SUMMARY="+summary)
	for name, value := range job.Env {
		env = append(env, name+"="+value)
	}
	env = append(env, throwaways(t)...)
	output := ""
	for _, script := range scripts {
		c := exec.CommandContext(t.Context(), "bash", "-e", "-c", install(t, script, bin))
		c.Dir, c.Env = dir, env
		began := time.Now()
		out, err := c.CombinedOutput()
		t.Logf("%v: %s", time.Since(began).Round(time.Millisecond), script)
		if err != nil && !slower(script, err, out) {
			t.Fatalf("%s\n%v:\n%s", script, err, out)
		}
		output += string(out)
	}
	for _, want := range []string{"seats on postgres", "seats on mysql", "seats on mariadb", "sec/op", "ops/s", "Seats/target=postgres/strategy=for-update/iso=rc/cells=10-64"} {
		if !strings.Contains(output, want) {
			t.Errorf("the commands do not print %q:\n%s", want, output)
		}
	}
	if text, err := os.ReadFile(summary); err != nil || !strings.HasPrefix(string(text), "## lastseat: ") {
		t.Errorf("the job's page: %v:\n%s", err, text)
	}
	artifacts(t, dir, w)
	for _, file := range append(lab.Oversell.Artifacts.Paths, lab.Oversell.Artifacts.Reports.JUnit) {
		if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
			t.Errorf("GitLab's job: %v", err)
		}
	}
}

// slower says whether a comparison ended as it should where other work took the machine between its two runs: thresholds of
// speed are met (code 4), and no verdict got worse.
func slower(script string, err error, out []byte) bool {
	var exit *exec.ExitError
	return strings.Contains(script, "lastseat compare ") && errors.As(err, &exit) && exit.ExitCode() == 4 &&
		bytes.Contains(out, []byte("thresholds failed")) && bytes.Contains(words(out), []byte("no verdict got worse"))
}

// words are a text's words with one space between them, however its lines were wrapped.
func words(text []byte) []byte {
	return bytes.Join(bytes.Fields(text), []byte(" "))
}

// throwaways are the variables that lead to a throwaway server of each engine, which need not outlive a power cut.
func throwaways(t *testing.T) []string {
	t.Helper()
	var env []string
	for _, e := range []string{"postgres", "mysql", "mariadb"} {
		s, err := local.Start(t.Context(), program(t, e), local.Options{Volatile: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Stop(context.Background()) })
		engine, _ := targets.Named(e)
		env = append(env, engine.DSNEnv+"="+s.DSN())
	}
	return env
}

// install is the script without its `go install` lines, whose programs come to lie in bin, as this module has them.
// lastseat itself is on PATH already.
func install(t *testing.T, script, bin string) string {
	t.Helper()
	return regexp.MustCompile(`(?m)^go install (\S+)@latest$`).ReplaceAllStringFunc(script, func(line string) string {
		pkg, _, _ := strings.Cut(strings.TrimPrefix(line, "go install "), "@")
		if pkg == "github.com/lastseat/lastseat/cmd/lastseat" {
			return ""
		}
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, pkg).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v:\n%s", line, err, out)
		}
		return ""
	})
}

// artifacts checks that the files that the workflow keeps are there, and say what the job's colour says.
func artifacts(t *testing.T, dir string, w workflow) {
	t.Helper()
	var kept []string
	for _, step := range w.Jobs.Lastseat.Steps {
		kept = append(kept, strings.Fields(step.With.Path)...)
	}
	if want := []string{"junit.xml", "result.json", "bench.txt", "out"}; !slices.Equal(kept, want) {
		t.Errorf("the workflow keeps %v, want %v", kept, want)
	}
	for _, name := range kept {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	content, err := os.ReadFile(filepath.Join(dir, "junit.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
	}
	if err := xml.Unmarshal(content, &suites); err != nil {
		t.Fatal(err)
	}
	rows := result(t, filepath.Join(dir, "result.json")).Rows
	// Each target has a control besides the rows.
	if suites.Tests != 9 || len(rows) != 12 || suites.Failures+suites.Errors > 0 {
		t.Errorf("%d rows, and the test report has %+v", len(rows), suites)
	}
}

// TestComposeIsTheWorkflow: compose.yaml starts the servers that the workflow has, and its variables lead to them.
func TestComposeIsTheWorkflow(t *testing.T) {
	content, err := os.ReadFile("../../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct{ Services map[string]service }
	if err := yaml.UnmarshalWithOptions(content, &compose, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	_, w := readCI(t)
	job := w.Jobs.Lastseat
	if len(compose.Services) != 3 || len(job.Services) != 3 || len(job.Env) != 3 {
		t.Fatalf("%d and %d services, %d variables", len(compose.Services), len(job.Services), len(job.Env))
	}
	for name, here := range compose.Services {
		there := job.Services[name]
		if here.Image != there.Image || !strings.Contains(here.Image, ":") {
			t.Errorf("%s: image %q and %q", name, here.Image, there.Image)
		}
		if len(here.Ports) != 1 || len(there.Ports) != 1 || here.Ports[0] != "127.0.0.1:"+there.Ports[0] {
			t.Fatalf("%s: ports %v and %v", name, here.Ports, there.Ports)
		}
		health := here.Healthcheck
		for _, option := range []string{
			`--health-cmd "` + health.Test[len(health.Test)-1] + `"`, "--health-interval " + health.Interval,
			"--health-timeout " + health.Timeout, "--health-retries " + health.Retries,
		} {
			if !strings.Contains(there.Options, option) {
				t.Errorf("%s: the workflow has no %s", name, option)
			}
		}
		engine, ok := targets.Named(name)
		if !ok {
			t.Fatalf("there is no target %s", name)
		}
		dsn := job.Env[engine.DSNEnv]
		if !strings.Contains(string(content), "#   export "+engine.DSNEnv+"='"+dsn+"'\n") {
			t.Errorf("compose.yaml has no line for %s=%s", engine.DSNEnv, dsn)
		}
		port, _, _ := strings.Cut(there.Ports[0], ":")
		if !strings.Contains(dsn, "127.0.0.1:"+port) {
			t.Errorf("%s: %s does not lead to port %s", name, dsn, port)
		}
		for variable, password := range here.Environment {
			if there.Env[variable] != password || !strings.Contains(dsn, ":"+password+"@") {
				t.Errorf("%s: password %q, %q, and %s", name, password, there.Env[variable], dsn)
			}
		}
	}
}
