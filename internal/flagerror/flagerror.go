// Package flagerror says what is wrong with flags as they were typed: which flag was probably meant, or what its value must be. No
// value is repeated that may hold a password. Start at Explain.
package flagerror

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/internal/names"
)

// Explain names the flag that was probably meant, or what a flag's value must be. pflag's own errors repeat values, and are replaced.
func Explain(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var bare *pflag.ValueRequiredError
	switch {
	case errors.As(err, &missing):
		return unknownFlag(cmd, missing)
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == listType:
		return fmt.Errorf("--%s is not a list: a value that holds a quote or a comma goes into double quotes, each quote inside twice; a DSN goes to --dsn as it is",
			invalid.GetFlag().Name)
	case errors.As(err, &invalid):
		want := cmp.Or(valueTexts[invalid.GetFlag().Value.Type()], "something else")
		return fmt.Errorf("--%s is %s, must be %s", invalid.GetFlag().Name, names.Quote(invalid.GetValue()), want)
	case errors.As(err, &bare):
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	}
	return fmt.Errorf("an argument is not a flag: flags are written --name=value or --name value; see %s --help", cmd.CommandPath())
}

func unknownFlag(cmd *cobra.Command, missing *pflag.NotExistError) error {
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	near := names.Nearest(missing.GetSpecifiedName(), known)
	switch {
	case names.MayHoldDSN(missing.GetSpecifiedName()):
		return fmt.Errorf("a flag is not known, and is not repeated, since it may hold a password; see %s --help", cmd.CommandPath())
	case missing.GetSpecifiedShortnames() != "": // with what stands behind the letter
		return fmt.Errorf("unknown flag: -%s; see %s --help", missing.GetSpecifiedName(), cmd.CommandPath())
	case near != "":
		return fmt.Errorf("%w; did you mean --%s? See %s --help", missing, near, cmd.CommandPath())
	}
	return fmt.Errorf("%w; see %s --help", missing, cmd.CommandPath())
}

// listType is pflag's name for the type of a flag that takes a list.
const listType = "stringSlice"

// valueTexts say what a flag takes, by pflag's name for its type.
var valueTexts = map[string]string{
	"int": "a whole number", "intSlice": "a whole number, or several: 1,10,100", "int64": "a whole number", "uint64": "a whole number that is not negative",
	"float64Slice": "a number, like 0.8 or 1000, or several: 0.5,0.99", "float64": "a number, like 0.8 or 1000", "duration": "a time with its unit, like 300ms or 2s", "bool": "true or false",
}

// OneLine has a list refuse several lines: pflag takes the first, and forgets the others.
func OneLine(f *pflag.Flag) {
	if f.Value.Type() == listType {
		f.Value = &line{f.Value}
	}
}

type line struct{ pflag.Value }

var errLines = errors.New("several lines")

func (l *line) Set(s string) error {
	if strings.Contains(s, "\n") {
		return errLines
	}
	return l.Value.Set(s)
}
