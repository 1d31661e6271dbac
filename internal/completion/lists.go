package completion

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/internal/names"
	"github.com/lastseat/lastseat/reports/glossary"
)

// Terms completes a comma list of wanted terms of a kind, with a sentence on each; one more stands before them, unless it is empty.
func Terms(first cobra.Completion, kind glossary.Kind, wanted func(*glossary.Term) bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		terms, err := glossary.Of(kind)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var values []cobra.Completion
		if first != "" {
			values = append(values, first)
		}
		for i := range terms {
			if wanted(&terms[i]) {
				values = append(values, cobra.CompletionWithDesc(terms[i].Name, terms[i].Meaning))
			}
		}
		return List(values, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// List completes the last element of a comma list by what is not in it yet.
func List(values []cobra.Completion, typed string) []cobra.Completion {
	at := strings.LastIndexByte(typed, ',') + 1
	before, last := typed[:at], typed[at:]
	named := strings.Split(before, ",")
	var found []cobra.Completion
	for _, v := range values {
		if name, _, _ := strings.Cut(v, "\t"); strings.HasPrefix(name, last) && !slices.Contains(named, name) {
			found = append(found, before+v)
		}
	}
	if every := names.All; before == "" && strings.HasPrefix(every, last) {
		found = append(found, cobra.CompletionWithDesc(every, "everything there is"))
	}
	return found
}
