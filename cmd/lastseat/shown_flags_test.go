package main

import (
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/spf13/pflag"
)

// shownCommand is a command of lastseat's as pages show it: between backticks, after a prompt, or at the start of a line.
var shownCommand = regexp.MustCompile("(?m)(?:`|\\$ |^ {0,12})(?:go run \\./cmd/)?lastseat ((?:run|explore|isolation|replay|check|list|servers|trace|proxy)[^`\n|>…#]*)")

// TestShownCommands: every command on the pages exists, and has the flags that are shown.
func TestShownCommands(t *testing.T) {
	texts, shown := pages(t), 0
	for _, page := range slices.Sorted(maps.Keys(texts)) {
		for _, m := range shownCommand.FindAllStringSubmatch(texts[page], -1) {
			shown++
			if err := parses(m[1]); err != nil && page != "docs/extending.md" { // whose additions are not here
				t.Errorf("%s shows %q: %v", page, m[0], err)
			}
		}
	}
	if shown < 30 {
		t.Errorf("the pages show %d commands, want more", shown)
	}
	for _, wrong := range []string{"run --targets postgres", "walk --target postgres", "run -n many"} {
		if parses(wrong) == nil {
			t.Errorf("%q is taken for a command", wrong)
		}
	}
}

var word = regexp.MustCompile(`'[^']*'|\S+`)

// parses finds a command and parses its flags, without running it.
func parses(line string) error {
	code := 0
	cmd, args, err := rootCommand(io.Discard, io.Discard, &code).Find(word.FindAllString(line, -1))
	if err != nil {
		return err
	}
	if !cmd.Runnable() || cmd.Name() == "lastseat" {
		return errors.New("lastseat has no such command")
	}
	err = cmd.ParseFlags(args)
	var named *pflag.ValueRequiredError // a flag that is named without a value
	if errors.Is(err, pflag.ErrHelp) || errors.As(err, &named) {
		return nil
	}
	return err
}
