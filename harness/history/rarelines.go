package history

import (
	"fmt"
	"math"

	"github.com/lastseat/lastseat/harness"
)

// fault reads what was broken, and when.
func (r *lineReader) fault() {
	var f harness.Fault
	r.object(&faultShape, func(key int) {
		switch key {
		case faultWhat:
			f.What = string(r.text())
		case faultFrom:
			f.From = r.number()
		case faultTo:
			f.To = r.number()
		}
	})
	r.rare().fault = f
}

// charge reads an entry of the service's ledger. Whether it belongs to an operation is for the checks to say.
func (r *lineReader) charge() {
	var c harness.Charge
	r.object(&chargeShape, func(key int) {
		switch key {
		case chargeID:
			c.Op = r.number()
		case chargeAmount:
			c.Amount = r.number()
		}
	})
	r.rare().charge = c
}

// worker reads how far a worker's clock may be off.
func (r *lineReader) worker() {
	c := harness.Clock{Slack: harness.Incomparable}
	r.object(&workerShape, func(key int) {
		switch key {
		case workerName:
			c.Name = string(r.text())
		case workerSlack:
			c.Slack = r.between(0, harness.Incomparable-1)
		case workerMissing:
			c.Missing = string(r.text())
		}
	})
	r.rare().worker = c
}

// finalState reads the last line.
func (r *lineReader) finalState() {
	f := &r.rare().final
	seen := r.object(&finalShape, func(key int) {
		switch key {
		case finalOperations:
			f.ops = r.number()
		case finalEntries:
			f.entries = r.number()
		case finalValues:
			r.array(func() { f.values = append(f.values, r.number()) })
		case finalVersions:
			r.array(func() { f.versions = append(f.versions, r.number()) })
		case finalFaults:
			f.faults = r.between(1, math.MaxInt64)
		case finalCharges:
			f.charges = r.between(0, math.MaxInt64)
		case finalWorkers:
			f.workers = r.between(1, maxClocks)
		}
	})
	f.versioned = seen&(1<<finalVersions) != 0
	f.charged = seen&(1<<finalCharges) != 0
}

// end holds what was read against the last line.
func (r *reader) end(f *finalLine) error {
	start := &r.header.Start
	switch cells := len(start.Values); {
	case f.ops != r.ops || f.entries != int64(len(r.entries)):
		return fmt.Errorf("final: expected %d operations and %d journal entries before it, found %d and %d", f.ops, f.entries, r.ops, len(r.entries))
	case f.faults != int64(len(r.faults)) || f.charges != int64(len(r.charges)):
		return fmt.Errorf("final: expected %d faults and %d charges before it, found %d and %d", f.faults, f.charges, len(r.faults), len(r.charges))
	case f.workers != int64(len(r.clocks)) || r.clock >= max(len(r.clocks), 1):
		return fmt.Errorf("final: expected %d workers before it, and no clocks but theirs, found %d, and clock %d", f.workers, len(r.clocks), r.clock)
	case len(f.values) != cells || f.versioned && len(f.versions) != cells:
		return fmt.Errorf("final: expected %d values, and as many versions if any, found %d and %d", cells, len(f.values), len(f.versions))
	}
	r.final = &harness.State{
		Groups: start.Groups, Journal: start.Journal, Entries: r.entries, Values: f.values, Versions: f.versions, Charges: r.charges,
	}
	if f.charged && r.charges == nil {
		r.final.Charges = []harness.Charge{}
	}
	return nil
}
