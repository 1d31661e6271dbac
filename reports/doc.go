// Package reports renders what rows did. In goes a Result: the servers, and one Row for each line of the table, run or
// skipped. Out come a table for people (Table, and Explain below it; Markdown), files for programs (JSON, CSV, JUnit, Benchfmt),
// and, while rows run, a plan and a progress line. Renderers write to an io.Writer and never to the terminal themselves; they
// return its errors and have none of their own. A newcomer starts at Result.
//
// A new renderer is a file beside this one, a function of an io.Writer and a *Result, and a line in formats.go:
// docs/extending.md has a whole one.
package reports
