package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/harness/suite"
)

// TestFlagErrors gives every flag of every command a value that it cannot have: each is refused in words of our own.
func TestFlagErrors(t *testing.T) {
	code, refused := 0, 0
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		path := strings.Fields(cmd.CommandPath())[1:]
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			for _, garbage := range []string{"\x01\"x", "1e999", "99999999999999999999", "a\"b"} {
				if f.Value.Type() == "string" { // what it can be is for the command to say
					return
				}
				var stdout, stderr bytes.Buffer
				args := append(append([]string{}, path...), "--"+f.Name+"="+garbage, "--no-such-flag")
				if got := Main(args, &stdout, &stderr); got != suite.ExitSetup {
					t.Errorf("%q: exit code %d", args, got)
				}
				text := stderr.String()
				if !strings.Contains(text, "no-such-flag") {
					refused++
				}
				for _, internal := range []string{"strconv", "pars", "invalid", "syntax", "pflag", "argument \"", "value out of range"} {
					if strings.Contains(strings.ToLower(text), internal) {
						t.Errorf("%q speaks of %q: %s", args, internal, text)
					}
				}
			}
		})
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(rootCommand(&bytes.Buffer{}, &bytes.Buffer{}, &code))
	if refused < 30 {
		t.Errorf("%d values were refused: the test looks at too little", refused)
	}
}
