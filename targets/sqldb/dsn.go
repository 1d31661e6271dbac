package sqldb

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// ErrDSN is what the errors about a DSN match. No error quotes a DSN, or a part of one: where a DSN is misread, the host, the port and
// the names of options may be pieces of the password.
var ErrDSN = errors.New("the DSN cannot be read")

// DSNError says in our own words what is wrong with a DSN, and which form it has to have.
type DSNError struct {
	Product string // postgres, mysql
	Wrong   string // a sentence without a word of the DSN; empty: the form is not the expected one
	Form    string // an example
}

func (e *DSNError) Error() string {
	wrong := e.Wrong
	if wrong == "" {
		wrong = "it does not have the expected form (it is not repeated here: it can hold a password)"
	}
	return e.Product + " DSN: " + wrong + "; write " + e.Form
}

// Is reports whether ErrDSN is meant.
func (e *DSNError) Is(target error) bool { return target == ErrDSN }

// WrongURL says why user, password and host of a URL are not clear; empty: they are. An @, / , ? or # inside a
// password moves the border between password and host, so that what is read as a host can be a piece of the password.
func WrongURL(dsn string) string {
	_, rest, _ := strings.Cut(dsn, "://")
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	if strings.Count(rest, "@") != strings.Count(authority, "@") || strings.Count(authority, "@") > 1 {
		return "where the password ends is not clear: in user, password and options write @ as %40, / as %2F, ? as %3F, # as %23"
	}
	if i := strings.LastIndexAny(authority, ":@]"); i >= 0 && authority[i] == ':' {
		if _, err := strconv.ParseUint(authority[i+1:], 10, 16); err != nil && authority[i+1:] != "" && !strings.Contains(authority, ",") {
			return "the port is not a number from 0 to 65535"
		}
	}
	return ""
}

// plainUser is what a user's name may look like to be repeated in a message.
var plainUser = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// UserText names the user in a message, unless the name looks like something else.
func UserText(name string) string {
	if plainUser.MatchString(name) {
		return "user " + name
	}
	return "the DSN's user"
}
