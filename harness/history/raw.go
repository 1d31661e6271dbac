package history

import (
	"fmt"
	"math"
	"strconv"
)

// rawOp is an operation's map with its value unread: an invocation's is mostly not needed.
type rawOp struct {
	at      int // where the map begins
	kind    EventType
	process int64 // NoProcess where there is none
	client  bool  // its process is a number, or there is none: no nemesis
	f       []byte
	value   int // where the value begins; -1 where there is none
	key     int // where its key begins, its time and its index; -1 where there is none
	time    int
	index   int
}

// op reads an operation's map, which may have a tag.
func (p *parser) op() rawOp {
	if p.peek() == '#' {
		p.at++
		if len(p.token()) == 0 {
			p.want("an operation's map")
		}
	}
	if p.peek() != '{' {
		p.want("an operation's map")
	}
	o := rawOp{at: p.at, process: NoProcess, client: true, value: -1, key: -1, time: -1, index: -1}
	typed := false
	for end := p.enter(); p.more(end); {
		switch name := p.name("a key of an operation"); string(name) {
		case "type":
			p.colon()
			o.kind, typed = p.eventType(), true
		case "process":
			p.colon()
			o.process, o.client = p.processNumber()
		case "f":
			p.colon()
			o.f = p.function()
		case "value":
			o.value = p.pass()
		case "key":
			o.key = p.pass()
		case "time":
			o.time = p.pass()
		case "index":
			o.index = p.pass()
		default:
			p.pass()
		}
	}
	if !typed {
		p.at = o.at
		p.fail("expected an operation with a :type")
	}
	return o
}

// pass passes over the value of a key, and answers where it began.
func (p *parser) pass() int {
	p.colon()
	p.peek()
	at := p.at
	p.skip()
	return at
}

// name reads a keyword, a string or, for what is not a name, nothing but its bytes.
func (p *parser) name(what string) []byte {
	switch c := p.peek(); {
	case c == ':' && p.in == edn:
		p.at++
		if t := p.token(); len(t) > 0 {
			return t
		}
		p.at--
	case c == '"':
		from := p.at + 1
		p.skipString()
		return p.data[from : p.at-1]
	}
	p.want(what)
	return nil
}

func (p *parser) eventType() EventType {
	p.peek()
	from := p.at
	switch string(p.name("a :type")) {
	case "invoke":
		return Invoke
	case "ok":
		return OK
	case "fail":
		return Fail
	case "info":
		return Info
	}
	p.at = from
	p.want("invoke, ok, fail or info as the :type")
	return 0
}

// processNumber reads who did it. A name is a nemesis's.
func (p *parser) processNumber() (process int64, client bool) {
	switch c := p.peek(); {
	case c == ':' && p.in == edn || c == '"':
		p.name("a process")
		return NoProcess, false
	case c >= '0' && c <= '9':
		from := p.at
		n, err := strconv.ParseInt(string(p.token()), 10, 64)
		if err != nil || n > math.MaxInt32 {
			p.at = from
			p.want("a process that is a whole number below 2^31")
		}
		return n, true
	}
	if p.isNil() {
		return NoProcess, true
	}
	p.want("a process: a whole number, or a name")
	return 0, false
}

func (p *parser) isNil() bool {
	from := p.at
	want := "nil"
	if p.in == jsn {
		want = "null"
	}
	if string(p.token()) == want {
		return true
	}
	p.at = from
	return false
}

// function reads what is done: a keyword or string; anything else is kept as it is written.
func (p *parser) function() []byte {
	switch c := p.peek(); {
	case c == ':' && p.in == edn, c == '"':
		return p.name("a :f")
	}
	if p.isNil() {
		return nil
	}
	from := p.at
	p.skip()
	return p.data[from:p.at]
}

// whole reads a whole number at a place, or nil, which stands for none, as does no place.
func (p *parser) whole(at int, what string, none int64) int64 {
	if at < 0 {
		return none
	}
	from := at
	back := p.at
	p.at = at
	defer func() { p.at = back }()
	if p.isNil() {
		return none
	}
	token := p.token()
	n, err := strconv.ParseInt(string(token), 10, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(string(token), 64)
		if ferr != nil || math.IsNaN(f) || math.Abs(f) > 1<<62 {
			p.at = from
			p.want(what + ", a number")
		}
		n = int64(f)
	}
	return n
}

// ops ranges over a file's operations: a map each, or one vector or list of maps.
func (p *parser) ops(each func(o *rawOp) bool) {
	enclosed := byte(0)
	if c := p.peek(); c == '[' || c == '(' && p.in == edn {
		enclosed = p.enter()
	}
	for {
		if enclosed != 0 {
			if !p.more(enclosed) {
				break
			}
		} else if p.peek() == 0 {
			return
		}
		if o := p.op(); !each(&o) {
			return
		}
	}
	if p.peek() != 0 {
		p.want("nothing after the closing bracket")
	}
}

// line is the line of a position, from 1.
func (p *parser) line(at int) int { return lineAt(p.data, at) }

func lineAt(data []byte, at int) int {
	n := 1
	for _, c := range data[:min(at, len(data))] {
		if c == '\n' {
			n++
		}
	}
	return n
}

// failAt ends parsing at another place.
func (p *parser) failAt(at int, format string, args ...any) {
	panic(&unexpected{at, fmt.Sprintf(format, args...)})
}
