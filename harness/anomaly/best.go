package anomaly

// best keeps the shortest cycle of the wanted kind.
type best struct {
	c     *component
	want  string
	cycle *cycle
	other *cycle // the shortest of another kind
	tried int
	any   bool // one is enough, whatever it is told as
}

// Bounds of a search for one kind of cycle: once there is one, how many edges may be looked at for a shorter one; how many
// cycles are tried that turn out to be of another kind, and how many edges these may take together; how many edges a quick
// try may take, and all of them together.
const (
	maxForShorter = 1 << 20
	maxTried      = 256
	maxForTries   = 1 << 24
	maxTry        = 1 << 12
	maxForQuick   = 1 << 22
)

// offer considers a closed walk, given as edges of g, which folds n layers of nodes into one.
func (b *best) offer(g *graph, edges []int32, origin func(edge int32) int32) {
	b.tried++
	found := &cycle{}
	n := b.c.g.nodes()
	for _, e := range edges {
		if k := g.kind[e]; k != pass {
			found.txns = append(found.txns, origin(e)%n)
			found.kinds = append(found.kinds, k)
		}
	}
	for _, loop := range found.loops() {
		b.consider(loop)
	}
}

func (b *best) consider(found *cycle) {
	if b.cycle != nil && len(b.cycle.txns) <= len(found.txns) {
		return
	}
	if found = found.explained(b.c.g); found.name() == b.want {
		b.cycle = found
	} else if b.other == nil || len(b.other.txns) > len(found.txns) {
		b.other = found
	}
}

// enough reports whether to stop: the shortest cycle there can be, or enough time spent.
func (b *best) enough(steps int) bool {
	switch {
	case b.cycle != nil && len(b.cycle.txns) == 2:
		return true
	case b.cycle != nil:
		return steps > maxForShorter
	}
	return b.tried > maxTried || b.any && b.tried > 0 || b.tried > 0 && steps > maxForTries
}
