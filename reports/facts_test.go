package reports

import (
	"strings"
	"testing"
	"time"
)

// TestCrossingsAreReadOffTheData: a crossing is said where one row leads, then the other, and differences count.
func TestCrossingsAreReadOffTheData(t *testing.T) {
	for _, test := range []struct {
		name string
		a, b []int64 // ops/s at 1, 2, 4 and 8 clients
		want string
	}{
		{"crosses once", []int64{900, 900, 500, 400}, []int64{500, 600, 800, 900}, "optimistic@rc is faster than for-update@rc up to 2 clients, for-update@rc from 4 on"},
		{"crosses once, the other first", []int64{500, 600, 800, 900}, []int64{900, 500, 400, 300}, "for-update@rc is faster than optimistic@rc at 1 client, optimistic@rc from 2 on"},
		{"steps too close to tell are passed over", []int64{900, 820, 800, 400}, []int64{500, 800, 840, 900}, "optimistic@rc is faster than for-update@rc at 1 client, for-update@rc from 8 on"},
		{"one is always faster", []int64{900, 900, 900, 900}, []int64{500, 500, 500, 500}, ""},
		{"goes to and fro", []int64{900, 500, 900, 500}, []int64{500, 900, 500, 900}, ""},
		{"never apart", []int64{900, 905, 900, 895}, []int64{905, 900, 895, 900}, ""},
	} {
		r := &Result{}
		for i, clients := range []int{1, 2, 4, 8} {
			for strategy, speeds := range map[string][]int64{"optimistic": test.a, "for-update": test.b} {
				row := ran("postgres", "", strategy, rc, lockPromise, speeds[i], time.Millisecond, 0)
				row.Clients = clients
				r.Rows = append(r.Rows, row)
			}
		}
		c := groups(r)[0].charts(axesOf(r))[0]
		a, b := c.curves[0], c.curves[1]
		if a.label.Strategy != "optimistic" {
			a, b = b, a
		}
		got := c.crossing(a, b)
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if facts := strings.Join(c.facts(), "\n"); (test.want != "") != strings.Contains(facts, "--runs 6") {
			t.Errorf("%s: whether it rests on few runs is not said: %q", test.name, facts)
		}
	}
}
