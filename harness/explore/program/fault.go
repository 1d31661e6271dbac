package program

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/internal/names"
)

// FaultKind is what can happen to a program at a point.
type FaultKind string

// The kinds. Statements count from 1, as a client has sent them; BEGIN and what cannot matter to others do not count.
const (
	LostCommit  FaultKind = "lost-commit"  // the server has committed, and the program sees the connection end
	CutBefore   FaultKind = "cut-before"   // the connection ends before the server gets the statement
	CutAfter    FaultKind = "cut-after"    // the connection ends once the program has the statement's answer
	KillProgram FaultKind = "kill-program" // the program is killed when the statement is done, before it has the answer
	KillServer  FaultKind = "kill-server"  // so is the server
	Repeat      FaultKind = "repeat"       // as LostCommit, and the client makes its request again; without a statement: after its answer
)

// FaultKinds are all of them.
func FaultKinds() []FaultKind {
	return []FaultKind{LostCommit, CutBefore, CutAfter, KillProgram, KillServer, Repeat}
}

// Meaning is what happens, for people.
func (k FaultKind) Meaning() string {
	return map[FaultKind]string{
		LostCommit:  "the server has committed, and the program sees its connection end instead of the answer",
		CutBefore:   "the connection ends before the server gets the statement",
		CutAfter:    "the connection ends once the program has the statement's answer",
		KillProgram: "the program is killed when the statement is done, before it has the answer",
		KillServer:  "the server is killed when the statement is done, and starts again",
		Repeat:      "the answer to the commit is lost, and the client makes its request again",
	}[k]
}

// FaultNames are their names, for help.
func FaultNames() string {
	var all []string
	for _, k := range FaultKinds() {
		all = append(all, string(k))
	}
	return strings.Join(all, ", ")
}

// End is the Statement of a fault that strikes after the request was answered.
const End = -1

// Fault is one point: what happens to which client, counted from 0, at which of its statements, counted from 1, or at the End; 0: at
// none.
type Fault struct {
	Kind      FaultKind
	Client    int
	Statement int
}

// Name is a fault as --fault reads it: cut-after:3, of several clients cut-after:b3.
func (f Fault) Name(clients int) string {
	who, at := "", ""
	if clients > 1 {
		who = ClientName(f.Client)
	}
	switch f.Statement {
	case 0:
	case End:
		at = "end"
	default:
		at = strconv.Itoa(f.Statement)
	}
	if who+at == "" {
		return string(f.Kind)
	}
	return string(f.Kind) + ":" + who + at
}

// Faults are what a program is to be struck by: at each point by faults of some kinds, or at single points.
type Faults struct {
	Kinds  []FaultKind
	Points []Fault
}

// ParseFaults reads --fault: all, kinds, or single points. None: nil.
func ParseFaults(words []string) (*Faults, error) {
	if len(words) == 0 {
		return nil, nil
	}
	known := []string{names.All}
	for _, k := range FaultKinds() {
		known = append(known, string(k))
	}
	f := &Faults{}
	for _, word := range words {
		kind, at, single := strings.Cut(word, ":")
		switch {
		case !slices.Contains(known, kind):
			return nil, names.Unknown("fault", kind, known)
		case kind == names.All && !single:
			f.Kinds = FaultKinds()
		case !single:
			f.Kinds = append(f.Kinds, FaultKind(kind))
		default:
			p, ok := parsePoint(FaultKind(kind), at)
			if !ok {
				return nil, fmt.Errorf("--fault is %q: name a point as a report does, as in cut-after:3, of two operations cut-after:b3", word)
			}
			f.Points = append(f.Points, p)
		}
	}
	return f, nil
}

func parsePoint(kind FaultKind, at string) (Fault, bool) {
	f := Fault{Kind: kind}
	if at != "" && (at[0] == 'a' || at[0] == 'b') {
		f.Client, at = int(at[0]-'a'), at[1:]
	}
	if at == "end" {
		f.Statement = End
		return f, kind == KillProgram || kind == KillServer
	}
	n, err := strconv.Atoi(at)
	f.Statement = n
	return f, err == nil && n > 0 && string(kind) != names.All
}
