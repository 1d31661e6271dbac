package harness_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sources are the files of a package, without its tests.
func sources(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, path := range all {
		if !strings.HasSuffix(path, "_test.go") {
			own = append(own, path)
		}
	}
	if len(own) == 0 {
		t.Fatalf("%s has no files", dir)
	}
	return own
}

// mostTypes is how many types the vocabulary may have.
const mostTypes = 36

// TestSizes keeps small what newcomers read first: what they import, the vocabulary, and the program that only wires the rest.
func TestSizes(t *testing.T) {
	for dir, most := range map[string]int{"..": 100, "../cmd/lastseat": 2000} {
		lines := 0
		for _, path := range sources(t, dir) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines += bytes.Count(content, []byte("\n"))
		}
		if lines > most {
			t.Errorf("%s has %d lines, at most %d are wanted: move into a library what another program might want to import", dir, lines, most)
		}
	}
	var types []string
	for _, path := range sources(t, ".") {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.TYPE {
				for _, spec := range d.Specs {
					if name := spec.(*ast.TypeSpec).Name; name.IsExported() {
						types = append(types, name.Name)
					}
				}
			}
		}
	}
	if len(types) > mostTypes {
		t.Errorf("harness exports %d types, at most %d are wanted, those that a target, a workload or a checker is written in: %q", len(types), mostTypes, types)
	}
}
