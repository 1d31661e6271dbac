package app_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets"
	"github.com/lastseat/lastseat/targets/app"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// shop is the test's program, built once.
var shop = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "lastseat-shop-")
	if err != nil {
		return "", err
	}
	built := filepath.Join(dir, "shop")
	out, err := exec.Command("go", "build", "-o", built, "./testdata/shop").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return built, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := shop(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// file is a shop.yaml with operations; engine replaces the schema's words where products differ.
func file(t *testing.T, engine string, operations ...string) *spec.Spec {
	t.Helper()
	built, err := shop()
	if err != nil {
		t.Fatal(err)
	}
	text := "database: " + engine + "\nsetup: schema.sql\napp: " + built + "\noperations:\n"
	for _, op := range operations {
		text += "  " + strings.Trim(strings.ReplaceAll(op, "/", "-"), "-") + ": POST /" + op + "?c={client}\n"
	}
	s, err := spec.Parse("testdata/shop.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t *testing.T, s *spec.Spec, opt app.Options) *app.Program {
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
		t.Skip(missing.Hint)
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
	s := file(t, "postgres", "seat/racy")
	s.App = "sleep 60"
	p, err := app.Open(t.Context(), s, app.Options{Engines: targets.Programs(), Ready: 300 * time.Millisecond})
	if closed := p.Close(context.Background()); closed != nil {
		t.Error(closed)
	}
	var missing *store.MissingError
	if errors.As(err, &missing) {
		t.Skip(missing.Hint)
	}
	if err == nil || !strings.Contains(err.Error(), "it is to listen at the port that PORT says") {
		t.Errorf("%v: want where it was to listen", err)
	}
}
