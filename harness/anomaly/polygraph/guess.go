package polygraph

// guess is when each transaction is guessed to have happened: when it ended, began, or between the two, whichever contradicts least of
// what is certain. Stores differ in that, and the search has the less to mend the better the guess is.
func (in *instance) guess() []int32 {
	if in.Begin == nil {
		at := make([]int32, in.Txns)
		for t := range at {
			at[t] = int32(t)
		}
		return at
	}
	if in.rule.split() {
		return in.End // writes of a key are ordered by commits
	}
	between := make([]int32, in.Txns)
	for t := range between {
		between[t] = in.Begin[t]/2 + in.End[t]/2
	}
	best, least := between, in.against(between)
	for _, other := range [][]int32{in.End, in.Begin} {
		if n := in.against(other); n < least {
			best, least = other, n
		}
	}
	return best
}

// against is how many of the edges between transactions lead back in the order of a guess.
func (in *instance) against(guess []int32) (n int) {
	for i := range in.edges {
		if e := &in.edges[i]; e.from < in.events && e.to < in.events && guess[e.from] > guess[e.to] {
			n++
		}
	}
	return n
}

// ranks are what sorted goes by: when each event is guessed to have been.
func (in *instance) ranks() []int32 {
	rank := make([]int32, in.nodes)
	for t := range in.Txns {
		if in.rule.split() && in.Begin != nil {
			rank[2*t], rank[2*t+1] = in.Begin[t], in.End[t]
			continue
		}
		rank[in.begin(t)], rank[in.commit(t)] = in.guessed[t], in.guessed[t]
	}
	for v := in.events; v < in.nodes; v++ {
		rank[v] = -1
	}
	return rank
}
