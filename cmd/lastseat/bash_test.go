package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBashCompletion completes lines in a bash that has nothing of the package bash-completion.
func TestBashCompletion(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	dir := t.TempDir()
	program, err := exec.LookPath("lastseat")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(dir, "lastseat")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.csv", "a.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		words string // as bash splits them, with blanks between
		line  string
		want  string
	}{
		{"lastseat ru", "lastseat ru", "run"},
		{"lastseat run --target pos", "lastseat run --target pos", "postgres"},
		{"lastseat run --target = pos", "lastseat run --target=pos", "postgres"},
		{"lastseat run --csv a.", "lastseat run --csv a.", "a.csv"},
		{"lastseat list anom", "lastseat list anom", "anomalies"},
	} {
		script := `source <(lastseat completion bash) || exit 9
COMP_WORDS=(` + c.words + `) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE='` + c.line + `' COMP_POINT=${#COMP_LINE} COMP_TYPE=9
__start_lastseat
printf '%s\n' "${COMPREPLY[@]}"`
		cmd := exec.CommandContext(t.Context(), bash, "--norc", "--noprofile", "-c", script)
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir + ":/usr/bin:/bin", "HOME=" + dir}
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != c.want {
			t.Errorf("%s: completed by %q, want %q (%v) %s", c.line, got, c.want, err, stderr.String())
		}
	}
}
