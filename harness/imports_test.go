package harness_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/lastseat/lastseat/"

// mayImport says which packages of the module a package may import, by the first prefix that fits it.
var mayImport = []struct {
	pkg     string
	imports []string
}{
	{"cmd/", []string{""}},
	{"internal/names", nil},
	{"internal/buildinfo", nil},
	{"internal/required", nil},
	{"internal/terminal", nil},
	{"internal/completion", []string{"internal/names", "reports/glossary"}},
	{"internal/limits", []string{"harness/suite"}},
	{"internal/flagerror", []string{"internal/names"}},
	{"internal/outfiles", []string{"reports"}},
	{"internal/", []string{""}},
	{"github.com/lastseat/lastseat", []string{"harness/store", "harness/explore/owncode", "targets"}},
	{"harness/stats", nil},
	{"harness/linear", nil},
	{"harness/promise", []string{"harness"}},
	{"harness/store", []string{"harness", "harness/promise"}},
	{"harness/engine", []string{"harness", "harness/promise", "harness/store", "harness/stats"}},
	{"harness/history", []string{"harness", "harness/store"}},
	{"harness/anomaly/polygraph", nil},
	{"harness/anomaly", []string{"harness", "harness/history", "harness/anomaly/polygraph"}},
	{"harness/check", []string{"harness", "harness/history", "harness/anomaly", "harness/linear"}},
	{"harness/explore/owncode/", []string{"harness", "harness/store", "harness/explore/owncode", "targets/wire"}},
	{"harness/explore/owncode", []string{"harness", "harness/store", "harness/explore", "harness/explore/program", "harness/serial", "internal/required"}},
	{"harness/explore/schedule", []string{"harness", "harness/promise", "harness/store", "harness/explore"}},
	{"harness/explore", []string{"harness", "harness/promise", "harness/store"}},
	{"harness/suite", []string{
		"harness", "harness/promise", "harness/store", "harness/engine", "harness/anomaly", "harness/explore", "harness/explore/schedule",
		"harness/history", "harness/stats", "internal/names",
	}},
	{"harness/isolation", []string{"harness", "harness/store", "harness/explore", "harness/explore/schedule", "harness/suite", "internal/names"}},
	{"harness/recheck", []string{
		"harness", "harness/engine", "harness/history", "harness/check", "harness/anomaly", "harness/suite",
	}},
	{"harness", nil},
	{"workloads", []string{"harness", "harness/promise", "harness/store", "harness/check", "harness/anomaly"}},
	{"reports/html", []string{"harness"}},
	{"reports/glossary", []string{
		"harness", "harness/promise", "harness/store", "harness/explore/schedule", "reports", "targets", "workloads", "internal/names",
	}}, // its words are those of all tables
	{"reports", []string{
		"harness", "harness/promise", "harness/store", "harness/engine", "harness/explore/schedule", "harness/stats", "harness/suite",
		"harness/isolation", "harness/recheck", "harness/explore/program", "harness/rounds", "harness/anomaly", "reports/html",
	}},
	{"targets/local", []string{"harness/store"}},
	{"targets/wire", nil}, // the protocols know nothing of who reads them
	{"targets/app/spec", []string{"harness", "internal/names"}},
	{"targets/app/proxy", []string{"targets/wire"}},
	{"targets/app/database", []string{"harness", "targets/app/proxy"}},
	{"targets/app/tables", []string{"harness", "harness/store", "harness/explore", "targets/wire", "targets/app/"}}, // what Go code's own tests need
	{"targets/app/load", []string{"harness", "harness/stats", "targets/wire", "targets/app/"}},
	{"targets/app", []string{"harness", "harness/explore", "harness/explore/program", "harness/rounds", "harness/serial", "internal/names", "targets/wire", "targets/app/"}},
	{"targets/app/", []string{"harness", "harness/explore", "targets/wire", "targets/app/"}},
	{"targets/env/payment", []string{"harness", "harness/promise", "harness/store", "targets/env/payment/service"}},
	{"targets/env/fault", []string{"harness", "harness/promise", "harness/store", "harness/check", "targets/wire"}}, // a check comes with a fault
	{"targets/", []string{
		"harness", "harness/promise", "harness/store", "targets/sqldb", "targets/local", "targets/wire", "targets/app/database", "targets/app/proxy",
		"targets/app/tables",
	}},
	{"targets", []string{"harness", "harness/store", "targets/"}},
	{"harness/serial", []string{"harness"}},
	{"harness/rounds", []string{"harness", "harness/engine", "harness/explore/program", "harness/serial"}},
	{"harness/explore/program", []string{"harness", "harness/explore", "harness/serial", "internal/names"}},
	{"examples/table", []string{"harness", "harness/engine", "harness/suite", "reports", "targets", "workloads"}},
	{"examples/", nil}, // code of one's own knows nothing of lastseat: its tests do
}

// TestImportsGoOneWay holds the design's direction: targets never see workloads, checkers or reports; the harness sees
// little but the standard library.
func TestImportsGoOneWay(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; packages++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module)
		for _, imp := range p.Imports {
			own, ours := strings.CutPrefix(imp, module)
			if ours && !allowed(name, own) {
				t.Errorf("%s imports %s", name, own)
			}
			if strings.Contains(imp, "jackc/pgx") && strings.HasPrefix(name, "harness") && name != "harness/explore/owncode/pgxcode" {
				t.Errorf("%s imports %s: only pgxcode may", name, imp)
			}
			if strings.Contains(imp, "spf13/") && !strings.HasPrefix(name, "cmd/") && name != "internal/completion" && name != "internal/flagerror" {
				t.Errorf("%s imports %s: only cmd, its completion and its errors of flags may", name, imp)
			}
		}
	}
	if packages < 8 {
		t.Errorf("looked at %d packages only", packages)
	}
}

func allowed(pkg, imp string) bool {
	for _, rule := range mayImport {
		below := strings.HasSuffix(rule.pkg, "/") && strings.HasPrefix(pkg, rule.pkg)
		if pkg != rule.pkg && !below {
			continue
		}
		return slices.ContainsFunc(rule.imports, func(p string) bool {
			return p == "" || imp == p || strings.HasSuffix(p, "/") && strings.HasPrefix(imp, p)
		})
	}
	return false
}
