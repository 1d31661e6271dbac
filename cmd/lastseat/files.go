package main

import (
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/internal/outfiles"
	"github.com/lastseat/lastseat/reports"
)

// formatFlags adds a flag for each form that results can be written in: it names the file.
func formatFlags[R any](f *pflag.FlagSet, formats []reports.Format[R]) {
	for _, form := range formats {
		f.String(form.Flag, "", "file for the result as "+form.About+"; - for standard output instead of the text")
	}
}

// formatsAsked are the files that the flags name.
func formatsAsked[R any](flags *pflag.FlagSet, formats []reports.Format[R]) (*outfiles.Files[R], error) {
	return outfiles.Asked(func(name string) string { return flags.Lookup(name).Value.String() }, formats)
}
