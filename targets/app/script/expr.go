package script

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// expr is an expression; its value is nil (NULL), an int64, a float64, a bool, or a text that a column had.
type expr func(*running) (any, error)

// operators by how strongly they bind, the weakest first.
var operators = [][]string{{"or"}, {"and"}, {"=", "<>", "!=", "<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"}}

var token = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[0-9]+(?:\.[0-9]+)?|:?[A-Za-z_][A-Za-z0-9_]*|\{[a-z]+(?::[^{}]*)?\}|<>|!=|<=|>=|[-+*/%=<>(),])`)
})

// expression reads one.
func (p *parser) expression(text string, line int) (expr, error) {
	e := &exprParser{parser: p}
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		t := token().FindString(rest)
		if t == "" {
			return nil, p.errorf(line, "%q cannot be read as a part of an expression", rest)
		}
		e.tokens = append(e.tokens, t)
		rest = rest[len(t):]
	}
	x, err := e.binary(0)
	if err == nil && len(e.tokens) > 0 {
		err = fmt.Errorf("%q comes too much in an expression", e.tokens[0])
	}
	if err != nil {
		return nil, p.errorf(line, "%v", err)
	}
	return x, nil
}

type exprParser struct {
	*parser
	tokens []string
	depth  int
}

// deepest an expression may be.
const deepest = 100

func (e *exprParser) next() string {
	if len(e.tokens) == 0 {
		return ""
	}
	return strings.ToLower(e.tokens[0])
}

func (e *exprParser) take() (t string) {
	t = e.next()
	if t != "" {
		e.tokens = e.tokens[1:]
	}
	return t
}

func (e *exprParser) binary(level int) (expr, error) {
	if level == len(operators) {
		return e.unary()
	}
	left, err := e.binary(level + 1)
	for err == nil && slices.Contains(operators[level], e.next()) {
		op := e.take()
		var right expr
		if right, err = e.binary(level + 1); err == nil {
			left = binaryOf(op, left, right)
		}
	}
	return left, err
}

func binaryOf(op string, left, right expr) expr {
	return func(r *running) (any, error) {
		a, err := left(r)
		if err != nil {
			return nil, err
		}
		b, err := right(r)
		if err != nil {
			return nil, err
		}
		return apply(op, a, b)
	}
}

func (e *exprParser) unary() (expr, error) {
	if e.depth++; e.depth > deepest {
		return nil, errors.New("the expression is too deep")
	}
	defer func() { e.depth-- }()
	switch t := e.next(); t {
	case "-", "+", "not":
		e.take()
		x, err := e.unary()
		return func(r *running) (any, error) {
			v, err := x(r)
			if err != nil {
				return nil, err
			}
			switch t {
			case "not":
				return not(v)
			case "-":
				return apply("-", int64(0), v)
			}
			return apply("+", int64(0), v)
		}, err
	case "(":
		e.take()
		x, err := e.binary(0)
		if err == nil && e.take() != ")" {
			err = errors.New("a parenthesis is not closed")
		}
		return x, err
	}
	return e.operand()
}

// operand is a number, a variable, a placeholder, or a function.
func (e *exprParser) operand() (expr, error) {
	if e.next() == "" {
		return nil, errors.New("an expression ends too soon")
	}
	written := e.tokens[0]
	t := e.take()
	switch {
	case t == "true" || t == "false":
		return func(*running) (any, error) { return t == "true", nil }, nil
	case t == "null":
		return func(*running) (any, error) { return nil, nil }, nil
	case t[0] >= '0' && t[0] <= '9':
		v := numberOf(t)
		if _, ok := v.(string); ok {
			return nil, fmt.Errorf("%s is too great", t)
		}
		return func(*running) (any, error) { return v, nil }, nil
	case t[0] == ':' || t[0] == '{':
		if n, err := e.value(written, 0); err != nil || n == 0 {
			return nil, errors.Join(err, map[bool]error{true: fmt.Errorf("%s is no value", written)}[err == nil])
		}
		return func(r *running) (any, error) {
			v, null, err := r.get(written)
			if err != nil || null {
				return nil, err
			}
			return numberOf(v), nil
		}, nil
	case e.next() == "(":
		return e.call(t)
	}
	return nil, fmt.Errorf("%q is no value; a variable is :%s", written, written)
}

// call is a function with its arguments.
func (e *exprParser) call(name string) (expr, error) {
	f, ok := functions[name]
	if !ok {
		return nil, fmt.Errorf("the function %s is not known; there are abs, greatest, least, mod, random", name)
	}
	e.take()
	var args []expr
	for e.next() != ")" {
		x, err := e.binary(0)
		if err != nil {
			return nil, err
		}
		if args = append(args, x); e.next() != ")" && e.take() != "," {
			return nil, errors.New("a parenthesis is not closed")
		}
	}
	e.take()
	if len(args) < f.least || f.most > 0 && len(args) > f.most {
		return nil, fmt.Errorf("%s has %d arguments, and takes %s", name, len(args), map[bool]string{true: "one or more", false: fmt.Sprint(f.most)}[f.most == 0])
	}
	return func(r *running) (any, error) {
		values := make([]any, len(args))
		for i, a := range args {
			v, err := a(r)
			if err != nil {
				return nil, err
			}
			values[i] = v
		}
		return f.of(r.random, values)
	}, nil
}

// functions by name, with how many arguments each takes.
var functions = map[string]struct {
	least, most int // most: 0 is any number
	of          func(*rand.Rand, []any) (any, error)
}{
	"abs": {1, 1, func(_ *rand.Rand, v []any) (any, error) {
		if less, err := apply("<", v[0], int64(0)); err != nil || less != true {
			return v[0], err
		}
		return apply("-", int64(0), v[0])
	}},
	"mod":      {2, 2, func(_ *rand.Rand, v []any) (any, error) { return apply("%", v[0], v[1]) }},
	"greatest": {1, 0, func(_ *rand.Rand, v []any) (any, error) { return extreme(">", v) }},
	"least":    {1, 0, func(_ *rand.Rand, v []any) (any, error) { return extreme("<", v) }},
	"random": {2, 2, func(r *rand.Rand, v []any) (any, error) {
		low, ok1 := v[0].(int64)
		high, ok2 := v[1].(int64)
		if !ok1 || !ok2 || low > high || high-low < 0 || high-low+1 <= 0 {
			return nil, fmt.Errorf("random(%v, %v) needs two whole numbers, the lower first", v[0], v[1])
		}
		return low + r.Int64N(high-low+1), nil
	}},
}

func extreme(op string, values []any) (best any, err error) {
	best = values[0]
	for _, v := range values[1:] {
		better, err := apply(op, v, best)
		if err != nil {
			return nil, err
		}
		if better == true {
			best = v
		}
	}
	return best, nil
}

// numberOf reads a text as a number or a truth value, if it is one.
func numberOf(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	switch strings.ToLower(text) {
	case "t", "true":
		return true
	case "f", "false":
		return false
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return f
	}
	return text
}

// truth is whether a condition holds; NULL does not, and neither does 0.
func truth(v any) (bool, error) {
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	case int64:
		return v != 0, nil
	case float64:
		return v != 0, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", v)
}

func not(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	b, err := truth(v)
	return !b, err
}
