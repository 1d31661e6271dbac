package check

import (
	"cmp"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/spool"
)

// ledger is the journal by cell: what each cell must hold, in the end and at each version.
type ledger []account

// account is one cell's part of the journal.
type account struct {
	entries   int
	end       int64 // start and all entries
	versioned bool  // every entry has a version: the replay exists

	// The replay: values[i] is what the cell holds from version(i) on. Versions count up by one from first, unless they
	// have such gaps that versions lists them.
	first    int64
	values   []int64
	versions []int64
}

// maxGaps is how many versions without an entry a replay may hold for each one with.
const maxGaps = 8

func newLedger(h *harness.History) ledger {
	led := make(ledger, len(h.Start.Values))
	last := make([]int64, len(led))
	for c := range led {
		led[c].end, led[c].versioned = h.Start.Values[c], true
	}
	for _, part := range pieces(h, h.Final.Entries) {
		for i := range part {
			e := &part[i]
			if uint(e.Cell) >= uint(len(led)) {
				continue // Journal's business
			}
			a := &led[e.Cell]
			if a.entries == 0 {
				a.first, last[e.Cell] = e.Version, e.Version
			}
			a.entries++
			a.end += e.Delta
			a.first, last[e.Cell] = min(a.first, e.Version), max(last[e.Cell], e.Version)
			a.versioned = a.versioned && e.Version > 0
		}
	}
	for c := range led {
		led[c].lay(h.Spool, last[c], h.Start.Values[c])
	}
	sparse := led.fill(h)
	for c := range led {
		a := &led[c]
		if a.versions != nil {
			a.compress(h, sparse[harness.Cell(c)])
		}
		sum := int64(0)
		for _, part := range pieces(h, a.values) {
			for i := range part {
				sum += part[i]
				part[i] = sum
			}
		}
	}
	return led
}

// lay makes room for the replay up to version last.
func (a *account) lay(s *spool.Spool, last, start int64) {
	if !a.versioned {
		return
	}
	a.first-- // the version that the first entry found
	room := 1
	switch span := last - a.first; {
	case a.entries == 0:
	case span > maxGaps*int64(a.entries)+maxGaps:
		a.versions = []int64{a.first}
	default:
		room += int(span)
	}
	a.values = spool.Make[int64](s, room, room)
	a.values[0] = start
}

// fill notes each entry's delta at its version, and returns the entries of cells whose versions have wide gaps.
func (led ledger) fill(h *harness.History) map[harness.Cell][]harness.Entry {
	var sparse map[harness.Cell][]harness.Entry
	for _, part := range pieces(h, h.Final.Entries) {
		for i := range part {
			e := &part[i]
			if uint(e.Cell) >= uint(len(led)) {
				continue
			}
			switch a := &led[e.Cell]; {
			case !a.versioned:
			case a.versions != nil:
				if sparse == nil {
					sparse = map[harness.Cell][]harness.Entry{}
				}
				sparse[e.Cell] = spool.Append(h.Spool, sparse[e.Cell], *e)
			default:
				a.values[e.Version-a.first] += e.Delta
			}
		}
	}
	return sparse
}

// compress lists only the versions that entries have.
func (a *account) compress(h *harness.History, entries []harness.Entry) {
	slices.SortFunc(entries, harness.Asking(h, func(x, y harness.Entry) int { return cmp.Compare(x.Version, y.Version) }))
	for _, part := range pieces(h, entries) {
		for _, e := range part {
			if a.versions[len(a.versions)-1] != e.Version {
				a.versions = spool.Append(h.Spool, a.versions, e.Version)
				a.values = spool.Append(h.Spool, a.values, 0)
			}
			a.values[len(a.values)-1] += e.Delta
		}
	}
}

// version is the version from which on the cell holds values[i].
func (a *account) version(i int) int64 {
	if a.versions != nil {
		return a.versions[i]
	}
	return a.first + int64(i)
}

// at is what the cell holds at a version.
func (a *account) at(version int64) int64 {
	if version <= a.first {
		return a.values[0]
	}
	if a.versions == nil {
		return a.values[min(version-a.first, int64(len(a.values))-1)]
	}
	i, found := slices.BinarySearch(a.versions, version)
	if !found {
		i--
	}
	return a.values[i]
}
