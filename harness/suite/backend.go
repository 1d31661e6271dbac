package suite

import (
	"reflect"
	"slices"

	"github.com/lastseat/lastseat/harness/store"
)

// Backend is the servers that answered for a component around some row's store.
type Backend struct {
	Component string `json:"component"` // redis
	store.BackendInfo
}

// backends are those of the table's rows, in their order. Each target's rows have servers of their own, which are named once where they are alike.
func (t *Table) backends() (all []Backend) {
	for _, row := range t.Rows {
		for i, d := range row.plan.components {
			b, ok := d.(store.Backed)
			if !ok {
				continue
			}
			if info, ok := b.Backend(); ok {
				one := Backend{row.Environment.Components[i].Name, info}
				if !slices.ContainsFunc(all, func(b Backend) bool { return reflect.DeepEqual(b, one) }) {
					all = append(all, one)
				}
			}
		}
	}
	return all
}
