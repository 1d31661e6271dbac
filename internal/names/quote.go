package names

import (
	"regexp"
	"strconv"
	"sync"
)

// Quote quotes what the user typed, for a message; not what may be a DSN, or a piece of one: those hold passwords.
func Quote(typed string) string {
	if MayHoldDSN(typed) {
		return "a text that may hold a password (it is not repeated)"
	}
	return strconv.Quote(typed)
}

// MayHoldDSN reports whether a text is more than a name, a number or a few of them.
func MayHoldDSN(text string) bool { return !harmless().MatchString(text) }

var harmless = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\pL\pN_., !*+-]*$`) })
