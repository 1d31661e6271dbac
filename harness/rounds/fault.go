package rounds

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/harness/explore/program"
	"github.com/lastseat/lastseat/internal/names"
)

// Faults that strike what is on its way, whatever that is doing. Beside them there are the kinds that explore knows, which strike at a
// statement.
const (
	DropConnection program.FaultKind = "drop-connection" // breaks some of the connections at one moment
	Partition      program.FaultKind = "partition"       // nothing gets through between a copy of the program and the server for a while, then their connections break
	Pause          program.FaultKind = "pause"           // the server stands still for a while, and goes on
	Delay          program.FaultKind = "delay"           // each message takes longer
)

// none is the word for no fault.
const none = "none"

// Faults are the kinds that strike programs under load.
func Faults() []program.FaultKind {
	return append(program.FaultKinds(), DropConnection, Partition, Pause, Delay)
}

// FaultNames are their names, for help.
func FaultNames() string { return strings.Join(faultWords(), ", ") }

func faultWords() (all []string) {
	for _, k := range Faults() {
		all = append(all, string(k))
	}
	return all
}

// ParseFaults reads --fault: kinds, none, or all. In turn, each strikes in rounds or during a load of its own; empty: none does.
func ParseFaults(words []string) (all []program.FaultKind, err error) {
	known := append([]string{names.All, none}, faultWords()...)
	for _, word := range words {
		switch kind, _, point := strings.Cut(word, ":"); {
		case point && slices.Contains(known, kind):
			return nil, fmt.Errorf("--fault is %q: single points are for lastseat explore; under load there are kinds, as in %s", word, kind)
		case !slices.Contains(known, word):
			return nil, fmt.Errorf("%w; those are the faults that strike programs under load", names.Unknown("fault", word, known))
		case word == names.All:
			all = append(all, Faults()...)
		case word == none:
			all = append(all, "")
		default:
			all = append(all, program.FaultKind(word))
		}
	}
	return unique(all), nil
}

// unique keeps the first of each.
func unique(all []program.FaultKind) (kept []program.FaultKind) {
	for _, k := range all {
		if !slices.Contains(kept, k) {
			kept = append(kept, k)
		}
	}
	return kept
}

// strikes that a safe case needs: what a fault can leave half done shows at one of few statements, of which each is struck again and
// again, and takes no meeting of others. A kill takes long.
const enoughStrikes, enoughKills = 100, 20

// kills reports whether a fault ends a program or a server.
func kills(f program.FaultKind) bool { return f == program.KillProgram || f == program.KillServer }

// needed is how much evidence a safe case needs: rounds in which transactions met, or that were struck.
func (c *running) needed() int {
	switch {
	case c.Fault == "" || c.Fault == Delay: // which strikes everything, and breaks nothing by itself
		return c.run.MinTrials
	case kills(c.Fault):
		return min(c.run.MinTrials, enoughKills)
	}
	return min(c.run.MinTrials, enoughStrikes)
}

// evidence is how much of it there is.
func (c *Case) evidence() int {
	switch c.Fault {
	case "":
		return c.Trials
	case Delay:
		return min(c.Trials, c.Struck)
	}
	return c.Struck
}
