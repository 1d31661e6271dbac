package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
)

// TestHostileHistory: check writes nothing that a terminal obeys, whatever a history has for keys, values, processes and names.
func TestHostileHistory(t *testing.T) {
	const bad = "\x1b]0;x\x07\u202e\u009b31m\x00\xff<script>\n=1+1"
	histories := map[string]string{
		"keys.edn": `{:type :invoke, :process 0, :value [[:append "K" 1] [:r "L" nil]]}
{:type :invoke, :process 1, :value [[:append "L" 2] [:r "K" nil]]}
{:type :ok, :process 0, :value [[:append "K" 1] [:r "L" [2]]]}
{:type :ok, :process 1, :value [[:append "L" 2] [:r "K" [1]]]}
{:type :ok, :process 2, :value [[:append "K" "V"] [:r "K" [1 "V" "V" 9]]]}
`,
		"registers.json": `[{"type":"ok","process":1,"value":[["w","K","V"],["r","K","W"]]},{"type":"ok","process":2,"value":[["r","K","V"]]}]`,
		"set.edn":        `{:type :ok :process 1 :f :add :value "V"} {:type :ok :process 2 :f :read :value #{"V" "W"}} {:type :ok :process 2 :f :read :value #{}}`,
		"wrong.edn":      `{:type :K}`, "name.edn": `{:type :ok, :f "K", :value "V"}`, "none.edn": "K", "own.jsonl": `{"lastseat":"K"}`,
	}
	for name, text := range histories {
		for _, put := range []string{bad, strings.ToValidUTF8(bad, ""), "\u202e", "\x1b[2J"} {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(strings.NewReplacer("K", "K"+put, "V", "V"+put, "W", "W"+put).Replace(text)), 0o600); err != nil {
				t.Fatal(err)
			}
			out := map[string]string{"json": "", "svg": "", "dot": ""}
			args := []string{"check", path, "--explain"}
			for form := range out {
				args = append(args, "--"+form, filepath.Join(dir, form))
			}
			var stdout, stderr bytes.Buffer
			Main(args, &stdout, &stderr)
			for form := range out {
				b, _ := os.ReadFile(filepath.Join(dir, form)) // it is there only if the history could be read
				out[form] = string(b)
			}
			out["stdout"], out["stderr"] = stdout.String(), stderr.String()
			for where, said := range out {
				if said != harness.Visible(said) {
					t.Errorf("%s, %s: %q", name, where, said)
				}
				if where == "svg" && strings.Contains(said, "<script>") {
					t.Errorf("%s: markup in the picture: %s", name, said)
				}
			}
			if name == "keys.edn" && put == "\u202e" && !strings.Contains(out["dot"], "G1c") {
				t.Errorf("no cycle was drawn: %s%s", &stdout, &stderr)
			}
		}
	}
}
