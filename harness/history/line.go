package history

import (
	"fmt"
	"strconv"

	"github.com/lastseat/lastseat/harness"
)

// kindNames are the access kinds as a file has them.
var kindNames = [...]string{
	harness.Reads: "reads", harness.Writes: "writes", harness.Checks: "checks",
	harness.Finds: "finds", harness.Holds: "", harness.Sets: "sets", harness.Appends: "appends",
}

// appendOp appends an operation's line, without its end. name is JSON already; trouble, where there is any, too. clock is that of the
// process: its first operation has it.
func appendOp(b []byte, r *harness.Recorded, clock int, name, trouble []byte) []byte {
	b = appendInt(b, `{"id":`, r.ID)
	b = append(b, `,"op":`...)
	b = append(b, name...)
	b = appendInt(b, `,"process":`, int64(r.Process()))
	b = appendInt(b, `,"seq":`, int64(harness.OpSeq(r.ID)))
	b = append(b, `,"outcome":"`...)
	b = append(b, r.Outcome.String()...)
	b = appendInt(b, `","invoke":`, r.Invoke)
	b = appendInt(b, `,"begin":`, r.Begin)
	b = appendInt(b, `,"end":`, r.End)
	b = appendInt(b, `,"tries":`, int64(r.Tries))
	if r.Undoes != 0 {
		b = appendInt(b, `,"undoes":`, r.Undoes)
	}
	if r.Declined {
		b = append(b, `,"declined":true`...)
	}
	b = append(b, `,"do":[`...)
	for i := 0; i < len(r.Accesses); {
		if i > 0 {
			b = append(b, ',')
		}
		a := &r.Accesses[i]
		i++
		if a.Kind != harness.Finds {
			b = appendAccess(b, a)
			continue
		}
		n := found(a)
		b = appendFinds(b, a, r.Accesses[i:i+n])
		i += n
	}
	b = append(b, ']')
	if clock > 0 && harness.OpSeq(r.ID) == 1 {
		b = appendInt(b, `,"clock":`, int64(clock))
	}
	if trouble != nil {
		b = append(b, `,"error":`...)
		b = append(b, trouble...)
	}
	return append(b, '}')
}

func appendAccess(b []byte, a *harness.Access) []byte {
	b = appendInt(b, `{"cell":`, int64(a.Cell))
	b = append(b, `,"kind":"`...)
	b = append(b, kindNames[a.Kind]...)
	b = append(b, '"')
	if a.Delta != 0 {
		b = appendInt(b, `,"delta":`, a.Delta)
	}
	if a.Value != harness.NotSeen {
		b = appendInt(b, `,"value":`, a.Value)
	}
	if a.Version != harness.NotSeen {
		b = appendInt(b, `,"version":`, a.Version)
	}
	return append(b, '}')
}

// found is how many Holds belong to a Finds.
func found(a *harness.Access) int {
	if a.Value == harness.NotSeen {
		return 0
	}
	return int(a.Value)
}

// appendFinds appends a Finds together with its Holds.
func appendFinds(b []byte, a *harness.Access, holds []harness.Access) []byte {
	b = appendInt(b, `{"cell":`, int64(a.Cell))
	b = append(b, `,"kind":"finds"`...)
	if a.Value == harness.NotSeen {
		return append(b, '}')
	}
	b = append(b, `,"values":[`...)
	for i := range holds {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, holds[i].Value, 10)
	}
	return append(b, "]}"...)
}

func appendEntry(b []byte, e *harness.Entry) []byte {
	b = appendInt(b, `{"journal":{"id":`, e.Op)
	b = appendInt(b, `,"cell":`, int64(e.Cell))
	b = appendInt(b, `,"delta":`, e.Delta)
	if e.Version != 0 {
		b = appendInt(b, `,"version":`, e.Version)
	}
	return append(b, `}}`...)
}

func appendFault(b []byte, f *harness.Fault, what []byte) []byte {
	b = append(append(b, `{"fault":{"what":`...), what...)
	b = appendInt(b, `,"from":`, f.From)
	b = appendInt(b, `,"to":`, f.To)
	return append(b, `}}`...)
}

func appendCharge(b []byte, c *harness.Charge) []byte {
	b = appendInt(b, `{"charge":{"id":`, c.Op)
	b = appendInt(b, `,"amount":`, c.Amount)
	return append(b, `}}`...)
}

func appendWorker(b []byte, c *harness.Clock, name, missing []byte) []byte {
	b = append(append(b, `{"worker":{"name":`...), name...)
	if c.Slack != harness.Incomparable {
		b = appendInt(b, `,"slack":`, c.Slack)
	}
	if c.Missing != "" {
		b = append(append(b, `,"missing":`...), missing...)
	}
	return append(b, `}}`...)
}

func appendFinal(b []byte, operations, faults, workers int64, s *harness.State) []byte {
	b = appendInt(b, `{"final":{"operations":`, operations)
	b = appendInt(b, `,"entries":`, int64(len(s.Entries)))
	b = appendInts(b, `,"values":`, s.Values)
	if s.Versions != nil {
		b = appendInts(b, `,"versions":`, s.Versions)
	}
	if faults > 0 {
		b = appendInt(b, `,"faults":`, faults)
	}
	if s.Charges != nil {
		b = appendInt(b, `,"charges":`, int64(len(s.Charges)))
	}
	if workers > 0 {
		b = appendInt(b, `,"workers":`, workers)
	}
	return append(b, `}}`...)
}

func appendInt(b []byte, before string, v int64) []byte {
	return strconv.AppendInt(append(b, before...), v, 10)
}

func appendInts(b []byte, before string, vs []int64) []byte {
	b = append(append(b, before...), '[')
	for i, v := range vs {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, v, 10)
	}
	return append(b, ']')
}

// latest is the latest time, in nanoseconds: 73 years. The times of a clock that counts from 1970 are before it.
const latest = int64(1) << 61

// checkRecord says what no operation can be, whichever side of a file it is on.
func checkRecord(r *harness.Record) error {
	switch {
	case r.Invoke < 0:
		return fmt.Errorf("invoke is %d: expected 0 or more", r.Invoke)
	case r.Begin < r.Invoke:
		return fmt.Errorf("begin is %d, before invoke (%d)", r.Begin, r.Invoke)
	case r.End < r.Begin:
		return fmt.Errorf("end is %d, before begin (%d)", r.End, r.Begin)
	case r.End > latest:
		return fmt.Errorf("end is %d: expected nanoseconds, %d (73 years) at most", r.End, latest)
	case r.Tries < 1:
		return fmt.Errorf("tries is %d: expected at least 1", r.Tries)
	case r.Undoes < 0:
		return fmt.Errorf("undoes is %d: expected an operation's id", r.Undoes)
	}
	return nil
}

// checkOp says why an operation cannot be written so that it can be read again.
func checkOp(r *harness.Recorded, cells int) error {
	if r.Process() < 0 || r.ID < 0 {
		return fmt.Errorf("process is %d: expected 0 or more", r.Process())
	}
	if int(r.Outcome) >= harness.Outcomes {
		return fmt.Errorf("outcome %d is unknown", r.Outcome)
	}
	for i := range r.Accesses {
		a := &r.Accesses[i]
		if int(a.Kind) >= len(kindNames) {
			return fmt.Errorf("kind %d is unknown", a.Kind)
		}
		if err := checkCell(int64(a.Cell), cells); err != nil {
			return err
		}
	}
	if err := checkFinds(r.Accesses); err != nil {
		return err
	}
	return checkRecord(r.Record)
}

// checkFinds says where what was found does not add up: each Finds has as many Holds of its cell behind it as it says.
func checkFinds(all []harness.Access) error {
	for i := 0; i < len(all); i++ {
		a := &all[i]
		if a.Kind == harness.Holds {
			return fmt.Errorf("access %d holds a value that nobody looked for", i)
		}
		if a.Kind != harness.Finds {
			continue
		}
		if a.Value != harness.NotSeen && (a.Value < 0 || a.Value >= int64(len(all)-i)) {
			return fmt.Errorf("access %d finds %d values: there are %d accesses behind it", i, a.Value, len(all)-i-1)
		}
		for range found(a) {
			i++
			if all[i].Kind != harness.Holds || all[i].Cell != a.Cell {
				return fmt.Errorf("access %d is not a value of cell %d, though %d were found there", i, a.Cell, a.Value)
			}
		}
	}
	return nil
}

func checkCell(cell int64, cells int) error {
	if cell < 0 || cell >= int64(cells) {
		return fmt.Errorf("cell %d does not exist: the start state has %d", cell, cells)
	}
	return nil
}
