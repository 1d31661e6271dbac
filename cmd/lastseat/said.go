package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// said quotes what the user typed, for a message; not what may be a DSN, or a piece of one: those hold passwords.
func said(typed string) string {
	if mayHoldDSN(typed) {
		return "a text that may hold a password (it is not repeated)"
	}
	return strconv.Quote(typed)
}

// mayHoldDSN reports whether a text is more than a name, a number or a few of them.
func mayHoldDSN(text string) bool { return !harmless.MatchString(text) }

var harmless = regexp.MustCompile(`^[\pL\pN_., !*+-]*$`)

// anotherDSN is what a DSN of a database server looks like where a file's path is asked for.
var anotherDSN = regexp.MustCompile(`(?i)^[^/]*:.*@|^[a-z]+://|passw(or)?d\s*=`)

// filePath refuses the DSN of a server where a target wants the path of a file, which messages repeat.
func filePath(target, dsn string) error {
	if strings.HasPrefix(dsn, "file:") || !anotherDSN.MatchString(dsn) {
		return nil
	}
	return fmt.Errorf("target %s: its DSN is the path of a file to make, and this looks like the DSN of a server; name the server's engine in --target", target)
}
