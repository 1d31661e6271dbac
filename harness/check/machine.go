package check

// machine numbers the states and effects of an object that is none of those that package linear knows, and lets its effects change
// its states, which are texts. State 0 is the first.
type machine struct {
	states  []string
	numbers map[string]int64
	effects []func(state string) (after string, ok bool)
	named   map[string]int64   // effects that are the same have the same name
	known   map[[2]int64]int64 // what an effect does to a state, once it was asked for; impossible
}

// impossible is what no state's number is.
const impossible = -1

func newMachine(first string) *machine {
	return &machine{states: []string{first}, numbers: map[string]int64{first: 0}, named: map[string]int64{}, known: map[[2]int64]int64{}}
}

// effect is the number of an effect by its name, which is do if it is new. It returns false where it cannot have happened.
func (m *machine) effect(name string, do func(state string) (after string, ok bool)) int64 {
	n, again := m.named[name]
	if !again {
		n = int64(len(m.effects))
		m.named[name] = n
		m.effects = append(m.effects, do)
	}
	return n
}

// step is linear.Object.Step.
func (m *machine) step(state, effect int64) (after int64, ok bool) {
	after, again := m.known[[2]int64{state, effect}]
	if !again {
		after = impossible
		if text, ok := m.effects[effect](m.states[state]); ok {
			after = m.number(text)
		}
		m.known[[2]int64{state, effect}] = after
	}
	return after, after != impossible
}

func (m *machine) number(state string) int64 {
	n, again := m.numbers[state]
	if !again {
		n = int64(len(m.states))
		m.numbers[state] = n
		m.states = append(m.states, state)
	}
	return n
}
