package spec

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// codes are what answers of each kind are told by.
var codes = map[Kind]struct {
	form       *regexp.Regexp
	what, more string
}{
	HTTP:    {regexp.MustCompile(`^[1-5]([0-9][0-9]|xx)$`), "status: write 409, or 4xx", ", a part of JSON {json: error.code, is: sold_out}"},
	Command: {regexp.MustCompile(`^([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])$`), "exit code: write a number from 0 to 255", " that it prints"},
	SQL:     {regexp.MustCompile(`^([0-9A-Z]{5}|[0-9A-Z]{2}xxx|[0-9]{4})$`), "SQLSTATE: write P0001, 23xxx for a class of them, or a number of the server's, as in 1062", ", a column of one row {json: result, is: sold_out}"},
}

// Placeholders are the names that may stand in braces.
func Placeholders() []string {
	return []string{"client", "number", "id", "pick:a,b", "int:1,5", "zipf:100", "url", "host", "port", "user", "password", "name", "ca", "listen"}
}

// placeholders checks the names in braces.
func (r *reader) placeholders(at ast.Node, text string) error {
	for from, to := next(text, 0); to > 0; from, to = next(text, to) {
		p := text[from:to]
		name, args, several := strings.Cut(p[1:len(p)-1], ":")
		known := slices.ContainsFunc(Placeholders(), func(k string) bool {
			k, _, takes := strings.Cut(k, ":")
			return k == name && takes == several
		})
		if !known {
			return r.Errorf(at, "unknown placeholder %s; there are: {%s}", p, strings.Join(Placeholders(), "}, {"))
		}
		if name == "int" {
			low, high, ok := bounds(strings.Split(args, ","))
			if !ok || low > high {
				return r.Errorf(at, "%s needs two numbers, the lower first, as in {int:1,5}", p)
			}
		}
		if n, err := strconv.Atoi(args); name == "zipf" && (err != nil || n < 1) {
			return r.Errorf(at, "%s needs how many there are, as in {zipf:100}", p)
		}
	}
	return nil
}

func bounds(words []string) (low, high int, ok bool) {
	if len(words) != 2 {
		return 0, 0, false
	}
	low, err1 := strconv.Atoi(strings.TrimSpace(words[0]))
	high, err2 := strconv.Atoi(strings.TrimSpace(words[1]))
	return low, high, err1 == nil && err2 == nil
}

func keysOf(known map[string]field) (all []string) {
	for name := range known {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
