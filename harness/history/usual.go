package history

// usual reads an operation that is written as Jepsen and lastseat write most, its keys in any order but the :type before the :value: names,
// small whole numbers and vectors of them. Of an :ok it reads the transaction's steps at once, and o has no value then. It reports false, and has
// read nothing, where the operation is written otherwise or anything may be wrong with it: then op reads it.
func (r *txnReader) usual(o *rawOp) bool {
	u := usualOp{txnReader: r, from: r.at, ops: len(r.out.Ops), elements: len(r.out.Elements)}
	if r.in == edn && u.read(o) {
		return true
	}
	r.at = u.from
	r.out.Ops, r.out.Elements = r.out.Ops[:u.ops], r.out.Elements[:u.elements]
	return false
}

// usualOp is an operation being read, and how far everything was before it.
type usualOp struct {
	*txnReader
	from, ops, elements int
}

// The keys of an operation that have been met, a bit each.
const (
	metType = 1 << iota
	metProcess
	metFunction
	metValue
	metTime
	metIndex
)

func (u *usualOp) read(o *rawOp) bool {
	*o = rawOp{at: u.at, process: NoProcess, client: true, value: -1, key: -1, time: -1, index: -1}
	if !u.goes("{") {
		return false
	}
	for met := 0; ; {
		now := u.field(o, met)
		if now == 0 || met&now != 0 {
			return false
		}
		met |= now
		if u.goes("}") {
			return met&metType != 0
		}
		if !u.goes(", ") {
			return false
		}
	}
}

// field reads a key and what it has, and answers which it was; 0: another, or it has something else.
func (u *usualOp) field(o *rawOp, met int) int {
	switch data, at := u.data, u.at; {
	case len(data)-at < 10:
	case string(data[at:at+7]) == ":type :":
		u.at += 7
		if u.kind(o) {
			return metType
		}
	case string(data[at:at+9]) == ":process ":
		u.at += 9
		n, ok := u.digits()
		if o.process = int64(n); ok {
			return metProcess
		}
	case string(data[at:at+4]) == ":f :":
		u.at += 4
		if o.f = u.token(); len(o.f) > 0 {
			return metFunction
		}
	case string(data[at:at+7]) == ":value " && met&metType != 0:
		u.at += 7
		if u.value(o) {
			return metValue
		}
	case string(data[at:at+6]) == ":time ":
		return u.passNumber(6, metTime)
	case string(data[at:at+7]) == ":index ":
		return u.passNumber(7, metIndex)
	}
	return 0
}

// goes passes over what is expected, and reports whether it was there.
func (u *usualOp) goes(text string) bool {
	if len(u.data)-u.at < len(text) || string(u.data[u.at:u.at+len(text)]) != text {
		return false
	}
	u.at += len(text)
	return true
}

func (u *usualOp) kind(o *rawOp) bool {
	switch {
	case u.goes("invoke"):
		o.kind = Invoke
	case u.goes("ok"):
		o.kind = OK
	case u.goes("fail"):
		o.kind = Fail
	case u.goes("info"):
		o.kind = Info
	default:
		return false
	}
	return u.at < len(u.data) && ends[u.data[u.at]]
}

// digits reads a small whole number, see small.
func (u *usualOp) digits() (n int32, ok bool) {
	data, from, at := u.data, u.at, u.at
	for at < len(data) && data[at]-'0' < 10 && at-from < 10 {
		n = 10*n + int32(data[at]-'0')
		at++
	}
	u.at = at
	return n, at > from && at-from < 10 && at < len(data) && ends[data[at]] && (data[from] != '0' || at == from+1)
}

// passNumber passes over a key of so many bytes and the whole number that it has.
func (u *usualOp) passNumber(key, met int) int {
	u.at += key
	from := u.at
	for u.at < len(u.data) && u.data[u.at]-'0' < 10 {
		u.at++
	}
	if u.at == from || u.at == len(u.data) || !ends[u.data[u.at]] {
		return 0
	}
	return met
}

// value reads the steps of an :ok, and passes over what others have.
func (u *usualOp) value(o *rawOp) bool {
	if o.kind == OK {
		return u.steps()
	}
	o.value = u.at
	if u.goes("nil") {
		return u.at < len(u.data) && ends[u.data[u.at]]
	}
	return u.passVector()
}

// What passVector makes of a byte.
const (
	opens = 1 + iota
	closes
	unusual
)

var brackets = [256]uint8{'[': opens, ']': closes, '"': unusual, '(': unusual, ')': unusual, '{': unusual, '}': unusual, '\\': unusual, ';': unusual}

// passVector passes over vectors within each other that hold neither strings nor other collections.
func (u *usualOp) passVector() bool {
	depth := 0
	for at := u.at; at < len(u.data); at++ {
		switch brackets[u.data[at]] {
		case opens:
			if depth++; depth > maxDepth {
				return false
			}
		case closes:
			if depth--; depth == 0 {
				u.at = at + 1
				return true
			}
		case unusual:
			return false
		}
		if depth == 0 {
			return false
		}
	}
	return false
}

// steps reads a vector of micro-operations.
func (u *usualOp) steps() bool {
	if !u.goes("[") {
		return false
	}
	for {
		for u.goes(" ") {
		}
		if u.goes("]") {
			return true
		}
		if !u.step() {
			return false
		}
	}
}

func (u *usualOp) step() bool {
	if !u.goes("[:") {
		return false
	}
	op, known := u.may.step(u.token())
	if !known || op.Kind == Sets || !u.goes(" ") {
		return false
	}
	if op.Key, known = u.digits(); !known || !u.goes(" ") {
		return false
	}
	switch u.data[min(u.at, len(u.data)-1)] {
	case '[':
		if op.Write || op.Kind == Registers || !u.list(&op) {
			return false
		}
	case 'n':
		if op.Write || !u.goes("nil") {
			return false
		}
		u.unread(&op, OK.outcome())
	default:
		if !op.Write && op.Kind == Lists {
			return false
		}
		if op.Value, known = u.digits(); !known {
			return false
		}
		if !op.Write {
			op.Kind = Registers
		}
	}
	u.out.Ops = append(u.out.Ops, op)
	return u.goes("]")
}

// list reads the elements that a read of a list found.
func (u *usualOp) list(op *TxnOp) bool {
	u.at++
	op.Kind, op.Value = Lists, int32(len(u.out.Elements))
	u.out.Elements = u.numbers(u.out.Elements)
	op.Len = int32(len(u.out.Elements)) - op.Value
	return u.goes("]")
}
