package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// action is what this test reads of action.yml.
type action struct {
	Inputs map[string]struct {
		Default  string
		Required bool
	}
	Outputs map[string]struct{ Value string }
	Runs    struct {
		Using string
		Steps []struct {
			Name, ID, If, Shell, Uses, Run string
			Env, With                      map[string]string
			WorkingDirectory               string `yaml:"working-directory"`
		}
	}
}

func readAction(t *testing.T) (a action) {
	t.Helper()
	content, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// githubs is what GitHub makes of `${{ … }}`.
type githubs map[string]string

func (g githubs) expand(t *testing.T, text string) string {
	t.Helper()
	return regexp.MustCompile(`\$\{\{ (\S+) \}\}`).ReplaceAllStringFunc(text, func(m string) string {
		name := strings.TrimSpace(strings.Trim(m, "${} "))
		value, ok := g[name]
		if !ok {
			t.Errorf("action.yml asks for %s, which there is not", name)
		}
		return value
	})
}

// TestAction runs the commands of action.yml as GitHub does: reports are kept, the answer is on the job's page and in the pull request, and
// the job is red where something broke.
func TestAction(t *testing.T) {
	t.Parallel()
	a := readAction(t)
	for _, test := range []struct {
		command, undecided string
		code               string
		red                bool
		answer             string
	}{
		{"run --target memory --workload seats --strategy 'naive,mutex' -n 50000 --min-trials 50", "pass", "0", false, "2 rows"},
		{"run --target memory --workload seats --strategy naive --strict -n 50000 --min-trials 50", "pass", "1", true, "1 row"},
		{"run --target memory --workload seats --strategy mutex -d 50ms --min-trials 1000000000", "pass", "3", false, "1 inconclusive"},
		{"run --target memory --workload seats --strategy mutex -d 50ms --min-trials 1000000000", "fail", "3", true, "1 inconclusive"},
		{"explore --target memory --strategy naive", "pass", "0", false, "break"},
		{"explore --targett memory", "pass", "2", true, ""},
		{"explore --target 'memory", "pass", "", true, ""},
		{"explore --target memory --strategy $(false)`false`", "pass", "2", true, ""},
	} {
		j := a.run(t, test.command, test.undecided, github)
		if j.red != test.red || j.values["steps.run.outputs.code"] != test.code {
			t.Errorf("%s: red %v with code %s, want %v with %s:\n%s", test.command, j.red, j.values["steps.run.outputs.code"], test.red, test.code, j.output)
		}
		if test.answer == "" {
			continue
		}
		if !strings.HasPrefix(j.summary, "## lastseat") || !strings.Contains(j.summary, test.answer) || strings.Count(j.summary, "\n## ") > 0 || j.comment != "<!-- lastseat lastseat -->\n"+j.summary {
			t.Errorf("%s: the job's page and the comment:\n%s\n%s", test.command, j.summary, j.comment)
		}
		for _, file := range []string{"report.html", "report.md", "junit.xml", "result.json"} {
			if _, err := os.Stat(filepath.Join(j.kept, file)); err != nil {
				t.Error(err)
			}
		}
	}
}

// github is gh as the action uses it: it lists comments, and keeps what a request says.
const github = `case "$*" in *--jq*) cat earlier 2>/dev/null; exit 0 ;; esac
echo "$*" > request
for word; do case "$word" in body=@*) cp "${word#body=@}" comment ;; esac; done
`

// TestActionComments: the comment of an earlier run is replaced, and a job whose token may not comment is warned, and not red for that.
func TestActionComments(t *testing.T) {
	t.Parallel()
	a := readAction(t)
	for name, c := range map[string]struct{ gh, request, warning string }{
		"first":     {gh: github, request: "api --method POST repos/a/shop/issues/12/comments --field "},
		"again":     {gh: "printf '7\\n9\\n' > earlier\n" + github, request: "api --method PATCH repos/a/shop/issues/comments/7 --field "},
		"forbidden": {gh: "exit 1\n", warning: "::warning title=lastseat::"},
	} {
		j := a.run(t, "explore --target memory --strategy naive", "pass", c.gh)
		request, _ := os.ReadFile(filepath.Join(j.values["inputs.directory"], "request")) // there may be none
		if j.red || !strings.HasPrefix(string(request), c.request) || !strings.Contains(j.output, c.warning) || c.warning == "" && strings.Contains(j.output, "::warning") {
			t.Errorf("%s: red %v, asked %q:\n%s", name, j.red, request, j.output)
		}
	}
}

// job is what came of a run of the action.
type job struct {
	values                         githubs
	red                            bool
	output, summary, comment, kept string
}

// run has every step do what it does, but for those of others; gh is a stand-in that keeps what it is to say.
func (a *action) run(t *testing.T, command, undecided, gh string) *job {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "gh"), []byte("#!/bin/sh\ncd "+dir+"\n"+gh), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	j := &job{values: githubs{"github.token": "none", "github.repository": "a/shop", "github.event.pull_request.number": "12"}}
	for name, input := range a.Inputs {
		j.values["inputs."+name] = input.Default
	}
	j.values["inputs.command"], j.values["inputs.undecided"], j.values["inputs.directory"] = command, undecided, dir
	files := map[string]string{}
	for _, name := range []string{"GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_PATH"} {
		files[name] = filepath.Join(dir, name)
	}
	for i := range a.Runs.Steps {
		s := &a.Runs.Steps[i]
		if strings.HasPrefix(s.Uses, "actions/upload-artifact") {
			j.kept = j.values.expand(t, s.With["path"])
		}
		if s.Run == "" || j.red && !strings.HasPrefix(s.If, "always()") {
			continue
		}
		c := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", s.Run)
		c.Dir = j.values.expand(t, s.WorkingDirectory)
		c.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"), "RUNNER_TEMP="+dir, "GITHUB_ACTION=lastseat")
		for name, path := range files {
			c.Env = append(c.Env, name+"="+path)
		}
		for name, value := range s.Env {
			c.Env = append(c.Env, name+"="+j.values.expand(t, value))
		}
		out, err := c.CombinedOutput()
		j.output += string(out)
		j.red = j.red || err != nil
		said, _ := os.ReadFile(files["GITHUB_OUTPUT"]) // none yet
		for line := range bytes.Lines(said) {
			name, value, _ := strings.Cut(strings.TrimSpace(string(line)), "=")
			j.values["steps."+s.ID+".outputs."+name] = value
		}
	}
	summary, _ := os.ReadFile(files["GITHUB_STEP_SUMMARY"]) // there may be none
	comment, _ := os.ReadFile(filepath.Join(dir, "comment"))
	j.summary, j.comment = string(summary), string(comment)
	return j
}
