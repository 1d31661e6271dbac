package anomaly

// shape is how a kind of cycle is built.
type shape uint8

const (
	plain       shape = iota // any cycle
	single                   // exactly one rw edge
	nonadjacent              // rw edges, no two of them adjacent
	skewed                   // rw edges, anyhow
)

// kindOfCycle is an anomaly that is a cycle.
type kindOfCycle struct {
	name  string
	shape shape
	mask  edgeKind
	rules string // the model that such cycles rule out, for when one is known to be there but cannot be shown
}

// kinds are all cycles that are looked for, the worst first, each after all those that are special cases of it. order is
// process or realtime, or 0 for neither.
func kinds(order edgeKind) []kindOfCycle {
	var all []kindOfCycle
	add := func(suffix string, extra edgeKind, rules [6]string) {
		all = append(all,
			kindOfCycle{"G0" + suffix, plain, ww | extra, rules[0]},
			kindOfCycle{"G1c" + suffix, plain, reads | extra, rules[1]},
			kindOfCycle{"G-single-item" + suffix, single, reads | rw | extra, rules[2]},
			kindOfCycle{"G-single" + suffix, single, reads | skews | extra, rules[3]},
			kindOfCycle{"G-nonadjacent-item" + suffix, nonadjacent, reads | rw | extra, rules[2]},
			kindOfCycle{"G-nonadjacent" + suffix, nonadjacent, reads | skews | extra, rules[3]},
			kindOfCycle{"G2-item" + suffix, skewed, reads | rw | extra, rules[4]},
			kindOfCycle{"G2" + suffix, skewed, reads | skews | extra, rules[5]},
		)
	}
	add("", 0, [6]string{
		"read-uncommitted", "read-committed", "snapshot-isolation", "snapshot-isolation", "repeatable-read", "serializable",
	})
	switch order {
	case process:
		add("-process", process, [6]string{
			"strong-session-read-uncommitted", "strong-session-read-committed", "strong-session-snapshot-isolation",
			"strong-session-snapshot-isolation", "strong-session-serializable", "strong-session-serializable",
		})
	case realtime:
		add("-realtime", realtime, [6]string{
			"strong-read-uncommitted", "strong-read-committed", "strong-snapshot-isolation", "strong-snapshot-isolation",
			StrictSerializable, StrictSerializable,
		})
	}
	return all
}
