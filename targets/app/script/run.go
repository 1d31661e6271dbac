package script

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/database"
)

// Ran is what came of a script.
type Ran struct {
	Results []database.Result // that no \gset took
	Err     error             // that ended it: a *database.ServerError, an *Error of the script's own, or the end of the connection; nil: none did
	// May: what it did may stay, although it did not come to its end.
	May bool
}

// running is a script that is carried out.
type running struct {
	*Script
	client    database.Client
	fill      func(string) string
	random    *rand.Rand
	variables map[string]string
	inside    bool // a transaction that it has begun itself
	Ran
}

// numberOfDraws is how many seeds there are for random().
const numberOfDraws = 1_000_000_000

// Run carries the script out on a session. fill puts values in the places of {names}; random() draws by it as well.
func (s *Script) Run(ctx context.Context, client database.Client, fill func(string) string) Ran {
	seed, _ := strconv.ParseUint(fill(fmt.Sprintf("{int:1,%d}", numberOfDraws)), 10, 64)
	number, _ := strconv.Atoi(fill("{number}"))
	r := &running{
		Script: s, client: client, fill: fill, random: rand.New(rand.NewPCG(seed, 1)),
		variables: map[string]string{"client_id": strconv.Itoa(number - 1), "scale": "1"},
	}
	for i := 0; i < len(s.commands) && r.Err == nil; i++ {
		c := &s.commands[i]
		var err error
		switch c.verb {
		case "":
			r.Err = r.statement(ctx, c)
		case "set":
			err = r.set(c)
		case "sleep":
			err = r.sleep(ctx, c)
		case "else":
			i = c.target - 1
		default:
			var v any
			var holds bool
			if v, err = c.expr(r); err == nil {
				holds, err = truth(v)
			}
			if err == nil && !holds {
				i = c.target - 1
			}
		}
		if err != nil {
			r.Err = &Error{s.name, c.line, err.Error()}
		}
	}
	return r.Ran
}

func (r *running) set(c *command) error {
	v, err := c.expr(r)
	if err != nil {
		return err
	}
	if v == nil {
		r.variables[c.name] = database.Null
		return nil
	}
	r.variables[c.name] = fmt.Sprint(v)
	if f, ok := v.(float64); ok {
		r.variables[c.name] = strconv.FormatFloat(f, 'f', -1, 64) // SQL takes one with an exponent for another type
	}
	return nil
}

func (r *running) sleep(ctx context.Context, c *command) error {
	v, err := c.expr(r)
	if err != nil {
		return err
	}
	n, ok := float(v)
	if !ok || n < 0 {
		return fmt.Errorf(`\sleep %v: it must be a number`, v)
	}
	unit := map[string]time.Duration{"us": time.Microsecond, "ms": time.Millisecond, "s": time.Second}[c.unit]
	return harness.Sleep(ctx, time.Duration(n*float64(unit)))
}

// statement sends one.
func (r *running) statement(ctx context.Context, c *command) error {
	sql, err := r.text(c)
	if err != nil {
		return &Error{r.name, c.line, err.Error()}
	}
	results, err := r.client.Ask(ctx, sql)
	var said *database.ServerError
	if err != nil && !errors.As(err, &said) {
		r.May = r.May || !r.inside || r.mayCommit(c)
		return fmt.Errorf("the connection was lost at %s: %w", shortened(sql), err)
	}
	if err != nil {
		return err
	}
	switch {
	case slices.Contains([]string{"BEGIN", "START"}, c.first):
		r.inside = true
	case slices.Contains([]string{"COMMIT", "END"}, c.first):
		r.inside, r.May = false, true
	case slices.Contains([]string{"ROLLBACK", "ABORT"}, c.first):
		r.inside = r.inside && strings.Contains(strings.ToUpper(sql), " TO ")
	case !r.inside || r.mayCommit(c):
		r.May = true
	}
	if c.gset == nil {
		r.Results = append(r.Results, results...)
		return nil
	}
	return r.gset(c, results)
}

// mayCommit reports whether a statement commits, or runs what may.
func (r *running) mayCommit(c *command) bool {
	return slices.Contains([]string{"COMMIT", "END", "CALL", "CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME", "GRANT", "REVOKE"}, c.first)
}

func (r *running) gset(c *command, results []database.Result) error {
	if len(results) == 0 || len(results[len(results)-1].Rows) != 1 {
		n := 0
		if len(results) > 0 {
			n = len(results[len(results)-1].Rows)
		}
		return &Error{r.name, c.line, fmt.Sprintf(`\gset takes one row, and the statement returned %d`, n)}
	}
	last := results[len(results)-1]
	for i, column := range last.Columns {
		r.variables[*c.gset+column] = last.Rows[0][i]
	}
	return nil
}

// get is the value of a placeholder or a variable.
func (r *running) get(written string) (text string, null bool, err error) {
	if written[0] == '{' {
		return r.fill(written), false, nil
	}
	v, ok := r.variables[written[1:]]
	if !ok {
		return "", false, fmt.Errorf(`%s is not set: neither \set nor \gset has come to it`, written)
	}
	return v, v == database.Null, nil
}

var numeric = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?[0-9]{1,30}(\.[0-9]{1,30})?$`) })

// text is a statement with its values: as literals, numbers as they are.
func (r *running) text(c *command) (string, error) {
	var b strings.Builder
	for _, p := range c.sql {
		if !p.value {
			b.WriteString(p.text)
			continue
		}
		v, null, err := r.get(p.text)
		name, _, _ := strings.Cut(strings.Trim(p.text, "{}"), ":")
		switch {
		case err != nil:
			return "", err
		case !null && strings.ContainsRune(v, 0):
			return "", fmt.Errorf("%s holds a byte that no text has", p.text)
		case p.quoted && (null || strings.ContainsAny(v, "'\"\\")):
			return "", fmt.Errorf("%s stands in quotes, and its value has a quote or a backslash, or is NULL: write it without quotes around it", p.text)
		case p.quoted:
			b.WriteString(v)
		case null:
			b.WriteString("NULL")
		case numeric().MatchString(v) && (p.text[0] == ':' || slices.Contains(bare, name)):
			if v[0] == '-' {
				v = "(" + v + ")" // - and it would begin a comment
			}
			b.WriteString(v)
		default:
			b.WriteString(r.protocol.Literal(v))
		}
	}
	return b.String(), nil
}

func shortened(sql string) string {
	const most = 60
	if sql = strings.Join(strings.Fields(sql), " "); len(sql) > most {
		sql = sql[:most] + "…"
	}
	return sql
}
