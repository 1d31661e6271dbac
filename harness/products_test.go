package harness_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/targets"
)

// mayDecide are the folders and files whose code may go by a database product, and why. Tests may too.
var mayDecide = map[string]string{
	"targets/wire":                    "reads the products' protocols",
	"internal/bench":                  "measures against what each product brings along",
	"internal/defects":                "knows faults of single products, for tests and measurements",
	"reports/glossary/diagram.go":     "says on which server each diagram was recorded",
	"internal/hostile":                "misbehaves for tests, in a product's protocol",
	"examples":                        "is code of a user's",
	"harness/explore/owncode/pgxcode": "is for code of a user's that works on a pool of pgx",
}

// drivers are import paths that name a product.
var drivers = []string{"github.com/jackc/", "github.com/go-sql-driver/", "modernc.org/sqlite"}

// TestNoProductDecides: a database product is known in its own folder under targets, and nowhere else. Elsewhere no string is a
// product's name, none that holds one is compared, looked up or matched, and no folder of an engine and no driver is imported.
// Sentences may speak of products.
func TestNoProductDecides(t *testing.T) {
	rules := rulesOf(t, filepath.Join("..", "targets", "targets.go"))
	files := 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir // programs that tests run
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		own, err := filepath.Rel("..", name)
		if err != nil {
			return err
		}
		if own = filepath.ToSlash(own); own == "targets/targets.go" || rules.exempt(own) {
			return nil
		}
		files++
		found, err := rules.violations(name, nil)
		for _, v := range found {
			t.Error(v)
		}
		return err
	})
	if err != nil || files < 300 {
		t.Errorf("looked at %d files: %v", files, err)
	}
}

// TestNoProductDecidesFinds holds the test above to small sources.
func TestNoProductDecidesFinds(t *testing.T) {
	rules := rulesOf(t, filepath.Join("..", "targets", "targets.go"))
	for _, bad := range []string{
		`var x = p == "postgres"`,
		`var x = p != "PostgreSQL"`,
		`func f() { switch p { case "MySQL", "MariaDB": } }`,
		`const lite = "sqlite"`,
		`const lite Name = "SQLite"`,
		`var names = []string{"mariadb"}`,
		`var kinds = map[string]int{"MySQL 8": 1}`,
		`var x = kinds["PostgreSQL 15"]`,
		`var x = strings.HasPrefix(p, "mysql://")`,
		`var x = strings.TrimPrefix(p, "SQLITE_")`,
		`var x = slices.Contains([]string{"postgres 15"}, p)`,
		"var x = regexp.MustCompile(`^PostgreSQL [0-9]+`)",
		`func f() { g("postgres") }`,
		`var x = "my" + "sql" == p`,
		`import "github.com/lastseat/lastseat/targets/postgres"`,
		`import _ "github.com/lastseat/lastseat/targets/mysql"`,
		`import "github.com/lastseat/lastseat/targets/memory"`,
		`import "github.com/jackc/pgx/v5"`,
	} {
		if found, err := rules.violations("x.go", "package x\n"+bad); err != nil || len(found) == 0 {
			t.Errorf("%s: %v, %v", bad, found, err)
		}
	}
	for _, good := range []string{
		`var x = "a sentence about PostgreSQL and MySQL"`,
		`var x = fmt.Errorf("write %s or postgres://…", p)`,
		`var x = p == "redis"`,
		`import "github.com/lastseat/lastseat/targets/sqldb"`,
		`var x = struct{ about string }{about: "MySQL locks"}`,
	} {
		if found, err := rules.violations("x.go", "package x\n"+good); err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", good, found, err)
		}
	}
}

// products is what must not be gone by.
type products struct {
	names   []string // of engines and of their products, in small letters
	engines []string // the folders of engines
}

// rulesOf takes the engines from their table: their folders are those that the table's file imports. The names are those of engines
// that take SQL: the store in memory is no product.
func rulesOf(t *testing.T, table string) *products {
	t.Helper()
	r := &products{}
	for _, e := range targets.Table() {
		if e.SQL {
			r.names = append(r.names, strings.ToLower(e.Name), strings.ToLower(e.Product))
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), table, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, imp := range file.Imports {
		p, _ := strconv.Unquote(imp.Path.Value) // the parser has read it
		if own, ours := strings.CutPrefix(p, module); ours && strings.HasPrefix(own, "targets/") && own != "targets/app/database" {
			r.engines = append(r.engines, own)
		}
	}
	if len(r.names) < 8 || len(r.engines) < 4 {
		t.Fatalf("the table of engines is not read: %+v", r)
	}
	return r
}

// exempt reports whether a file may go by products, or a folder that it is in.
func (r *products) exempt(name string) bool {
	for ; name != "."; name = path.Dir(name) {
		if mayDecide[name] != "" || slices.Contains(r.engines, name) {
			return true
		}
	}
	return false
}

// violations are the places of a file, or of the source in its place, that go by a product.
func (r *products) violations(name string, source any) (found []string, err error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	report := func(n ast.Node, format string, args ...any) {
		found = append(found, fmt.Sprintf("%s: "+format, append([]any{set.Position(n.Pos())}, args...)...))
	}
	for _, imp := range file.Imports {
		p, _ := strconv.Unquote(imp.Path.Value) // as above
		driver := slices.ContainsFunc(drivers, func(d string) bool { return strings.HasPrefix(p, d) })
		if own := strings.TrimPrefix(p, module); driver || slices.ContainsFunc(r.engines, func(e string) bool { return own == e }) {
			report(imp, "imports %s", p)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if _, ok := n.(*ast.ImportSpec); ok {
			return false
		}
		if text, ok := textOf(n); ok && slices.Contains(r.names, strings.ToLower(text)) {
			report(n, "%q is a product's name", text)
		}
		for _, e := range decidedBy(n) {
			ast.Inspect(e, func(n ast.Node) bool {
				if text, ok := textOf(n); ok && slices.ContainsFunc(r.names, func(p string) bool { return strings.Contains(strings.ToLower(text), p) }) {
					report(n, "decides by %q", text)
				}
				return true
			})
		}
		return true
	})
	return found, nil
}

// textOf is the string that an expression of literals is.
func textOf(n ast.Node) (string, bool) {
	switch e := n.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.ParenExpr:
		return textOf(e.X)
	case *ast.BinaryExpr:
		left, ok := textOf(e.X)
		right, also := textOf(e.Y)
		return left + right, ok && also && e.Op == token.ADD
	}
	return "", false
}

// decidedBy are the parts of a node that something is decided by: what is compared, the cases of a switch, keys of maps, and what is
// given to the functions of the standard library that look for strings.
func decidedBy(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if slices.Contains([]token.Token{token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ}, n.Op) {
			return []ast.Expr{n.X, n.Y}
		}
	case *ast.CaseClause:
		return n.List
	case *ast.KeyValueExpr:
		return []ast.Expr{n.Key}
	case *ast.IndexExpr:
		return []ast.Expr{n.Index}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok {
			if pkg, ok := f.X.(*ast.Ident); ok && slices.Contains([]string{"strings", "bytes", "slices", "regexp", "path", "filepath"}, pkg.Name) {
				return n.Args
			}
		}
	}
	return nil
}
