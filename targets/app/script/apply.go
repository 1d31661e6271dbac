package script

import (
	"cmp"
	"errors"
	"fmt"
)

// apply is an operator between two values. NULL makes NULL, but of and with what is false, and of or with what is true.
func apply(op string, a, b any) (any, error) {
	if op == "and" || op == "or" {
		return logical(op, a, b)
	}
	if a == nil || b == nil {
		return nil, nil
	}
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return ofInts(op, x, y)
		}
	case string, bool:
		if op == "=" || op == "<>" || op == "!=" {
			return (fmt.Sprint(a) == fmt.Sprint(b)) == (op == "="), nil
		}
	}
	x, ok1 := float(a)
	y, ok2 := float(b)
	switch {
	case !ok1:
		return nil, fmt.Errorf("%v is no number, and stands before %s", a, op)
	case !ok2 && (op == "=" || op == "<>" || op == "!="):
		return op != "=", nil // a number and a text
	case !ok2:
		return nil, fmt.Errorf("%v is no number, and stands behind %s", b, op)
	}
	return ofFloats(op, x, y)
}

func logical(op string, a, b any) (any, error) {
	x, err1 := truth(a)
	y, err2 := truth(b)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	decides := op == "or" // the value that decides alone
	switch {
	case a != nil && x == decides || b != nil && y == decides:
		return decides, nil
	case a == nil || b == nil:
		return nil, nil
	}
	return !decides, nil
}

func float(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

var errZero = errors.New("division by zero")

func ofInts(op string, a, b int64) (any, error) {
	switch op {
	case "+":
		return a + b, nil
	case "-":
		return a - b, nil
	case "*":
		return a * b, nil
	case "/", "%":
		if b == 0 {
			return nil, errZero
		}
		if op == "/" {
			return a / b, nil
		}
		return a % b, nil
	}
	return compared(op, cmp.Compare(a, b)), nil
}

func ofFloats(op string, a, b float64) (any, error) {
	switch op {
	case "+":
		return a + b, nil
	case "-":
		return a - b, nil
	case "*":
		return a * b, nil
	case "/":
		if b == 0 {
			return nil, errZero
		}
		return a / b, nil
	case "%":
		return nil, errors.New("% takes whole numbers")
	}
	return compared(op, cmp.Compare(a, b)), nil
}

func compared(op string, c int) bool {
	switch op {
	case "=":
		return c == 0
	case "<>", "!=":
		return c != 0
	case "<":
		return c < 0
	case ">":
		return c > 0
	case "<=":
		return c <= 0
	}
	return c >= 0
}
