// Package completion is what shells complete of commands: comma lists, and a script for bash that needs no other package.
package completion

import (
	"bytes"
	_ "embed"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// bashWords stands in for what cobra's script takes from the package bash-completion, which not every machine has. Its functions have
// names of their own, so that they never stand in the package's way.
//
//go:embed words.bash
var bashWords string

// Bash has `completion bash` write cobra's script, made to need nothing but bash.
func Bash(root *cobra.Command, stdout io.Writer) {
	root.InitDefaultCompletionCmd()
	bash, _, err := root.Find([]string{"completion", "bash"})
	if err != nil {
		panic(err) // cobra has no such command any more
	}
	bash.Long = "Write the completion script for bash. It needs no other package:\n\n  source <(lastseat completion bash)"
	bash.RunE = func(cmd *cobra.Command, _ []string) error {
		var b bytes.Buffer
		if err := cmd.Root().GenBashCompletionV2(&b, true); err != nil {
			return err
		}
		script := strings.NewReplacer(
			`_get_comp_words_by_ref "$@" cur prev words cword`, `__lastseat_words`,
			`declare -F _init_completion >/dev/null 2>&1`, `false`,
			`_filedir`, `__lastseat_files`,
		).Replace(b.String())
		_, err := io.WriteString(stdout, bashWords+script)
		return err
	}
}
