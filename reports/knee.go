package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness"
)

// keepsUpFrom is the share of the operations that were due which a row begins at least, where it keeps up with a rate. What is missing
// at a lower share is more than what is under way when a row ends.
const keepsUpFrom = 0.95

// begun is the share of the operations that were due which clients began before the row ended.
func begun(row *Row) float64 {
	a := &row.Report.Accounting
	due := a.Scheduled()
	if due == 0 {
		return 1
	}
	return 1 - float64(a.Dropped+a.Skipped)/float64(due)
}

// knees say, of a sweep over rates, up to which rate each row keeps up, and the highest at which some still do and hold.
func (c *chart) knees() []string {
	if c.axis != &allAxes[rateAxis] {
		return nil
	}
	var facts []string
	upTo := map[*curve]float64{}
	for _, k := range c.curves {
		fact, rate := c.knee(k)
		facts, upTo[k] = append(facts, fact), rate
	}
	for i, v := range slices.Backward(c.values) {
		var hold []string
		for _, k := range c.curves {
			if upTo[k] >= v && k.broke() < 0 && k.step(c, v) != nil && k.step(c, v).Verdict() != harness.Inconclusive {
				hold = append(hold, rowName(k.label, false))
			}
		}
		if len(hold) == 0 {
			continue
		}
		text := "the highest rate at which a row keeps up and holds is " + c.axis.text(v) + ": " + strings.Join(hold, ", ")
		if i == len(c.values)-1 {
			text += "; higher ones were not tried"
		}
		return append(facts, text)
	}
	return append(facts, "no row keeps up and holds at any of these rates")
}

// knee says up to which rate a row keeps up; upTo: 0 where it does with none.
func (c *chart) knee(k *curve) (fact string, upTo float64) {
	name := rowName(k.label, false)
	for _, row := range k.steps {
		part := begun(row)
		if part >= keepsUpFrom {
			upTo = c.at(row)
			continue
		}
		at := fmt.Sprintf("at %s it begins %s of what is due and answers %s ok a second", c.axis.text(c.at(row)), digits(100*part, 3)+"%", rate(row.Goodput().Median))
		if upTo == 0 {
			return fmt.Sprintf("%s: keeps up with none of these rates: %s", name, at), 0
		}
		return fmt.Sprintf("%s: keeps up to %s, the knee: %s", name, c.axis.text(upTo), at), upTo
	}
	return fmt.Sprintf("%s: keeps up with every rate, to %s", name, c.axis.text(upTo)), upTo
}
