package history

import (
	"slices"

	"github.com/lastseat/lastseat/harness"
)

// run is operations of one process, one after the other, on lines as appendOp writes them. Most of a file are such: they go into the log together.
type run struct {
	process  int32
	seq      int64    // of the first
	names    []string // by Record.Name, as they appear
	records  []harness.Record
	touched  []uint32         // by record: how many of the accesses are its own
	accesses []harness.Access // of all records
	writes   int              // that may have happened
}

// writtenRun reads a run at the beginning of lines, and answers how many bytes it has; 0: there is none.
func (r *lineReader) writtenRun(lines []byte) (all *run, size int) {
	from, first, o := len(r.records), len(r.accesses), &r.row.op
	for {
		before := len(r.accesses)
		n := r.writtenOp(lines[size:], o)
		if n > 0 && all == nil {
			all = &run{process: o.process, seq: o.seq}
		}
		if n == 0 || !all.goesOn(o, len(r.records)-from) {
			r.accesses = r.accesses[:before]
			break
		}
		r.records = append(r.records, o.record)
		r.touched = append(r.touched, uint32(len(o.accesses)))
		size += n
	}
	if size > 0 {
		all.records, all.touched, all.accesses = r.records[from:], r.touched[from:], r.accesses[first:]
	}
	return all, size
}

// goesOn reports whether the operation is the next one of the run, which has n by now, and nothing is wrong with it by itself.
func (a *run) goesOn(o *opLine, n int) bool {
	if o.process != a.process || o.seq != a.seq+int64(n) || o.id != harness.OpID(o.process, int(o.seq)) || checkRecord(&o.record) != nil {
		return false
	}
	name := slices.Index(a.names, o.name)
	if name < 0 {
		if name = len(a.names); name == maxNames {
			return false
		}
		a.names = append(a.names, o.name)
	}
	o.record.Name = uint8(name)
	a.writes += writes(o)
	return true
}

// addRun adds a run to its process's log, and answers how many of its lines were right.
func (r *reader) addRun(all *run) (right int, err error) {
	log := r.logs[all.process]
	if log == nil {
		log = &harness.Log{Process: all.process}
	}
	first := opLine{id: harness.OpID(all.process, int(all.seq)), process: all.process, seq: all.seq, record: all.records[0]}
	if err := first.check(int64(log.Len()) + 1); err != nil {
		return 0, err
	}
	var numbers [maxNames]uint8
	same := true
	for i, name := range all.names {
		if numbers[i], err = r.name(name); err != nil {
			return slices.IndexFunc(all.records, func(o harness.Record) bool { return int(o.Name) == i }), err
		}
		same = same && int(numbers[i]) == i
	}
	if !same {
		for i := range all.records {
			o := &all.records[i]
			o.Name = numbers[o.Name]
		}
	}
	log.AppendAll(all.records, all.touched, all.accesses)
	r.logs[all.process] = log
	r.ops += int64(len(all.records))
	r.writes += all.writes
	return len(all.records), nil
}
