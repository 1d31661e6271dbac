package program

import (
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/threshold"
	"github.com/lastseat/lastseat/internal/names"
)

// Report is what came of a program at a level.
type Report struct {
	File string `json:"file"`
	App  string `json:"app"`
	// Programless: App is no program, but SQL, or commands.
	Programless bool          `json:"programless,omitempty"`
	Server      string        `json:"server"`
	Engine      string        `json:"engine"`
	Throwaway   bool          `json:"throwaway"`
	Level       harness.Level `json:"isolation"` // that its sessions have, unless they ask for another
	Clients     int           `json:"clients"`
	Attached    bool          `json:"attached,omitempty"` // one running program served all clients
	Rights      string        `json:"rights,omitempty"`   // why the program can do more than work on its own database; empty: it cannot
	Pairs       []Pair        `json:"pairs"`
	Struck      bool          `json:"struck,omitempty"` // by faults, one request at a time
	Faults      []Faulted     `json:"faults,omitempty"` // what came of faults
	Seconds     float64       `json:"seconds"`
	Asked       bool          `json:"isolation_asked"` // the level was asked for, and is not what the program has anyway
	// Thresholds are what came of --fail-if, over all levels: the last report has them.
	Thresholds []threshold.Outcome `json:"thresholds,omitempty"`
}

// Verdict is that of all pairs together: unsafe if any is, safe if all are.
func (r *Report) Verdict() harness.Verdict {
	verdict := harness.Safe
	var all []harness.Verdict
	for i := range r.Pairs {
		all = append(all, r.Pairs[i].Verdict)
	}
	for i := range r.Faults {
		all = append(all, r.Faults[i].Verdict)
	}
	for _, v := range all {
		switch v {
		case harness.Unsafe:
			return harness.Unsafe
		case harness.Inconclusive:
			verdict = harness.Inconclusive
		}
	}
	if len(all) == 0 {
		return harness.Inconclusive
	}
	return verdict
}

// Name is the operations of a pair, for people.
func (p *Pair) Name() string { return strings.Join(p.Operations, " with ") }

// ClientName is how a client is called, counted from 0.
func ClientName(client int) string { return names.Client(client) }

// Order is a schedule in words: who acted when, by client; several statements of one client that are out at once are told apart by a
// number, and who runs into a lock time-out has an exclamation mark.
func Order(order []int) string {
	words := make([]string, len(order))
	for i, actor := range order {
		expires := actor >= explore.Expire
		actor %= explore.Expire
		words[i] = ClientName(actor / Slots)
		if slot := actor % Slots; slot > 0 {
			words[i] += string(rune('1' + slot))
		}
		if expires {
			words[i] += "!"
		}
	}
	return strings.Join(words, " ")
}

// Worst is the verdict of several reports together: unsafe if any is, inconclusive if any is and none is unsafe.
func Worst(all []Report) harness.Verdict {
	worst := harness.Safe
	for i := range all {
		if v := all[i].Verdict(); v == harness.Unsafe || v == harness.Inconclusive && worst == harness.Safe {
			worst = v
		}
	}
	return worst
}

// Thresholds are what came of --fail-if.
func Thresholds(all []Report) []threshold.Outcome {
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1].Thresholds
}

// ParseOrder reads what Order writes; ok: it is an order of so many clients.
func ParseOrder(text string, clients int) (order []int, ok bool) {
	for word := range strings.FieldsSeq(text) {
		word, expires := strings.CutSuffix(word, "!")
		if word == "" {
			return nil, false
		}
		client, slot := int(word[0])-'a', 0
		if len(word) == 2 {
			slot = int(word[1]) - '1'
		}
		if client < 0 || client >= clients || slot < 0 || slot >= Slots || len(word) > 2 {
			return nil, false
		}
		actor := client*Slots + slot
		if expires {
			actor += explore.Expire
		}
		order = append(order, actor)
	}
	return order, len(order) > 0
}

// Slots is how many statements of one client can be held at the same time: actor client*Slots is its first.
const Slots = 8
