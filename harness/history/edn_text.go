package history

import (
	"fmt"
	"strconv"
	"strings"
)

// Text writes a value of a recorded history as EDN does.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case string:
		return strconv.Quote(v)
	case Keyword:
		return ":" + string(v)
	case Symbol:
		return string(v)
	case []any:
		return "[" + texts(v) + "]"
	case Set:
		return "#{" + texts(v) + "}"
	case Map:
		pairs := make([]string, len(v))
		for i := range v {
			pairs[i] = Text(v[i].Key) + " " + Text(v[i].Value)
		}
		return "{" + strings.Join(pairs, ", ") + "}"
	case Tagged:
		return "#" + v.Tag + " " + Text(v.Value)
	}
	return fmt.Sprint(v)
}

func texts(all []any) string {
	each := make([]string, len(all))
	for i := range all {
		each[i] = Text(all[i])
	}
	return strings.Join(each, " ")
}
