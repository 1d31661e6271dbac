// Package required says what tests may not do without: what a machine lacks skips a test, but in CI it fails it.
package required

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// By reports whether tests may not do without something (postgres, node): LASTSEAT_REQUIRE lists it, or CI is true.
func By(what string) bool {
	listed := strings.FieldsFunc(os.Getenv("LASTSEAT_REQUIRE"), func(r rune) bool { return r == ',' || r == ' ' })
	return os.Getenv("CI") == "true" || slices.Contains(listed, what)
}

// Missing skips a test that needs what the machine lacks, or fails it where that is required. hint says how to get it.
func Missing(t testing.TB, what, hint string) {
	t.Helper()
	if By(what) {
		t.Fatal(hint)
	}
	t.Skip(hint)
}

// Whole reports whether tests that range over all there is do so (LASTSEAT_WHOLE, as scripts/nightly sets it). Elsewhere they leave out what
// repeats something, or what only further versions of a server differ in.
func Whole() bool { return os.Getenv("LASTSEAT_WHOLE") != "" }
