// Package script is an operation that is written in SQL: statements with {placeholders}, and files as pgbench runs them (\set, \gset, \if,
// :variables). In go a text and what a server's statements look like, out comes a Script, or an error with its line. Values are put in as
// literals, never as they are. Start at Parse, then Script.Run.
package script
