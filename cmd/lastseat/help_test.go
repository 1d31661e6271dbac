package main

import (
	"io"
	"strings"
	"testing"
)

// TestHelpTexts: each file of help is that of a command, under the name that it has today.
func TestHelpTexts(t *testing.T) {
	code := 0
	root := rootCommand(io.Discard, io.Discard, &code)
	files, err := helpTexts.ReadDir("help")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".txt")
		if cmd, _, err := root.Find([]string{name}); name != root.Name() && (err != nil || cmd == root) {
			t.Errorf("help/%s is the help of no command", f.Name())
		} else if name != root.Name() && cmd.Long == "" && cmd.Example == "" {
			t.Errorf("help/%s came to nothing", f.Name())
		}
	}
}
