// Package progress is how far something is that takes a while: those who do it say it in numbers, and whoever watches makes lines of them.
// A newcomer starts at Case.
package progress

import "time"

// Case is what is under way, one of several that come one after the other.
type Case struct {
	Name   string // buy × refund at read-committed
	Number int    // of the case, from 1; 0: it is what all cases need first
	Cases  int    // that there are

	Steps  string // what is counted: schedules, rounds, operations, bytes
	Done   int64  // of these
	Most   int64  // that there may be; 0: as many as it comes to
	Broken int64  // of Done
	// Share is how much of what decides the case is there, from 0 to 1: it says how long the case will still take.
	Share float64
	Until time.Time // when all cases end, decided or not; zero: never
}

// Func is told how far a case is, from any goroutine; nil: nobody is.
type Func func(Case)

// Say tells whoever watches.
func (f Func) Say(c Case) {
	if f != nil {
		f(c)
	}
}

// At is f for the cases of one of several places, each with as many: name stands before theirs.
func (f Func) At(name string, place, places int) Func {
	if f == nil || places < 2 {
		return f
	}
	return func(c Case) {
		if c.Number > 0 {
			c.Number, c.Cases = c.Number+(place-1)*c.Cases, c.Cases*places
		}
		c.Name = name + ": " + c.Name
		f(c)
	}
}

// As is f for what is itself one of several cases, whatever it is called by those who do it.
func (f Func) As(name string, number, cases int) Func {
	if f == nil {
		return nil
	}
	return func(c Case) {
		c.Name, c.Number, c.Cases = name, number, cases
		f(c)
	}
}

// Of is the share that part is of whole, both of whatever; 0 where the whole is not known.
func Of(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return min(float64(part)/float64(whole), 1)
}
