// Package spec reads the file that describes a program of the user's: which database it needs, how it is set up and started, and
// what its operations are (docs/program.md has the format). In goes the text of a shop.yaml, out comes a Spec, or an error with the
// line and the column. Start at Parse.
package spec
