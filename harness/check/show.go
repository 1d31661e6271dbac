package check

import (
	"strings"

	"github.com/lastseat/lastseat/harness/history"
)

// show writes a value of a recorded history as EDN does.
func show(v any) string { return history.Text(v) }

// mostShown bounds what tell writes of one value, in bytes.
const mostShown = 120

// tell is show for human eyes: long values are cut off.
func explainValue(v any) string {
	text := show(v)
	if len(text) > mostShown {
		text = strings.ToValidUTF8(text[:mostShown], "") + " …"
	}
	return text
}

// written is a composite value as a map key.
type written string

// asKey is a value as a map key: equal for equal values, though two sets or maps in different orders pass for different.
func asKey(v any) any {
	switch v.(type) {
	case nil, bool, int64, float64, string, history.Keyword, history.Symbol:
		return v
	}
	return written(show(v))
}

// elements are those of a vector, list or set.
func elements(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case history.Set:
		return v, true
	}
	return nil, false
}
