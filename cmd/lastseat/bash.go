package main

import (
	"bytes"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// bashNeeds stand in for what cobra's script takes from the package bash-completion, which not every machine has. They have names
// of their own, so that they never stand in the package's way.
const bashNeeds = `# Completion of lastseat for bash. It needs no other package: source <(lastseat completion bash)

# The words of the line, with what bash took apart at = and : put together again.
__lastseat_words()
{
    local i word end=0 line=${COMP_LINE:0:COMP_POINT}
    words=() cword=-1
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((cword >= 0)) && [[ -n $word ]] && [[ "${line:end}" != [[:space:]]* ]] &&
            { [[ $word == [=:]* ]] || [[ ${words[cword]} == *[=:] ]]; }; then
            words[cword]+=$word
        else
            words[++cword]=$word
        fi
        while [[ "${line:end}" == [[:space:]]* && "${line:end}" != "$word"* ]]; do ((++end)); done
        ((end += ${#word}))
    done
    cur=${words[cword]}
    prev=""
    ((cword > 0)) && prev=${words[cword - 1]}
    return 0
}

# Files with one of the extensions @(a|b), folders (-d), or all.
__lastseat_files()
{
    local name
    COMPREPLY=()
    while IFS= read -r name; do
        if [[ -d $name ]]; then
            COMPREPLY+=("$name/")
        elif [[ $1 != -d && ( -z $1 || $name == *.${1#@} || " ${1//[@()|]/ } " == *" ${name##*.} "* ) ]]; then
            COMPREPLY+=("$name")
        fi
    done < <(compgen -f -- "$cur")
}

`

// bashCompletion writes cobra's script for bash, made to need nothing but bash.
func bashCompletion(w io.Writer, root *cobra.Command) error {
	var b bytes.Buffer
	if err := root.GenBashCompletionV2(&b, true); err != nil {
		return err
	}
	script := strings.NewReplacer(
		`_get_comp_words_by_ref "$@" cur prev words cword`, `__lastseat_words`,
		`declare -F _init_completion >/dev/null 2>&1`, `false`,
		`_filedir`, `__lastseat_files`,
	).Replace(b.String())
	_, err := io.WriteString(w, bashNeeds+script)
	return err
}

// ownCompletion replaces cobra's `completion bash`.
func ownCompletion(root *cobra.Command, stdout io.Writer) {
	root.InitDefaultCompletionCmd()
	bash, _, err := root.Find([]string{"completion", "bash"})
	if err != nil {
		panic(err) // cobra has no such command any more
	}
	bash.Long = "Write the completion script for bash. It needs no other package:\n\n  source <(lastseat completion bash)"
	bash.RunE = func(cmd *cobra.Command, _ []string) error { return bashCompletion(stdout, cmd.Root()) }
}
