package main

import (
	"embed"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"
)

// helpTexts holds what --help says before the flags: a file a command, by its name, which may end in a part of examples.
//
//go:embed help/*.txt
var helpTexts embed.FS

// withHelp gives a command, and those below it, their texts. A command without a file has only its short one.
func withHelp(cmd *cobra.Command) {
	if text, err := fs.ReadFile(helpTexts, "help/"+cmd.Name()+".txt"); err == nil {
		long, examples, _ := strings.Cut(string(text), "Examples:\n")
		cmd.Long, cmd.Example = strings.TrimRight(long, "\n"), strings.TrimRight(examples, "\n")
	}
	for _, c := range cmd.Commands() {
		withHelp(c)
	}
}
