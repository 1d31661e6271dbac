package html

import "slices"

// Lanes is a schedule: a column a session, time downwards.
type Lanes struct {
	Title    string
	Sessions []string
	Turns    []Turn
	Outcome  string
}

// Turn is a statement of a session.
type Turn struct {
	Session      int
	Text, Answer string
	Error        bool // the answer is one
	Waited       bool // for a lock
	Until        int  // the turn at whose end it went on; its own: the server ended the wait
}

func (Lanes) template() string { return "lanes" }

// Place is where a turn stands in the grid, whose first row has the sessions' names and whose first column the turns' numbers.
type Place struct {
	Turn
	Number, Column, Row, End int
	Ended                    bool // the server ended its wait
}

// Places are all turns. One that waited reaches down to the turn at whose end it went on.
func (l Lanes) Places() []Place {
	var all []Place
	for i, t := range l.Turns {
		p := Place{Turn: t, Number: i + 1, Column: t.Session + 2, Row: i + 2, End: i + 3, Ended: t.Waited && t.Until == i}
		busy := func(until int) bool {
			return slices.ContainsFunc(l.Turns[i+1:until+1], func(o Turn) bool { return o.Session == t.Session })
		}
		if t.Waited && t.Until > i && t.Until < len(l.Turns) && !busy(t.Until) {
			p.End = t.Until + 3
		}
		all = append(all, p)
	}
	return all
}

// On is the turn at which it went on, counted from 1.
func (p Place) On() int { return p.Until + 1 }
