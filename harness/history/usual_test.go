package history

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestUsualOperations: what the reader of usual operations takes, the reader of all EDN reads as the same, whatever was changed in them; and it
// takes every operation of small whole numbers that is as it was written.
func TestUsualOperations(t *testing.T) {
	taken, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h, named := drawTransactions(t)
		var b bytes.Buffer
		if err := WriteEDN(&b, h); err != nil {
			t.Fatal(err)
		}
		may, _ := mayHold(named, rapid.Bool().Draw(t, "named"))
		for line := range bytes.Lines(b.Bytes()) {
			changed := bytes.Clone(line)
			if rapid.Bool().Draw(t, "change") {
				at := rapid.IntRange(0, len(line)-2).Draw(t, "at")
				changed[at] = rapid.SampledFrom([]byte(`"019-.,:{}[]() \;#ainorw`)).Draw(t, "to")
			}
			if asAnyEDN(t, changed, may) {
				taken++
			} else if refused++; bytes.Equal(line, changed) && onlySmall(line) && !may[Sets] {
				t.Fatalf("refused as written: %s", line)
			}
		}
	})
	if taken == 0 || refused == 0 {
		t.Errorf("%d operations were taken and %d refused", taken, refused)
	}
}

// onlySmall reports whether the keys and values on a line are small whole numbers.
func onlySmall(line []byte) bool {
	return !bytes.ContainsAny(line, `-".`) && !bytes.Contains(line, []byte(":x")) && !bytes.Contains(line, []byte("[1 2]")) &&
		!bytes.Contains(line, []byte("12345678901234567890"))
}

// asAnyEDN reports whether the operation was taken, and fails where the two readers differ.
func asAnyEDN(t *rapid.T, line []byte, may may) bool {
	quick, all := newTxnReader(line, edn, may), newTxnReader(line, edn, may)
	var got rawOp
	if !quick.usual(&got) {
		if quick.at != 0 || len(quick.out.Ops) > 0 || len(quick.out.Elements) > 0 {
			t.Fatalf("%s: refused, and something was read", line)
		}
		return false
	}
	var want rawOp
	if bad := parse(func() { want = all.op() }); bad != nil {
		t.Fatalf("%s: taken, but %v", line, bad)
	}
	if got.kind != want.kind || got.process != want.process || got.client != want.client || quick.at != all.at ||
		got.kind != OK && got.value != want.value {
		t.Fatalf("%s: read as %+v up to %d, want %+v up to %d", line, got, quick.at, want, all.at)
	}
	bad, badAll := parse(func() { quick.take(&got) }), parse(func() { all.take(&want) })
	if bad != nil || badAll != nil {
		if got.kind == OK || bad == nil || badAll == nil || bad.text != badAll.text {
			t.Fatalf("%s: %v, want %v", line, bad, badAll)
		}
		return true
	}
	if diff := cmp.Diff(plainly(&all.out), plainly(&quick.out)); diff != "" {
		t.Fatalf("%s: %s", line, diff)
	}
	return true
}

// TestFold: reads find what they found, and lists that grow are there once.
func TestFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, named := drawTransactions(t)
		may, _ := mayHold(named, true)
		r := newTxnReader(nil, edn, may)
		r.out = *h
		r.out.Ops, r.out.Elements = slices.Clone(h.Ops), slices.Clone(h.Elements)
		for range rapid.IntRange(1, 2).Draw(t, "times") {
			r.fold()
		}
		if diff := cmp.Diff(plainly(h), plainly(&r.out)); diff != "" {
			t.Fatal(diff)
		}
	})
	r := newTxnReader([]byte("{:type :ok, :value [[:r 1 [1 2]] [:r 2 [7]] [:r 1 [1 2 3]] [:r 1025 [7 8]] [:r 1 []] [:r 1 [2]] [:r 1 [1]]]}"), edn, may{Lists: true})
	if bad := parse(r.piece); bad != nil {
		t.Fatal(bad)
	}
	if r.fold(); len(r.out.Elements) > 8 {
		t.Errorf("elements are there more often than need be: %v", r.out.Elements)
	}
}
