package suite

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/promise"
	"github.com/lastseat/lastseat/harness/store"
)

// embeddedRows are so many rows of an engine in this process.
func embeddedRows(n int) []*Row {
	server := &Opened{Spec: TargetSpec{Engine: store.Engine{Embedded: true}}}
	var rows []*Row
	for i := range n {
		label := harness.Label{Strategy: strconv.Itoa(i)}
		rows = append(rows, &Row{Label: label, Expected: &promise.Promise{Safe: true}, plan: rowPlan{server: server, last: true}})
	}
	return rows
}

func lending(cfg Config, rows []*Row) *Table {
	cfg.Each = engine.DefaultConfig()
	t := &Table{cfg: cfg, Rows: rows}
	setBudgets(&t.cfg, rows)
	for _, row := range rows {
		t.lent += row.plan.lent
	}
	return t
}

// TestBudget: what all rows have together is divided among them, half to each row, half to those that need more.
func TestBudget(t *testing.T) {
	table := lending(Config{Budget: 3 * time.Second}, embeddedRows(3))
	for _, row := range table.Rows {
		if row.Budget != 500*time.Millisecond || row.plan.lent != row.Budget {
			t.Errorf("%v, and %v lent", row.Budget, row.plan.lent)
		}
	}
	if d := table.AtMost(); d != 3*time.Second+3*rowOverhead {
		t.Errorf("at most %v", d)
	}
	repeated := lending(Config{Budget: 3 * time.Second, Runs: 3}, embeddedRows(1))
	if row := repeated.Rows[0]; row.Budget != time.Second || row.plan.lent != 0 || repeated.config(row, 0).Duration != time.Second {
		t.Errorf("repeated: %v, and %v lent", row.Budget, row.plan.lent)
	}
}

// TestControlEndsWhenCaught: the length that is given is that of the rows that were asked for. A control that nobody asked for has its usual time, and
// the rest of that length while it is not caught.
func TestControlEndsWhenCaught(t *testing.T) {
	for _, length := range []time.Duration{time.Second, 10 * time.Minute} {
		rows := embeddedRows(2)
		rows[0].Control = true
		cfg := Config{Each: engine.DefaultConfig()}
		cfg.Each.Duration = length
		table := &Table{cfg: cfg, Rows: rows}
		setBudgets(&table.cfg, rows)
		if c := table.config(rows[0], 0); c.Duration != 0 || c.Budget != embeddedShare.own || c.Budget+c.Reserve != length {
			t.Errorf("the control runs for %v, %v and %v, the others for %v", c.Duration, c.Budget, c.Reserve, length)
		}
		if c := table.config(rows[1], 0); c.Duration != length || c.Reserve != 0 {
			t.Errorf("the row runs for %v and %v, want %v", c.Duration, c.Reserve, length)
		}
		if most := table.AtMost(); most != 2*(length+rowOverhead) {
			t.Errorf("at most %v", most)
		}
	}
}

// TestLent: a row that is undecided borrows a part of what is lent, and the last one all of it; what is decided early lends the rest
// of its time, and what took longer, for whatever reason, leaves less: all rows together keep to the time that was announced.
func TestLent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := lending(Config{}, embeddedRows(26))
		began, announced := time.Now(), table.AtMost()
		if announced > time.Minute {
			t.Errorf("26 rows, as many as a bare run has, take up to %v", announced)
		}
		for i, row := range table.Rows {
			cfg := table.config(row, 0)
			if i == 0 && cfg.Reserve != 26*embeddedShare.lent/mostBorrowed {
				t.Errorf("the first row may borrow %v", cfg.Reserve)
			}
			if i == 25 && cfg.Reserve != table.lent {
				t.Errorf("the last row may borrow %v of %v", cfg.Reserve, table.lent)
			}
			if i > 0 && i < 25 && cfg.Reserve <= 0 {
				t.Errorf("row %d cannot borrow", i)
			}
			from := time.Now()
			time.Sleep(rowOverhead)
			switch i % 3 {
			case 0: // shows nothing
				time.Sleep(cfg.Budget + cfg.Reserve)
			case 1: // is decided early
				time.Sleep(cfg.Budget / 4)
			default: // is held up
				time.Sleep(2 * cfg.Budget)
			}
			table.settle(row, from)
			row.Report = &engine.Report{Judgement: engine.Judgement{Verdict: harness.Safe}}
		}
		if took := time.Since(began); took > announced {
			t.Errorf("took %v, and at most %v were announced", took, announced)
		}
	})
}
