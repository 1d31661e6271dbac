package runfile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/internal/flagerror"
	"github.com/lastseat/lastseat/internal/runfile"
)

// command has flags of each type that run has.
func command() *cobra.Command {
	cmd := &cobra.Command{Use: "run"}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSlice("target", []string{"memory"}, "")
	f.IntSlice("concurrency", []int{64}, "")
	f.Duration("duration", 0, "")
	f.Float64("rate", 0, "")
	f.Bool("burst", false, "")
	f.String("dsn", "", "")
	f.String("reads", "one", "")
	f.StringArray("fail-if", nil, "")
	f.Bool("print-config", false, "")
	f.VisitAll(flagerror.OneLine)
	return cmd
}

// printed is the command's configuration once arguments and a file were read.
func printed(t *testing.T, file string, typed ...string) string {
	t.Helper()
	cmd := command()
	if err := cmd.ParseFlags(typed); err != nil {
		t.Fatal(err)
	}
	if err := runfile.Apply(cmd, "bench.yaml", []byte(file)); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := runfile.Print(&b, cmd.Flags()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestFile: a file says what flags say, what was typed wins, and what is printed is a file that says the same.
func TestFile(t *testing.T) {
	const file = "target: [memory, 'a,\"b']\nconcurrency: [1, 8]\nduration: 300ms\nrate: 1000\nburst: true\nreads: 'true'\nfail-if: ['p99 > 1s, or', b]\n"
	const want = "target: [memory, 'a,\"b']\nconcurrency: [1, 16]\nduration: 300ms\nrate: 1000\nburst: true\n# dsn: \"\"\nreads: \"true\"\nfail-if: [\"p99 > 1s, or\", b]\n"
	got := printed(t, file, "--concurrency", "1,16")
	if diff := cmp.Diff(want, strings.ReplaceAll(got, `"a,\"b"`, `'a,"b'`)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if again := printed(t, got); again != got {
		t.Errorf("printed again: %s", cmp.Diff(got, again))
	}
	if got := printed(t, "concurrency: 8"); !strings.Contains(got, "\nconcurrency: [8]\n# duration: 0s\n") {
		t.Errorf("one value of a list: %s", got)
	}
}

// TestNoPasswordIsPrinted: DSNs stay with the user.
func TestNoPasswordIsPrinted(t *testing.T) {
	for _, file := range []string{"dsn: me:geheim@tcp(db:3306)/", "target: pg=postgres://me:geheim@db/shop", "target: my=me:geheim@tcp(db)/"} {
		if got := printed(t, file); strings.Contains(got, "geheim") || !strings.Contains(got, "may hold a password") {
			t.Errorf("%s: %s", file, got)
		}
	}
}

// TestMistakes: each is told of with its line.
func TestMistakes(t *testing.T) {
	for file, want := range map[string]string{
		"rate: 5\nconcurency: 8": "bench.yaml:2:1: unknown key concurency; did you mean concurrency?",
		"print-config: true":     "bench.yaml:1:1: unknown key print-config; there are: ",
		"rate: 5\nduration: 3":   `bench.yaml:2:1: duration is "3", must be a time with its unit, like 300ms or 2s`,
		"duration: [1s, 2s]":     "bench.yaml:1:11: duration has one value, and here is a list",
		"concurrency: {a: 1}":    "concurrency needs a value, as behind --concurrency",
		"concurrency: []":        "concurrency is an empty list: leave it out",
		"rate: 1\nrate: 2":       "rate", // the library's own words
		"":                       "bench.yaml: is empty, or has several documents: it needs names of flags, as in concurrency: 64",
		"- rate":                 "keys with values are expected here, as in key: value",
		"rate: [":                "bench.yaml:1:7",
	} {
		err := runfile.Apply(command(), "bench.yaml", []byte(file))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", file, err, want)
		}
	}
}

// TestArguments: a file with the keys of a program is one.
func TestArguments(t *testing.T) {
	for text, program := range map[string]bool{"app: ./shop\ndatabase: postgres": true, "operations: {}": true, "{": true, "duration: 1s": false} {
		file := filepath.Join(t.TempDir(), "a.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := command()
		got, err := runfile.Arguments(cmd, []string{file})
		if err != nil || got != program {
			t.Errorf("%q: program %v, %v", text, got, err)
		}
		if d, _ := cmd.Flags().GetDuration("duration"); (d == time.Second) == program {
			t.Errorf("%q: the duration is %v", text, d)
		}
	}
	if program, err := runfile.Arguments(command(), []string{"postgres"}); program || err != nil {
		t.Errorf("a target: %v, %v", program, err)
	}
	if _, err := runfile.Arguments(command(), []string{"no-such.yaml"}); err == nil {
		t.Error("a file that is not there is read")
	}
}

// FuzzApply: any bytes are applied, or refused in one sentence with the file's name.
func FuzzApply(f *testing.F) {
	f.Add([]byte("target: [memory, sqlite]\nconcurrency: 8\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := runfile.Apply(command(), "bench.yaml", text); err != nil && !strings.HasPrefix(err.Error(), "bench.yaml") {
			t.Errorf("%q: %v", text, err)
		}
		runfile.IsProgram("bench.yaml", text)
	})
}
