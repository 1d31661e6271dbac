package scaffold_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app/scaffold"
	"github.com/lastseat/lastseat/targets/app/spec"
)

var update = flag.Bool("update", false, "write the golden files")

// TestPropose: of each program in testdata, the file that is written is the golden one beside it, and is read by the strict parser.
func TestPropose(t *testing.T) {
	all, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	programs := 0
	for _, d := range all {
		if !d.IsDir() || d.Name() == "fuzz" {
			continue
		}
		programs++
		dir := filepath.Join("testdata", d.Name())
		t.Run(d.Name(), func(t *testing.T) {
			p := scaffold.Propose(os.DirFS(dir), targets.Programs())
			got := p.Text()
			if s, err := spec.Parse("shop.yaml", []byte(got)); err != nil {
				t.Errorf("%v: %+v", err, s)
			}
			got = "# lastseat init: " + p.Summary() + "\n" + got
			golden := dir + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s:\n%s", golden, got)
			}
		})
	}
	if programs < 10 {
		t.Errorf("looked at %d programs only", programs)
	}
}

// TestWrite: a file that is there already stays as it is, a link that leads nowhere too.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	if _, err := scaffold.Write(dir, targets.Programs()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, scaffold.Name)
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	var exists *scaffold.ExistsError
	if _, err := scaffold.Write(dir, targets.Programs()); !errors.As(err, &exists) || !strings.Contains(err.Error(), "is not overwritten") {
		t.Errorf("%v: want that it is there already", err)
	}
	if content, err := os.ReadFile(path); string(content) != "mine" {
		t.Errorf("the file holds %q: %v", content, err)
	}
	link := t.TempDir()
	if err := os.Symlink(filepath.Join(link, "elsewhere"), filepath.Join(link, scaffold.Name)); err != nil {
		t.Fatal(err)
	}
	if _, err := scaffold.Write(link, targets.Programs()); !errors.As(err, &exists) {
		t.Errorf("%v: want that it is there already", err)
	}
	if _, err := scaffold.Write(filepath.Join(dir, "nowhere"), targets.Programs()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v: want that there is no such folder", err)
	}
}

// FuzzPropose: whatever the files of a program hold, what is written can be read.
func FuzzPropose(f *testing.F) {
	f.Add("package.json", `{"scripts": {"start": "node x {y} #z"}, "dependencies": {"pg": "1"}}`, "app.js", `app.post("/a/:b/on", x)`)
	f.Add("manage.py", "", "urls.py", `path("x: y/<int:z>/{w}/", v)`)
	f.Add("pom.xml", "springframework mysql-connector-j", "A.java", `@RequestMapping("/{q}") @PostMapping @PutMapping("'")`)
	f.Fuzz(func(t *testing.T, by, is, source, text string) {
		if !fs.ValidPath(by) || !fs.ValidPath(source) {
			t.Skip()
		}
		p := scaffold.Propose(fstest.MapFS{by: {Data: []byte(is)}, source: {Data: []byte(text)}}, targets.Programs())
		if _, err := spec.Parse("shop.yaml", []byte(p.Text())); err != nil {
			t.Errorf("%v\n%s", err, p.Text())
		}
	})
}
