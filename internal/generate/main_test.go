package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness/anomaly"
	"github.com/lastseat/lastseat/harness/history"
)

// TestStoresAreWhatTheyAreCalled: what is generated is read again, and it is proved that each store keeps what its name says,
// and breaks the rest.
func TestStoresAreWhatTheyAreCalled(t *testing.T) {
	for _, c := range []struct {
		args, workload, model string
		holds                 bool
	}{
		{"--store serial", "register", "strict-serializable", true},
		{"--store snapshot", "register", "strong-snapshot-isolation", true},
		{"--store snapshot", "register", "serializable", false},
		{"--store broken", "register", "strict-serializable", false},
		{"--store serial --workload append", "append", "strict-serializable", true},
		{"--store broken --workload append", "append", "strict-serializable", false},
	} {
		for _, keys := range []string{"uniform", "zipfian"} {
			args := c.args + " --transactions 1000 --keys 500 --distribution " + keys
			t.Run(args+"/"+c.model, func(t *testing.T) {
				var out, again bytes.Buffer
				if err := run(strings.Fields(args), &out, io.Discard); err != nil {
					t.Fatal(err)
				}
				if err := run(strings.Fields(args), &again, io.Discard); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
					t.Error("the same seed gives another history", err)
				}
				r, err := history.ReadAny(&out, "generated.edn", c.workload)
				if err != nil {
					t.Fatal(err)
				}
				if n := r.Transactions.Len(); n < 1000 {
					t.Errorf("%d transactions of 1000", n)
				}
				proof, err := anomaly.Certify(t.Context(), r.Transactions, c.model)
				if err != nil || (proof.Holds != nil) != c.holds {
					t.Errorf("want that %s holds: %v; %v", c.model, c.holds, err)
				}
			})
		}
	}
}

// TestRefuses: what cannot be generated is said, and nothing is written.
func TestRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"--store loose":                      "serial snapshot broken",
		"--distribution normal":              "uniform or zipfian",
		"--workload set":                     "register or append",
		"--workload append --store snapshot": "serial or a broken",
		"--transactions 0":                   "1 or more",
		"--keys -1":                          "1 or more",
		"more":                               "only flags",
		"--sedd 1":                           "not defined",
	} {
		var out bytes.Buffer
		if err := run(strings.Fields(args), &out, io.Discard); err == nil || !strings.Contains(err.Error(), want) || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", args, err, out.Len())
		}
	}
}
