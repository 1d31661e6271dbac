// Package runfile is the flags of a command in a YAML file: keys are the names of flags, values what would be typed behind them. In go a
// file and flags that were parsed; Apply sets those that were not typed, and Print writes such a file. A file with the keys of a program of
// the user's is none: see IsProgram.
package runfile

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lastseat/lastseat/internal/flagerror"
	"github.com/lastseat/lastseat/internal/yamlfile"
)

// programKeys are what only files of programs have.
var programKeys = []string{"app", "attach", "operations", "database"}

// IsProgram reports whether a file is that of a program of the user's; one that cannot be read is, so that it is explained as such.
func IsProgram(file string, text []byte) bool {
	f := yamlfile.File(file)
	var keys []yamlfile.Entry
	err := f.Read(text, "", func(root ast.Node) (err error) {
		keys, err = f.Entries(root)
		return err
	})
	return err != nil || slices.ContainsFunc(keys, func(e yamlfile.Entry) bool { return slices.Contains(programKeys, e.Key) })
}

// Arguments applies the file that arguments name, if they do; program: it is that of a program of the user's, and nothing is applied.
func Arguments(cmd *cobra.Command, args []string) (program bool, err error) {
	if len(args) == 0 || !strings.HasSuffix(args[0], ".yaml") && !strings.HasSuffix(args[0], ".yml") {
		return false, nil
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return false, fmt.Errorf("%s: %w", cmd.Name(), err)
	}
	if IsProgram(args[0], text) {
		return true, nil
	}
	if len(args) > 1 {
		return false, fmt.Errorf("%s takes one file, and targets behind --target", cmd.Name())
	}
	return false, Apply(cmd, args[0], text)
}

// notInFiles are flags that mean nothing in a file.
var notInFiles = []string{"help", "print-config"}

// Apply sets the flags of a command to what the file says. What was typed wins.
func Apply(cmd *cobra.Command, file string, text []byte) error {
	f := yamlfile.File(file)
	return f.Read(text, "names of flags, as in concurrency: 64", func(root ast.Node) error {
		entries, err := f.Entries(root)
		if err != nil {
			return err
		}
		var typed []string
		cmd.Flags().Visit(func(flag *pflag.Flag) { typed = append(typed, flag.Name) })
		for _, e := range entries {
			flag := cmd.Flags().Lookup(e.Key)
			if flag == nil || slices.Contains(notInFiles, e.Key) {
				return f.Unknown(e, "", keys(cmd.Flags()))
			}
			values, err := valuesOf(f, flag, e.Value)
			if err != nil {
				return err
			}
			if slices.Contains(typed, e.Key) {
				continue
			}
			for _, value := range values {
				if err := cmd.Flags().Set(e.Key, value); err != nil {
					return f.Errorf(e.At, "%s", strings.TrimPrefix(flagerror.Explain(cmd, err).Error(), "--"))
				}
			}
		}
		return nil
	})
}

// keys are the names of flags that files may have.
func keys(flags *pflag.FlagSet) []string {
	var all []string
	flags.VisitAll(func(f *pflag.Flag) {
		if !slices.Contains(notInFiles, f.Name) {
			all = append(all, f.Name)
		}
	})
	return all
}

// isList reports whether a flag takes several values.
func isList(flag *pflag.Flag) bool {
	return strings.HasSuffix(flag.Value.Type(), "Slice") || repeated(flag)
}

// repeated reports whether each value of a flag is typed behind a flag of its own.
func repeated(flag *pflag.Flag) bool { return flag.Value.Type() == "stringArray" }

// valuesOf is what would be typed behind the flag, each time that it would be.
func valuesOf(f yamlfile.File, flag *pflag.Flag, n ast.Node) ([]string, error) {
	nodes := yamlfile.List(n)
	if _, several := n.(*ast.SequenceNode); several && !isList(flag) {
		return nil, f.Errorf(n, "%s has one value, and here is a list", flag.Name)
	}
	var values []string
	for _, n := range nodes {
		text, ok := yamlfile.Scalar(n)
		if repeated(flag) {
			text, ok = yamlfile.Line(n)
		}
		if !ok {
			return nil, f.Errorf(n, "%s needs a value, as behind --%s", flag.Name, flag.Name)
		}
		if len(nodes) > 1 && strings.ContainsAny(text, `,"`) && flag.Value.Type() == "stringSlice" { // the value of a list is one line of CSV
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		values = append(values, text)
	}
	if len(values) == 0 {
		return nil, f.Errorf(n, "%s is an empty list: leave it out", flag.Name)
	}
	if repeated(flag) {
		return values, nil
	}
	return []string{strings.Join(values, ",")}, nil
}
