package explore

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// Turn is one action of a schedule that was played.
type Turn struct {
	Client int
	Step   Step
	// BlockedUntil is the turn at whose end the lock that this one waited for was free; 0: it did not wait. Turns count from 1.
	BlockedUntil int
	// Expires: had it to wait, all others stood still until the server ended the wait: a lock time-out.
	Expires bool
	// Waits: it was seen to wait for a lock.
	Waits  bool
	waited bool // the store was seen to have it wait in a circle
	failed bool // the store refused it

	// Of a schedule that was played to be shown:
	Begins string // the BEGIN before it
	SQL    string
	Args   []any
	Point  harness.Point
	Got    []int64
	Err    error
}

// Actor is who acted, as an order has it: with Expire, where the turn Expires.
func (t *Turn) Actor() int {
	if t.Expires {
		return t.Client + Expire
	}
	return t.Client
}

// Text is what the turn did: the statement with its arguments in place, after the BEGIN that came before it, or what was done in
// memory.
func (t *Turn) Text() string {
	if t.Begins != "" {
		return t.Begins + "; " + textOf(t)
	}
	return textOf(t)
}

// Answer is what the client was told; refused: it is an error. Empty: that it was done, and no more.
func (t *Turn) Answer() (text string, refused bool) {
	if t.Err != nil {
		return strings.TrimPrefix(strings.Join(strings.Fields(t.Err.Error()), " "), "ERROR: "), true
	}
	var numbers []string
	for _, n := range t.Got {
		numbers = append(numbers, strconv.FormatInt(n, 10))
	}
	return strings.Join(numbers, ", "), false
}

func textOf(t *Turn) string {
	if t.SQL != "" {
		return Literal(t.SQL, t.Args)
	}
	switch t.Point {
	case harness.AtRead:
		return "read " + t.where()
	case harness.AtWrite:
		return "write " + t.where()
	case harness.AtLock:
		return "lock " + t.where()
	case harness.AtGap:
		return "think, and decide"
	case harness.AtCall:
		return "call the outside service"
	}
	return t.Point.String()
}

// where names the cells that a turn in memory touched.
func (t *Turn) where() string {
	if t.Step.Cells == Everything {
		return "all " + t.Step.Table
	}
	var cells []string
	for c := range 63 {
		if t.Step.Cells&(1<<c) != 0 {
			cells = append(cells, strconv.Itoa(c))
		}
	}
	return t.Step.Table + " " + strings.Join(cells, ", ")
}

// Literal is a statement with its arguments in the places of its placeholders, ? or $1: as a person would type it.
func Literal(sql string, args []any) string {
	if len(args) == 0 {
		return sql
	}
	var b strings.Builder
	next := 0
	for i := 0; i < len(sql); i++ {
		switch c := sql[i]; {
		case c == '?' && next < len(args):
			fmt.Fprint(&b, args[next])
			next++
		case c == '$' && i+1 < len(sql) && sql[i+1] >= '1' && sql[i+1] <= '9':
			j := i + 1
			for j < len(sql) && sql[j] >= '0' && sql[j] <= '9' {
				j++
			}
			n, err := strconv.Atoi(sql[i+1 : j])
			if err != nil || n > len(args) {
				b.WriteString(sql[i:j])
			} else {
				fmt.Fprint(&b, args[n-1])
			}
			i = j - 1
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
