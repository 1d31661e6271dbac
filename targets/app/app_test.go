package app_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/internal/required"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// builds are the tests' programs in testdata, each built once.
var builds = struct {
	sync.Mutex
	dir   string
	built map[string]string
}{built: map[string]string{}}

func TestMain(m *testing.M) {
	code := m.Run()
	if builds.dir != "" {
		_ = os.RemoveAll(builds.dir)
	}
	os.Exit(code)
}

// build builds a program of testdata.
func build(t testing.TB, name string) string {
	t.Helper()
	builds.Lock()
	defer builds.Unlock()
	if path := builds.built[name]; path != "" {
		return path
	}
	if builds.dir == "" {
		dir, err := os.MkdirTemp("", "lastseat-app-")
		if err != nil {
			t.Fatal(err)
		}
		builds.dir = dir
	}
	path := filepath.Join(builds.dir, name)
	if out, err := exec.Command("go", "build", "-o", path, "./testdata/"+name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	builds.built[name] = path
	return path
}

// file is a shop.yaml with operations.
func file(t testing.TB, engine string, operations ...string) *spec.Spec {
	t.Helper()
	own := map[bool]string{true: "schema_postgres.sql", false: "schema_mysql.sql"}[engine == "postgres"]
	text := "database: " + engine + "\nsetup: [schema.sql, " + own + "]\napp: " + build(t, "shop") + "\noperations:\n"
	for _, op := range operations {
		text += "  " + strings.Trim(strings.ReplaceAll(op, "/", "-"), "-") + ": POST /" + op + "?c={client}\n"
	}
	s, err := spec.Parse("testdata/shop.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t testing.TB, s *spec.Spec, opt app.Options) *app.Program {
	t.Helper()
	opt.Engines = targets.Programs()
	p, err := app.Open(t.Context(), s, opt)
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	var missing *store.MissingError
	if errors.As(err, &missing) {
		required.Missing(t, s.Database, missing.Hint)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func explorer(p *app.Program, operations ...string) *program.Explorer {
	x := &program.Explorer{Operations: operations, Start: p.Start(), Ignore: p.Ignore, Schedules: 400, Traits: p.Traits()}
	for _, l := range p.Lanes() {
		x.Lanes = append(x.Lanes, l)
	}
	return x
}

// TestSilentProgram: a program that listens elsewhere than at PORT is ended, and the error says where it was to listen.
func TestSilentProgram(t *testing.T) {
	t.Parallel()
	s := file(t, "postgres", "seat/racy")
	s.App = "sleep 60"
	p, err := app.Open(t.Context(), s, app.Options{Engines: targets.Programs(), Ready: 300 * time.Millisecond})
	if closed := p.Close(context.Background()); closed != nil {
		t.Error(closed)
	}
	var missing *store.MissingError
	if errors.As(err, &missing) {
		required.Missing(t, "postgres", missing.Hint)
	}
	if err == nil || !strings.Contains(err.Error(), "it is to listen at the port that PORT says") {
		t.Errorf("%v: want where it was to listen", err)
	}
}
