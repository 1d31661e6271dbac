package main

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestShownGoCode: the Go code that the pages show is compiled and run, as an example of package harness or as the test of the
// shop's Buy. TestExtending has that of docs/extending.md.
func TestShownGoCode(t *testing.T) {
	tested := ""
	for _, name := range []string{"../../harness/example_test.go", "../../examples/shop/buy_test.go"} {
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
