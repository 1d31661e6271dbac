package history

// Values of EDN that have no type of their own in Go. The others are nil, bool, int64, float64, string, and []any for vectors
// and lists.
type (
	// Keyword is a name with a colon before it, which is left out here.
	Keyword string
	// Symbol is a name that stands for itself.
	Symbol string
	// Set is the elements of a set, in the order in which the file has them.
	Set []any
	// Map is the pairs of a map, in the order in which the file has them.
	Map []Pair
	// Pair is a key of a Map with its value.
	Pair struct{ Key, Value any }
	// Tagged is a value with a tag before it; the # is left out.
	Tagged struct {
		Tag   string
		Value any
	}
)
