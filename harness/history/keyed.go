package history

import (
	"fmt"
	"slices"
	"strings"
)

// Keyed is what transactions did under one key of many, as jepsen.independent writes them: [key [[:append k v] …]]. The keys within are
// the key's own: k under one key is another than k under the next. Invoke and Complete are positions among the events of the key.
type Keyed struct {
	Key string // as the file writes it
	*Transactions
}

// keyedReader reads a file whose every transaction is under a key.
type keyedReader struct {
	parser
	may  may
	keys Names
	all  []underKey // in the order in which the file has them
	by   map[int32]int
	open map[int64]begunUnder // by process
}

type underKey struct {
	key int32
	*txnReader
}

// begunUnder is where a process began what it has not ended: under a key, at a place.
type begunUnder struct{ key, at int }

// isKeyed reports whether the first transaction that shows it is under a key.
func isKeyed(data []byte, in notation) (is bool) {
	p := &parser{data: data, in: in}
	_ = parse(func() { // reading it says what is wrong
		for o := range p.ops {
			if !o.client || o.value < 0 {
				continue
			}
			key, value, pair := keyed(p.from(o.value).value())
			if list, some := value.([]any); pair || some && len(list) > 0 {
				is = pair && !isStep(key)
				return
			}
		}
	})
	return is
}

// isStep reports whether a value is a micro-operation.
func isStep(v any) bool {
	op, list := v.([]any)
	return list && len(op) > 0 && slices.Contains([]string{"append", "insert", "r", "rp", "w", "read", "write", "delete"}, verbOf(op))
}

// readKeyed reads a whole file of transactions under keys.
func readKeyed(data []byte, in notation, may may) (all []Keyed, bad *unexpected) {
	r := &keyedReader{parser: parser{data: data, in: in}, may: may, by: map[int32]int{}, open: map[int64]begunUnder{}}
	bad = parse(func() {
		for o := range r.ops {
			if o.client {
				r.take(o)
			}
		}
		for _, u := range r.all {
			u.finish()
			all = append(all, Keyed{r.keys.Text(u.key), &u.out})
		}
	})
	return all, bad
}

// take hands an operation to the reader of its key.
func (r *keyedReader) take(o *rawOp) {
	key, value, named := r.split(o.value)
	begun, isOpen := r.open[o.process]
	switch {
	case !named && (o.kind == Invoke || o.kind == OK || !isOpen):
		r.failAt(o.at, "expected a value like [key [[:%s k v] …]], as others of the file have", strings.Join(r.may.verbs(), " k v] [:"))
	case !named:
		key = begun.key
	case o.kind != Invoke && isOpen && key != begun.key:
		r.failAt(o.at, "process %d ends an operation on key %s, but the one that it began on line %d is on key %s", o.process,
			r.keys.Text(r.all[key].key), r.line(begun.at), r.keys.Text(r.all[begun.key].key))
	case o.kind == Invoke && isOpen:
		r.failAt(o.at, "%s", r.all[key].twice(o.process, begun.at))
	}
	if o.kind == Invoke && o.process != NoProcess {
		r.open[o.process] = begunUnder{key, o.at}
	} else {
		delete(r.open, o.process)
	}
	o.value = value
	r.all[key].take(o)
}

// split takes a value apart: the place of its key's reader, and where what is under the key begins; -1: nothing is. It returns false for a
// value that is missing or nil.
func (r *keyedReader) split(at int) (key, value int, named bool) {
	p := r.from(at)
	if p == nil || p.isNil() {
		return 0, -1, false
	}
	if c := p.peek(); c == '#' {
		p.at++
		p.token()
	}
	if c := p.peek(); c != '[' && (c != '(' || p.in == jsn) {
		p.want("a key with its transaction: [key [[:" + strings.Join(r.may.verbs(), " k v] [:") + " k v]]]")
	}
	end := p.enter()
	if !p.more(end) {
		p.want("a key")
	}
	number := p.number(&r.keys)
	if !p.more(end) {
		p.want("the transaction under the key")
	}
	value = p.at
	p.skip()
	if p.more(end) {
		p.want(fmt.Sprintf("%q: a value has a key and a transaction", end))
	}
	key, known := r.by[number]
	if !known {
		key = len(r.all)
		r.by[number] = key
		r.all = append(r.all, underKey{number, newTxnReader(r.data, r.in, r.may)})
	}
	return key, value, true
}

// keyed notes what was read: unless it was named, the workload is what all transactions together did.
func (rec *Recording) keyed(named string) {
	var workloads []string
	for _, k := range rec.Keyed {
		rec.Operations += k.Len()
		workloads = append(workloads, k.Workload())
	}
	if named != "" || len(workloads) == 0 {
		return
	}
	slices.Sort(workloads)
	rec.Workload = "mixed"
	if workloads = slices.Compact(workloads); len(workloads) == 1 {
		rec.Workload = workloads[0]
	}
}
