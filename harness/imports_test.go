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

// ofFlags are the packages beside cmd that know what a command line is.
var ofFlags = []string{"internal/again", "internal/around", "internal/compared", "internal/completion", "internal/flagerror", "internal/outfiles", "internal/runfile", "internal/watch", "internal/workers"}

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
	{"internal/memory", nil},
	{"internal/completion", []string{"harness/suite", "internal/names", "reports", "reports/glossary", "targets"}},
	{"internal/interrupt", []string{"harness", "harness/suite", "harness/threshold"}},
	{"internal/limits", []string{"harness/suite"}},
	{"internal/flagerror", []string{"internal/names"}},
	{"internal/yamlfile", []string{"internal/names"}},
	{"internal/runfile", []string{"internal/flagerror", "internal/yamlfile"}},
	{"internal/outfiles", []string{"harness/suite", "internal/terminal", "reports"}},
	{"internal/", []string{""}},
	{"github.com/lastseat/lastseat", []string{"harness/store", "harness/explore/owncode", "targets"}},
	{"harness/stats", nil},
	{"harness/threshold", []string{"harness", "harness/stats"}},
	{"harness/compare", []string{"harness", "harness/engine", "harness/stats", "harness/threshold", "harness/suite"}},
	{"harness/linear", nil},
	{"harness/spool", nil},
	{"harness/clock", []string{"harness"}},
	{"harness/progress", nil},
	{"harness/promise", []string{"harness"}},
	{"harness/store", []string{"harness", "harness/spool", "harness/promise"}},
	{"harness/engine", []string{"harness", "harness/spool", "harness/promise", "harness/store", "harness/stats"}},
	{"harness/fleet", []string{"harness", "harness/clock", "harness/engine", "harness/spool", "harness/stats", "harness/store"}},
	{"harness/history", []string{"harness", "harness/spool", "harness/store"}},
	{"harness/anomaly/polygraph", nil},
	{"harness/certificate", []string{"harness", "harness/history"}}, // it verifies what the packages that judge say, and shares nothing with them
	{"harness/anomaly", []string{"harness", "harness/history", "harness/anomaly/polygraph", "harness/certificate"}},
	{"harness/check", []string{"harness", "harness/spool", "harness/history", "harness/anomaly", "harness/linear"}},
	{"harness/explore/owncode/", []string{"harness", "harness/store", "harness/explore/owncode", "targets/wire"}},
	{"harness/explore/owncode", []string{"harness/progress", "harness", "harness/store", "harness/explore", "harness/explore/program", "harness/serial", "internal/required"}},
	{"harness/explore/schedule", []string{"harness", "harness/promise", "harness/store", "harness/explore"}},
	{"harness/explore", []string{"harness", "harness/promise", "harness/store"}},
	{"harness/suite", []string{
		"harness/progress", "harness", "harness/promise", "harness/store", "harness/engine", "harness/anomaly", "harness/explore", "harness/explore/schedule",
		"harness/history", "harness/stats", "harness/threshold", "internal/names",
	}},
	{"harness/isolation", []string{
		"harness/progress", "harness", "harness/store", "harness/explore", "harness/explore/owncode", "harness/explore/schedule", "harness/suite", "internal/names",
	}},
	{"harness/recheck", []string{
		"harness/progress", "harness", "harness/engine", "harness/history", "harness/check", "harness/anomaly", "harness/certificate", "harness/suite",
	}},
	{"harness", []string{"harness/spool"}},
	{"workloads", []string{"harness", "harness/promise", "harness/store", "harness/check", "harness/anomaly"}},
	{"reports/html", []string{"harness"}},
	{"reports/glossary", []string{
		"harness", "harness/promise", "harness/store", "harness/explore/schedule", "reports", "targets", "workloads", "internal/names",
	}}, // its words are those of all tables
	{"reports", []string{
		"harness/progress", "harness", "harness/promise", "harness/store", "harness/engine", "harness/explore/schedule", "harness/stats", "harness/suite",
		"harness/isolation", "harness/recheck", "harness/explore/program", "harness/rounds", "harness/trace", "harness/anomaly", "harness/compare", "harness/threshold", "reports/html",
	}},
	{"targets/local", []string{"harness/store"}},
	{"targets/nonblock", nil},
	{"targets/wire", nil}, // the protocols know nothing of who reads them
	{"targets/app/spec", []string{"harness", "harness/threshold", "internal/names", "internal/yamlfile"}},
	{"targets/app/proxy", []string{"targets/nonblock", "targets/wire"}},
	{"targets/app/database", []string{"harness", "targets/wire", "targets/app/proxy"}},
	{"targets/app/tables", []string{"harness", "harness/store", "harness/explore", "targets/wire", "targets/app/"}}, // what Go code's own tests need
	{"targets/app/load", []string{"harness", "harness/stats", "targets/wire", "targets/app/"}},
	{"targets/app", []string{"harness/progress", "harness", "harness/explore", "harness/explore/program", "harness/rounds", "harness/serial", "harness/trace", "internal/names", "targets/wire", "targets/app/"}},
	{"targets/app/", []string{"harness", "harness/explore", "targets/nonblock", "targets/wire", "targets/app/"}},
	{"targets/env/payment", []string{"harness", "harness/promise", "harness/store", "targets/env/payment/service"}},
	{"targets/env/fault", []string{"harness", "harness/promise", "harness/store", "harness/check", "targets/nonblock", "targets/wire"}}, // a check comes with a fault
	{"targets/memory", []string{"harness", "harness/spool", "harness/promise", "harness/store"}},
	{"targets/", []string{
		"harness", "harness/promise", "harness/store", "targets/sqldb", "targets/local", "targets/nonblock", "targets/wire", "targets/app/database", "targets/app/proxy",
		"targets/app/tables",
	}},
	{"targets", []string{"harness", "harness/store", "targets/"}},
	{"harness/serial", []string{"harness"}},
	{"harness/trace", []string{"harness"}},
	{"harness/rounds", []string{"harness/progress", "harness", "harness/engine", "harness/explore/program", "harness/serial", "harness/threshold", "internal/names"}},
	{"harness/explore/program", []string{"harness/progress", "harness", "harness/explore", "harness/serial", "harness/threshold", "internal/names"}},
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
			if strings.Contains(imp, "spf13/") && !strings.HasPrefix(name, "cmd/") && !slices.Contains(ofFlags, name) {
				t.Errorf("%s imports %s: only cmd and what is about flags may: %v", name, imp, ofFlags)
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
