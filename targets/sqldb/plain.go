package sqldb

import "github.com/lastseat/lastseat/harness"

// plain is no way of writing buy(): it sends an operation's steps as they come, in one transaction, and so shows what the level
// alone guarantees.
func plain() Strategy {
	return Strategy{
		Name:     "plain",
		Explain:  "reads and writes as they come, in one transaction: what the isolation level alone guarantees",
		Contents: true,
		Do: func(a *attempt) error {
			return a.tx(a.row.dialect.Begin, func() error {
				thought := false
				for i := range a.op.Steps {
					s := &a.op.Steps[i]
					if s.Kind != harness.Read && !thought {
						thought = true
						if err := a.at(harness.AtGap); err != nil {
							return err
						}
					}
					if err := a.carryOut(s); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}
