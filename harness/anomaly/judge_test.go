package anomaly

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/history"
)

// published are Elle's own documented cases (its list_append_test and rw_register_test), retold in the notation of parse,
// with the answers that Elle gives. Some are of its like, and answered by its rules.
var published = []struct {
	name, history, model string
	registers            bool
	anomalies, not       string
}{
	{name: "write cycle", history: "ax1ay1[ ax2ay2[ rx12ry21[", anomalies: "G0", not: "read-uncommitted"},
	{name: "write cycle, asked for read uncommitted", model: "read-uncommitted", history: "ax1ay1[ ax2ay2[ rx12ry21[", anomalies: "G0", not: "read-uncommitted"},
	{name: "aborted read", history: "!ax1[ rx1[", anomalies: "G1a empty-transaction-graph", not: "read-committed", model: "read-committed"},
	{name: "intermediate read", history: "ax1ax2 rx1", anomalies: "G-single-item G1b", not: "read-committed"},
	{name: "circular information flow", history: "ax1ry1[ ax2ay1[ rx12ry1[", anomalies: "G1c", not: "read-committed"},
	{name: "read skew", history: "ax1ay1[ ax2ry[ rx12[", anomalies: "G-single-item", not: "consistent-view repeatable-read"},
	{name: "write skew", history: "ax1ry[ ay1rx[", anomalies: "G2-item", not: "repeatable-read", model: "serializable"},
	{name: "write skew is none of read committed's business", history: "ax1ry[ ay1rx[", model: "read-committed"},
	{
		name: "stale read in real time", history: "p0:ax1[0-1] p1:ax2[2-3] p2:rx1[4-5] p3:rx12[6-7]",
		anomalies: "G-single-item-realtime", not: "strong-snapshot-isolation",
	},
	{name: "a stale read is serializable", history: "p0:ax1[0-1] p1:ax2[2-3] p2:rx1[4-5] p3:rx12[6-7]", model: "serializable"},
	{
		name: "stale read in a session", history: "p0:ax1[0-1] p1:ax2[2-3] p1:rx1[4-5] p2:rx12[6-7]", model: "strong-session-snapshot-isolation",
		anomalies: "G-single-item-process", not: "strong-session-snapshot-isolation",
	},
	{
		name: "nonadjacent in a session", history: "p0:rxrz1[0-1] p1:ax1[2-3] p1:rz[4-5] p2:az1[6-7]", model: "strong-session-snapshot-isolation",
		anomalies: "G-nonadjacent-item-process", not: "strong-session-snapshot-isolation",
	},
	{name: "contradictory orders", history: "ax1ry1[ ax2[ ax3ay1[ rx13[ rx123[", model: "read-committed", anomalies: "G1c incompatible-order", not: "read-committed"},
	{name: "dirty update", history: "!ax1[ ax2[ rx12[", model: "read-committed", anomalies: "G1a dirty-update", not: "read-committed"},
	{name: "dirty update through an unknown one", history: "!ax1[ ?ax2[ ax3[ rx123[", model: "read-committed", anomalies: "G1a dirty-update", not: "read-committed"},
	{name: "duplicate elements", history: "ax1ry1[ ax2ay1[ rx121[", model: "read-committed", anomalies: "G1c duplicate-elements", not: "read-uncommitted"},
	{name: "unobserved writes come last", history: "ax1ay1[0-10] ax2ay2[1-11] ax3ay3[2-12] rx12[3-13] ry2[4-14]", model: "serializable", anomalies: "G-single-item G0", not: "read-uncommitted"},
	{name: "nonadjacent", history: "ax1[0-1] rx1ry[2-3] ay1[4-5] ry1rx[6-7]", anomalies: "G-nonadjacent-item G-single-item-realtime", not: "repeatable-read snapshot-isolation"},
	{name: "adjacent is legal under snapshot isolation", history: "rx5ay1 ryaz2 rzat3 rt3au4 ruax5", model: "snapshot-isolation"},
	{name: "lost update", history: "ax0 rx0ax1 rx0ax2", anomalies: "G2-item lost-update", not: "cursor-stability update-atomic"},
	{name: "lost update, at once", history: "ax0[0-1] rx0ax1[2-4] rx0ax2[3-5]", anomalies: "G2-item lost-update", not: "cursor-stability update-atomic"},
	{name: "two writes upon one read", history: "rxax1ax2 rx12"},
	{
		name: "information flow against a session", history: "p1:rx1ay1[0-1] p2:ry1[2-3] p2:ax1[4-5]", model: "strong-session-snapshot-isolation",
		anomalies: "G1c-process", not: "strong-session-read-committed",
	},
	{name: "future read", history: "rx1ax1[", model: "read-committed", anomalies: "empty-transaction-graph future-read", not: "read-committed"},
	{name: "internal", history: "ax1ax2ax4[ ax3rx1234[", model: "serializable", anomalies: "G0 internal", not: "read-uncommitted"},
	{
		name: "orders against real time", history: "ax1[0-1] ax3[2-3] p1:rx13[4-5] p0:ax2[6-7] p1:rx123[8-9]",
		anomalies: "G0-realtime incompatible-order", not: "read-committed strong-read-uncommitted",
	},
	{name: "an unknown read tells nothing", history: "?ax2ry[ ax1ay1[ rx12ry1["},
	{name: "what was not asked for is ruled out all the same", history: "!ax1[ rx1[", model: "read-uncommitted", anomalies: "empty-transaction-graph", not: "read-committed"},
	{name: "nil tells nothing of a list", history: "rxrx1[ ax1[", anomalies: "G-single-item", not: "consistent-view repeatable-read"},
	{name: "an empty list tells that there is nothing", history: "rx_rx1[ ax1[", anomalies: "G-single-item internal", not: "consistent-view read-atomic repeatable-read"},
	{name: "nil and an own append", history: "rxax1rx1[ rx1["},
	{name: "an empty list and what is not an own append", history: "rx_ax2rx12[ ax1[", model: "read-atomic", anomalies: "internal", not: "consistent-view read-atomic repeatable-read"},
	{name: "lost update upon an own write that another one read", history: "ax1rx1ax2 rx1ax3", model: "cursor-stability", anomalies: "G1b lost-update", not: "read-committed"},
	{name: "two writes before the first read lose nothing", history: "ax1ax2rx12[ rx12ax3["},
	{name: "an operation that never ended shows nothing", history: "ax1[0-1] ?ax2rx[2-]", anomalies: "empty-transaction-graph"},
	{name: "one that ended unknown is one more", history: "ax1[0-1] ?ax2rx[2-3]"},
	{name: "no session without a process", history: "p-1:rx1[ p-1:ax1[", model: "strong-session-serializable"},
	{name: "duplicates in a read that fits no other", history: "ax1ax2ax3[ rx123[ rx99[", model: "read-uncommitted", anomalies: "duplicate-elements", not: "read-uncommitted"},
	{name: "read skew is none of G2's business alone, but of repeatable read's", history: "ax1ay1 rx1ry", model: "repeatable-read", anomalies: "G-single-item", not: "consistent-view repeatable-read"},
	{name: "long fork", history: "ax1[0-9] ay1[0-9] rx1ryaz1[1-2] ry1rx[3-4]", model: "snapshot-isolation", anomalies: "G-nonadjacent-item", not: "repeatable-read snapshot-isolation"},
	{name: "a long fork leaves a consistent view", history: "ax1[0-9] ay1[0-9] rx1ryaz1[1-2] ry1rx[3-4]", model: "consistent-view"},
	{name: "a replica's lag is no matter of serializability", history: "ax1[0-1] ay1[2-3] rxry[4-5] rx1ry[6-7]", model: "serializable"},
	{name: "nor a client's own writes that it misses", history: "p0:ax1[0-1] p0:rx[2-3]", model: "serializable"},
	{name: "nonadjacent over four keys", history: "ax1at1 rx1ry ay1az2 rz2rt", model: "repeatable-read", anomalies: "G-nonadjacent-item", not: "repeatable-read snapshot-isolation"},
	{name: "sequential extension leaves nothing in the middle", history: "ax2 ay1rx rzryax5 az2rx2", model: "snapshot-isolation"},
	{name: "sequential extension, repeatable read", history: "ax2 ay1rx rzryax5 az2rx2", model: "repeatable-read", anomalies: "G2-item", not: "repeatable-read"},
	{name: "write skew, one after the other", history: "ax1ry_ ay1rx_", anomalies: "G2-item strong-snapshot-isolation-cycle-exists", not: "repeatable-read strong-snapshot-isolation"},
	{name: "write skew, one after the other, strong snapshot isolation", history: "ax1ry_ ay1rx_", model: "strong-snapshot-isolation", anomalies: "strong-snapshot-isolation-cycle-exists", not: "repeatable-read strong-snapshot-isolation"},
	{name: "stale read, by position", history: "ax1 ax2 rx1", anomalies: "G-single-item-realtime", not: "strong-snapshot-isolation"},
	{name: "two reads in one, an append between", history: "ax1 ax2 rx1rx12", anomalies: "G-single-item internal", not: "consistent-view read-atomic repeatable-read"},
	{name: "the middle of three appends", history: "ax1ax2ax3 rx12 rx123", anomalies: "G-single-item G1b", not: "read-committed"},
	{name: "the middle of two appends, then both", history: "ax1ax2 rx1rx12", anomalies: "G-single-item G1b internal", not: "read-committed"},
	{name: "one element twice", history: "ax1 rx11", anomalies: "duplicate-elements", not: "read-uncommitted"},
	{name: "own append not at the end", history: "ax1 ax2rx1", anomalies: "internal", not: "read-atomic"},
	{name: "internal: stale", history: "rx12ax3rx12[ ax1[ ax2[", model: "read-atomic", anomalies: "internal", not: "read-atomic"},
	{name: "future read of another's list", history: "rx012ax1 ax0 ax2", model: "read-committed", anomalies: "G1c future-read", not: "read-committed"},
	{name: "aborted and dirty among unknown ones", history: "ax1 ?ax2 ?ax3 ax4 !ax5 ?ax6 !ax7 !ax8 ax9 rx123456789", anomalies: "G1a dirty-update", not: "read-committed"},
	{name: "an unknown read of nil", history: "ax1 ?rx"},
	{name: "an unknown read of another order", history: "ax1 ax2 ?rx21 rx12"},
	{name: "an unknown read of what nobody appended", history: "ax1 ?rx9 rx1"},
	{name: "a read of an empty list and nothing else", history: "rx_", anomalies: "empty-transaction-graph"},
	{name: "one append, never read, comes after who read nothing", history: "rx[ ax1["},
	{name: "a version order that goes on after the longest read", history: "p0:ax1ay1[0-1] p0:rx1ay2[2-3] p1:rx1ry1[4-5]", model: "strong-session-serializable"},
	{name: "the same in real time", history: "p0:ax1ay1[0-1] p0:rx1ay2[2-3] p1:rx1ry1[4-5]", anomalies: "G-single-item-realtime", not: "strong-snapshot-isolation"},
	{name: "two anomalies far from each other", history: "ax1ry[ ay1rx[ az1at1[ az2at2[ rz12rt21[", model: "serializable", anomalies: "G0 G2-item", not: "read-uncommitted"},
	{name: "several appends nobody read, by one transaction", history: "rx_ay1 ax1ax2ry_", model: "serializable", anomalies: "G2-item", not: "repeatable-read"},
	{name: "unobserved appends and the readers of the last state", history: "ax1[ rx1ay1[ ax2ry[ ax3[", model: "serializable", anomalies: "G2-item", not: "repeatable-read"},
	{name: "an unknown append that was read did happen", history: "?ax1ay1[ rx1ry[", model: "serializable", anomalies: "G-single-item", not: "consistent-view repeatable-read"},
	{name: "an unknown append that nobody read accuses nobody", history: "?ax1ry1[ ay1rx_["},

	{registers: true, name: "registers: aborted read", history: "!wx1[ rx1[", model: "read-committed", anomalies: "G1a empty-transaction-graph", not: "read-committed"},
	{registers: true, name: "registers: intermediate read", history: "wx1wx2[ rx1[", model: "read-committed", anomalies: "G1b empty-transaction-graph", not: "read-committed"},
	{registers: true, name: "registers: circular information flow", history: "wx1ry1[ wy1rx1[", anomalies: "G1c", not: "read-committed"},
	{registers: true, name: "registers: internal", history: "wx1[ wx2[ rx1rx2[", anomalies: "G-single-item internal", not: "consistent-view read-atomic repeatable-read"},
	{registers: true, name: "registers: the initial state comes first", history: "p0:rxry1[0-3] p1:wy1wx2[1-2]", model: "serializable", anomalies: "G-single-item", not: "consistent-view repeatable-read"},
	{registers: true, name: "registers: lost update", history: "wx0[0-1] rx0wx1[2-4] rx0wx2[3-5]", anomalies: "lost-update", not: "cursor-stability update-atomic"},
	{registers: true, name: "registers: version orders are not guessed", history: "wy1[ ry1wx1wy2[ rx1ry1[", model: "read-committed"},
	{registers: true, name: "registers: aborted and intermediate read at once", history: "!wx1wx2[ rx1[", model: "read-committed", anomalies: "G1a G1b empty-transaction-graph", not: "read-committed"},
	{registers: true, name: "registers: lost update by one that had written before", history: "wx5[ wx1rx5wx2[ rx5wx3[", anomalies: "internal lost-update", not: "cursor-stability read-atomic"},
	{registers: true, name: "registers: a read before a write, and one after", history: "wx5[ rx5wx1rx1wx2[ rx1wx3[", model: "cursor-stability", anomalies: "G1b", not: "read-committed"},
	{registers: true, name: "registers: read skew from the initial state", history: "wx1 rx1wy1 ry1rx", anomalies: "G-single-item", not: "consistent-view repeatable-read"},
	{registers: true, name: "registers: write skew, one after the other", history: "rxwy1 rywx1", anomalies: "G2-item strong-snapshot-isolation-cycle-exists", not: "repeatable-read strong-snapshot-isolation"},
	{registers: true, name: "registers: write skew under serializability", history: "rxwy1 rywx1", model: "serializable", anomalies: "G2-item", not: "repeatable-read"},
	{registers: true, name: "registers: write skew under strong snapshot isolation", history: "rxwy1 rywx1", model: "strong-snapshot-isolation", anomalies: "strong-snapshot-isolation-cycle-exists", not: "repeatable-read strong-snapshot-isolation"},
	{registers: true, name: "registers: intermediate read in order", history: "wx1wx2 rx1", anomalies: "G1b", not: "read-committed"},
	{registers: true, name: "registers: own write not read", history: "wx3[ wx2rx3[", anomalies: "internal", not: "read-atomic"},
	{registers: true, name: "registers: read before it was written, in a session", history: "rx1 wx1", model: "strong-session-serializable", anomalies: "G1c-process", not: "strong-session-read-committed"},
	{registers: true, name: "registers: read before it was written, in real time", history: "rx1 wx1", anomalies: "G1c-realtime", not: "strong-read-committed"},
	{registers: true, name: "registers: unknown reads and one that never ended", history: "wx1[0-1] p1:?rx1[2-3] p2:?rx1[4-5] p3:?rx2[6-]"},
	{registers: true, name: "registers: a value that nobody wrote", history: "wx1 rx2 rx1", model: "read-committed", anomalies: "garbage-read", not: "read-committed"},
	{registers: true, name: "registers: an unknown write that was read did happen", history: "?wx1wy1[ rx1ry[", anomalies: "G-single-item", not: "consistent-view repeatable-read"},
	{registers: true, name: "registers: lost update upon nil", history: "rxwx1[0-2] rxwx2[1-3]", anomalies: "G2-item lost-update", not: "cursor-stability update-atomic"},
	{registers: true, name: "registers: only snapshots without sessions are ruled out by no weaker model", model: "snapshot-isolation", history: "p2:rxwx1wy1[0-1] p0:rx1ry1wx2[2-4] p1:rx2[3-7] p0:wx4wy2rx4wx5[6-8] p2:rx5wx3[5-9] p0:rx2ry2[10-11]", anomalies: "PL-SI-cycle-exists", not: "snapshot-isolation"},
	{registers: true, name: "registers: writes alone tell nothing", history: "wx1wy2[ wx2wy1[", anomalies: "empty-transaction-graph"},
}

func TestPublishedCases(t *testing.T) {
	for _, c := range published {
		t.Run(c.name, func(t *testing.T) {
			h := parse(t, c.history)
			if c.registers {
				h = parseRegisters(t, c.history)
			}
			r, err := Judge(t.Context(), h, c.model)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(r.Anomalies, " ")
			if got != c.anomalies {
				t.Errorf("found %q, want %q", got, c.anomalies)
			}
			if not := strings.Join(r.Not, " "); not != c.not {
				t.Errorf("rules out %q, want %q", not, c.not)
			}
			want := harness.Safe
			switch c.anomalies {
			case "":
			case EmptyGraph:
				want = harness.Inconclusive
			default:
				want = harness.Unsafe
			}
			if r.Verdict != want {
				t.Errorf("%s, want %s", r.Verdict, want)
			}
			for _, name := range r.Anomalies {
				shown := slices.ContainsFunc(r.Witnesses, func(w Witness) bool { return w.Anomaly == name && w.Text != "" })
				if !shown && name != EmptyGraph && !strings.HasSuffix(name, "-cycle-exists") {
					t.Errorf("nothing shows %s", name)
				}
			}
		})
	}
}

// TestChains: in a history of lastseat's own, a write names its predecessor.
func TestChains(t *testing.T) {
	for _, c := range []struct{ history, anomalies string }{
		{"p2:wy1[0-1] p0:ry1wx1wy2[2-5] p1:rx1ry1[3-6]", "G-single-item"},
		{"wx0[0-1] rx0wx1[2-4] rx0wx2[3-5]", "G2-item lost-update"},
		{"wx0 rx0wx1 rx1wx2 rx2", ""},
		{"wx0[0-1] ?rx0wx1[2-3] rx1[4-5]", ""},
		{"rx7", "empty-transaction-graph garbage-read"},
		{"rx1wx1", "empty-transaction-graph future-read"},
		{"wx1rx1wx1", "empty-transaction-graph"},
		{"wx1[0-2] rxrx1[1-3]", "G-single-item internal"},
	} {
		r, err := JudgeChains(t.Context(), parseRegisters(t, c.history), "")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(r.Anomalies, " "); got != c.anomalies {
			t.Errorf("%s: found %q, want %q\n%v", c.history, got, c.anomalies, r.Witnesses)
		}
	}
}

// TestRanges: what a range read does not find is a phantom if it was there.
func TestRanges(t *testing.T) {
	for _, c := range []struct{ history, model, anomalies string }{
		{"rxiy1[0-2] ryix1[1-3]", "serializable", "G2"},
		{"rxiy1[0-2] ryix1[1-3]", "snapshot-isolation", ""},
		{"ix1[0-1] rx[2-3]", "", "G-single-realtime"},
		{"ix1iy1[0-3] rxry1[1-2]", "serializable", "G-single"},
		{"!ix1 rx1", "read-committed", "G1a empty-transaction-graph"},
		{"ix1 rx11", "", "duplicate-elements"},
		{"ix1[1-2] rxrx1[0-3]", "", "G-single internal"},
	} {
		h := parse(t, c.history)
		of(h, history.Sets)
		r, err := Judge(t.Context(), h, c.model)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(r.Anomalies, " "); got != c.anomalies {
			t.Errorf("%s: found %q, want %q", c.history, got, c.anomalies)
		}
	}
}

// TestAppendedTwice: what cannot be told apart is not judged.
func TestAppendedTwice(t *testing.T) {
	r, err := Judge(t.Context(), parse(t, "ax1 ax1 rx1"), "")
	if err != nil || r.Verdict != harness.Inconclusive || !strings.Contains(r.Reason, "1 was appended to x twice") {
		t.Errorf("%+v %v", r, err)
	}
}

func ExampleJudge() {
	h := parse(&testing.T{}, "ax0[0-1] rx0ax1[2-4] rx0ax2[3-5]")
	r, err := Judge(context.Background(), h, "")
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Verdict+":", r.Reason)
	for _, w := range r.Witnesses {
		fmt.Println(w.Anomaly)
		fmt.Println(w.Text)
	}
	// Output:
	// unsafe: found G2-item, lost-update, which rules out cursor-stability, update-atomic
	// G2-item
	// A = T4 (process 0): read x [0], append x 1
	// B = T5 (process 0): read x [0], append x 2
	// A before B: A read x as of 0, and B wrote 2 upon that: A did not see it;
	// B before A: B read x as of 0, and A wrote 1 upon that: B did not see it. Each would have to come before itself.
	// lost-update
	// Key x was read as [0] by both T4 (process 0) and T5 (process 0), and both appended to it: one of them to a list that was no longer what it had read
}
