package outfiles

import (
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/reports"
)

// Flags adds a flag for each form that results can be written in: it names the file.
func Flags[R any](f *pflag.FlagSet, formats []reports.Format[R]) {
	for _, form := range formats {
		f.String(form.Flag, "", "file for the result as "+form.About+"; - for standard output instead of the text")
	}
}

// Named are the files that flags name.
func Named[R any](flags *pflag.FlagSet, formats []reports.Format[R]) (*Files[R], error) {
	return Asked(func(name string) string { return flags.Lookup(name).Value.String() }, formats)
}

// FlagsOf are the flags of forms.
func FlagsOf[R any](formats []reports.Format[R]) (flags []string) {
	for _, form := range formats {
		flags = append(flags, form.Flag)
	}
	return flags
}
