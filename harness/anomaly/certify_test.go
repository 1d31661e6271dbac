package anomaly

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/certificate"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/internal/draw"
)

// TestCertificates: whatever is decided of small histories is proved, and the verifier, which knows nothing of how, agrees.
func TestCertificates(t *testing.T) {
	for _, kind := range []history.Kind{history.Lists, history.Registers, mixed} {
		t.Run(kindNames[kind], func(t *testing.T) {
			count := map[harness.Verdict]int{}
			rapid.Check(t, func(t *rapid.T) {
				h := tiny(t, kind, rapid.Bool().Draw(t, "chains"))
				if kind != history.Lists && rapid.Bool().Draw(t, "twice") {
					writeTwice(t, h)
				}
				count[certified(t, h, rapid.SampledFrom(certificate.Models()).Draw(t, "model"))]++
			})
			if count[harness.Safe] == 0 || count[harness.Unsafe] == 0 {
				t.Errorf("nothing to tell apart: %v", count)
			}
		})
	}
}

// TestCertifiesWhatOnlyAnotherLeft: who reads a value before it writes the same one read the other's, which is proof whatever the model.
func TestCertifiesWhatOnlyAnotherLeft(t *testing.T) {
	h := parseRegisters(t, "rxrx1wx1[1-2] p2:rxwx1rx1[0-3]")
	for _, model := range certificate.Models() {
		r, err := Judge(t.Context(), h, model)
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict == harness.Inconclusive {
			continue
		}
		if c, err := Certify(t.Context(), h, model); err != nil || (c.Holds != nil) != (r.Verdict == harness.Safe) {
			t.Errorf("%s is %s: %v\n%s", model, r.Verdict, err, show(h, r))
		}
	}
}

// TestCertificatesByOthers: a model that is not proved by itself is proved by another one, or not at all, and never wrongly.
func TestCertificatesByOthers(t *testing.T) {
	l := newLattice()
	for name := range l.all {
		for _, other := range slices.Sorted(maps.Keys(l.all)) {
			if got, want := certificate.Includes(name, other), reach([]string{name}, l.includes)[other]; got != want && other != "linearizable" {
				t.Errorf("%s includes %s: %t, want %t", name, other, got, want)
			}
		}
	}
	by := 0
	rapid.Check(t, func(t *rapid.T) {
		h := tiny(t, rapid.SampledFrom([]history.Kind{history.Lists, history.Registers, mixed}).Draw(t, "kind"), rapid.Bool().Draw(t, "chains"))
		model := rapid.SampledFrom(slices.Sorted(maps.Keys(l.all))).Draw(t, "model")
		r, err := Judge(t.Context(), h, model)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Certify(t.Context(), h, model)
		switch {
		case errors.Is(err, certificate.ErrNone) && !strings.Contains(err.Error(), "please report"):
		case err != nil:
			t.Fatalf("%s: %v\n%s", model, err, show(h, r))
		case r.Verdict != harness.Inconclusive && (c.Holds != nil) != (r.Verdict == harness.Safe), certificate.Verify(c, h) != nil:
			t.Fatalf("%s is %s, and not by its certificate: %+v\n%s", model, r.Verdict, c, show(h, r))
		case c.By != "":
			by++
		}
	})
	if by == 0 {
		t.Error("nothing was proved by another model")
	}
}

// TestJudgeEnds: a search that takes long ends with its context, be it in its middle, and there is no verdict of half of it.
func TestJudgeEnds(t *testing.T) {
	b := draw.Blind{Store: draw.Broken, Sessions: 20, Steps: 8, Transactions: 500, Keys: 50}
	h := b.Draw(1)
	whole, err := Judge(t.Context(), h, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, wait := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		r, err := Judge(ctx, h, "")
		switch {
		case err == nil && r.Reason != whole.Reason: // it was fast enough
			t.Errorf("after %v: %s", wait, r.Reason)
		case err != nil && (r != nil || !errors.Is(err, context.DeadlineExceeded)):
			t.Errorf("after %v: %v, %v", wait, r, err)
		}
		cancel()
	}
}

// TestCertifyEnds: who no longer waits for a certificate gets none, and is told why.
func TestCertifyEnds(t *testing.T) {
	b := draw.Blind{Store: draw.Serial, Sessions: 5, Steps: 4, Transactions: 100, Keys: 10}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := Certify(ctx, b.Draw(2), "serializable"); err != nil {
		t.Fatal(err)
	}
	cancel()
	if c, err := Certify(ctx, b.Draw(1), "serializable"); !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", c, err)
	}
}

// writeTwice makes values of registers ambiguous.
func writeTwice(t *rapid.T, h *history.Transactions) {
	most := int32(rapid.IntRange(1, 2).Draw(t, "values"))
	for i := range h.Ops {
		if op := &h.Ops[i]; op.Kind == history.Registers && op.Value > most {
			op.Value = most
		}
	}
}

func certified(t *rapid.T, h *history.Transactions, model string) harness.Verdict {
	r, err := Judge(t.Context(), h, model)
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict == harness.Inconclusive {
		return r.Verdict
	}
	c, err := Certify(t.Context(), h, model)
	if err != nil && strings.Contains(err.Error(), "contradict each other") {
		return harness.Inconclusive
	}
	if err != nil {
		t.Fatalf("%s is %s, without a certificate: %v\n%s", model, r.Verdict, err, show(h, r))
	}
	if (c.Holds != nil) != (r.Verdict == harness.Safe) {
		text, _ := json.Marshal(c)
		t.Fatalf("%s is %s, and the certificate says otherwise: %s\n%s", model, r.Verdict, text, show(h, r))
	}
	return r.Verdict
}

// TestNoFalseProof: whatever becomes of a certificate, and whatever history it is held against, it is accepted only where what it says is
// so.
func TestNoFalseProof(t *testing.T) {
	for _, kind := range []history.Kind{history.Lists, history.Registers, mixed} {
		t.Run(kindNames[kind], func(t *testing.T) {
			accepted, refused := 0, 0
			rapid.Check(t, func(t *rapid.T) {
				h := tiny(t, kind, rapid.Bool().Draw(t, "chains"))
				c, err := Certify(t.Context(), h, rapid.SampledFrom(certificate.Models()).Draw(t, "model"))
				if err != nil {
					t.Skip(err)
				}
				for range rapid.IntRange(0, 2).Draw(t, "spoilt") {
					spoil(t, h)
				}
				for range rapid.IntRange(0, 3).Draw(t, "mutations") {
					mutate(t, c, int32(h.Len()))
				}
				if certificate.Verify(c, h) != nil {
					refused++
					return
				}
				accepted++
				if so := explainable(h, c.Model); so != (c.Holds != nil) {
					text, _ := json.Marshal(c)
					r, _ := Judge(t.Context(), h, c.Model)
					t.Fatalf("%s could have been so: %t, and this is accepted: %s\n%s", c.Model, so, text, show(h, r))
				}
			})
			if accepted == 0 || refused == 0 {
				t.Errorf("%d accepted, %d refused", accepted, refused)
			}
		})
	}
}

// explainable tries everything.
func explainable(h *history.Transactions, model string) bool {
	for _, a := range weakModels {
		if a.model == model {
			return executable(h, a)
		}
	}
	l := newLattice()
	if strings.HasSuffix(model, "read-committed") || model == "consistent-view" {
		return committedSo(h, l.order(model), model == "consistent-view")
	}
	if strings.HasSuffix(model, "serializable") || model == "repeatable-read" {
		return serial(h, l.order(model))
	}
	return snapshotIsolated(h, l.order(model))
}

// mutate changes one thing of a certificate.
func mutate(t *rapid.T, c *certificate.Certificate, n int32) {
	txn := rapid.Int32Range(-1, n).Draw(t, "transaction")
	if rapid.IntRange(0, 4).Draw(t, "other model") == 0 {
		c.Model = rapid.SampledFrom(certificate.Models()).Draw(t, "model")
		return
	}
	if c.Holds != nil {
		if len(c.Holds.Order) > 1 {
			i, j := rapid.IntRange(0, len(c.Holds.Order)-1).Draw(t, "i"), rapid.IntRange(0, len(c.Holds.Order)-1).Draw(t, "j")
			c.Holds.Order[i], c.Holds.Order[j] = c.Holds.Order[j], c.Holds.Order[i]
		}
		if len(c.Holds.Saw) > 0 && rapid.Bool().Draw(t, "saw") {
			c.Holds.Saw[rapid.IntRange(0, len(c.Holds.Saw)-1).Draw(t, "who")] = []int32{txn}
		}
		return
	}
	r := c.Refutation
	switch {
	case r.Alone != nil:
		r.Alone = &txn
	case r.Versions != nil:
		r.Versions.Txns[rapid.IntRange(0, 1).Draw(t, "which")] = txn
	case len(r.Lemmas) > 0 && rapid.Bool().Draw(t, "lemma"):
		l := &r.Lemmas[rapid.IntRange(0, len(r.Lemmas)-1).Draw(t, "which")]
		if l.First, l.Second = l.Second, l.First; rapid.Bool().Draw(t, "edge") {
			mutateEdge(t, l.Cycle, txn)
		}
	case len(r.Cycle) > 0:
		if rapid.IntRange(0, 3).Draw(t, "shorter") == 0 {
			r.Cycle[0].To = r.Cycle[len(r.Cycle)-1].To
			r.Cycle = r.Cycle[:1]
		}
		mutateEdge(t, r.Cycle, txn)
	}
}

func mutateEdge(t *rapid.T, edges []certificate.Edge, txn int32) {
	if len(edges) == 0 {
		return
	}
	i := rapid.IntRange(0, len(edges)-1).Draw(t, "edge")
	e := &edges[i]
	switch rapid.IntRange(0, 4).Draw(t, "what") {
	case 0:
		e.Why = rapid.SampledFrom([]certificate.Reason{
			certificate.Session, certificate.Realtime, certificate.Saw, certificate.Wrote, certificate.Overwrote, certificate.Outdated,
		}).Draw(t, "why")
	case 1:
		e.To, edges[(i+1)%len(edges)].From = txn, txn
	case 2:
		e.Writer, e.Reader = txn, txn
	case 3:
		e.Key = strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "key"))
	case 4:
		e.Via = []int32{txn}
	}
}
