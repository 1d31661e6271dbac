package reports

import (
	"strings"
	"testing"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/compare"
	"github.com/lastseat/lastseat/harness/threshold"
)

// night is two sides of one row: six samples each of throughput and of another figure.
func night(t *testing.T, servers [2]string, slow float64, metric string, old, now float64) *compare.Result {
	t.Helper()
	side := func(server string, perSecond, v float64) *compare.Side {
		s := compare.NewSide("program-load")
		s.Server("postgres", server)
		row := threshold.Row{Key: "a", Name: "4 clients", Verdict: harness.Safe, Again: "lastseat run shop.yaml -c 4 -d 1s"}
		for i := range 6 {
			row.Add(threshold.Throughput, perSecond+float64(i))
			row.Add(metric, v*(1+float64(i)/100))
		}
		s.Add("postgres", row)
		return s
	}
	r, err := compare.Compare(side(servers[0], 1000, old), side(servers[1], slow, now))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAdvice: a reason is given only where something that was measured grew; where nothing got slower there is none.
func TestAdvice(t *testing.T) {
	same := [2]string{"PostgreSQL 17, fsync on", "PostgreSQL 17, fsync on"}
	for _, c := range []struct {
		name        string
		r           *compare.Result
		why, unlike string
		do          string
	}{
		{"the database", night(t, same, 100, "database", 1, 10), "it is the database that got slower", "servers differ", "EXPLAIN"},
		{"the program", night(t, same, 100, "program", 1, 10), "it is the program that got slower", "database that", "run the row that got worse most again"},
		{"conflicts", night(t, same, 100, "conflicts", 0.01, 0.5), "conflicts 51.2 %, and 1.03 % before", "database that", "lastseat run shop.yaml -c 4 -d 1s"},
		{"a setting", night(t, [2]string{"PostgreSQL 17, fsync off", "PostgreSQL 18, fsync off"}, 100, "database", 1, 1), "The servers differ: postgres: PostgreSQL 17 before, postgres: PostgreSQL 18 now", "fsync", "Set the server back"},
		{"nothing", night(t, same, 100, "database", 1, 1), "Nothing that was measured beside it says why", "database that", "run the row"},
		{"as fast", night(t, same, 1000, "database", 1, 1), "", "says why", ""},
	} {
		why, do := strings.Join(compareWhy(c.r), "\n"), strings.Join(compareDo(c.r), "\n")
		if !strings.Contains(why, c.why) || strings.Contains(why, c.unlike) || !strings.Contains(do, c.do) || (c.do == "") != (do == "") {
			t.Errorf("%s:\nwhy %s\ndo %s", c.name, why, do)
		}
	}
}
