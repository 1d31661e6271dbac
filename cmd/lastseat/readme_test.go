package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeCodeIsTheExample: the Go code that README shows is compiled and run, as an example of package harness and as the test of
// the shop's Buy.
func TestReadmeCodeIsTheExample(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../../harness/example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	test, err := os.ReadFile("../../examples/shop/buy_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Fatal("README shows no Go code")
	}
	for _, b := range blocks {
		if !strings.Contains(string(example), b[1]) && !strings.Contains(string(test), b[1]) {
			t.Errorf("README's code is neither the example nor the test:\n%s", b[1])
		}
	}
}
