package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestShownGoCode: the Go code that the pages show is compiled and run, as an example of package harness or in a test of examples or of package lastseat. TestExtending has that of docs/extending.md.
func TestShownGoCode(t *testing.T) {
	tested := ""
	examples, err := filepath.Glob("../../examples/*/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(examples, "../../harness/engine/example_test.go", "../../lastseat_test.go") {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tested += string(content)
	}
	texts, shown := pages(t), 0
	delete(texts, "docs/extending.md")
	for _, page := range slices.Sorted(maps.Keys(texts)) {
		for _, code := range fencedBlocks(texts[page], "go") {
			shown++
			if !strings.Contains(tested, code) {
				t.Errorf("%s shows code that no test runs:\n%s", page, code)
			}
		}
	}
	if shown < 2 {
		t.Errorf("the pages show %d blocks of Go code, want the test of the shop and the example of harness", shown)
	}
}
