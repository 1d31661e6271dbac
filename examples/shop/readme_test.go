package shop_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestReadme: what README.md says that the test in buy_test.go prints is what it prints.
func TestReadme(t *testing.T) {
	content, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(content)
	out, err := exec.CommandContext(t.Context(), "go", "test", "-tags", "broken", "-run", "^TestBuy$", ".").CombinedOutput()
	if err == nil {
		t.Error("a test of broken code passes")
	}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if !strings.Contains(line, "FAIL") && !strings.Contains(readme, line) { // those lines have times
			t.Errorf("README.md lacks %q", line)
		}
	}
	if t.Failed() {
		t.Log(string(out))
	}
}
