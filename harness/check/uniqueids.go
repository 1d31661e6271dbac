package check

import (
	"fmt"

	"github.com/lastseat/lastseat/harness/history"
)

// judgeUniqueIDs demands that no two operations were given the same id. What failed or has an unknown outcome was given none. The rule
// is that of jepsen.checker/unique-ids.
func judgeUniqueIDs(r *recording) error {
	given := map[any]int32{}
	total := 0
	for i := range r.events {
		e := &r.events[i]
		if e.Type != history.OK {
			continue
		}
		if e.Value == nil {
			return shapeError(e, "expected the id that was given, found nil")
		}
		total++
		if first, again := given[asKey(e.Value)]; again {
			r.found("duplicated", func() string {
				return fmt.Sprintf("Id %s was given on %s, and again on %s", explainValue(e.Value), r.place(first), r.place(int32(i)))
			})
			continue
		}
		given[asKey(e.Value)] = int32(i)
	}
	if total == 1 {
		r.unsure = "one id was given: nothing could have been the same"
	}
	r.summary = fmt.Sprintf("%s were given, all of them different", plural(total, "id"))
	return nil
}
