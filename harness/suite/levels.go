package suite

import (
	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/internal/names"
)

// ParseLevels reads what users type for isolation levels: their names, names.All, or "default", which is each server's own and adds
// none.
func ParseLevels(named []string) (levels []harness.Level, all bool, err error) {
	for _, n := range named {
		switch n {
		case names.All:
			all = true
		case "default":
		default:
			l, ok := harness.ParseLevel(n)
			if !ok || l == harness.NoLevel {
				return nil, false, names.UnknownOrAll("isolation level", n, levelNames())
			}
			levels = append(levels, l)
		}
	}
	return levels, all, nil
}

// NamedLevels is ParseLevels where all can be named, one by one.
func NamedLevels(named []string) ([]harness.Level, error) {
	levels, all, err := ParseLevels(named)
	if all {
		levels = harness.Levels()
	}
	return levels, err
}

func levelNames() []string {
	all := []string{"default"}
	for _, l := range harness.Levels() {
		all = append(all, string(l))
	}
	return all
}
