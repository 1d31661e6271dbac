package suite

import (
	"context"
	"errors"

	"github.com/lastseat/lastseat/harness"
)

// All explores all rows of servers, and hands on each row as soon as it is there; many says whether there are several in all. A server
// that fails does not keep the others from their turn: its error is answered with the rows that there are.
func (x *Explorer) All(ctx context.Context, servers []*Opened, each func(e *Explored, many bool) error) ([]Explored, error) {
	var rows []Explored
	var failed error
	planned := make([][]*Row, len(servers))
	for i, s := range servers {
		var err error
		if planned[i], err = x.Rows(ctx, s); err != nil {
			failed = errors.Join(failed, err)
		}
		x.rows += len(planned[i])
	}
	for i := range servers {
		got, err := x.server(ctx, planned[i], each)
		rows = append(rows, got...)
		if ctx.Err() != nil {
			break
		}
		failed = errors.Join(failed, err)
	}
	return rows, failed
}

// server explores the rows of one server. An error ends one row, and is in it; the others have their turn, unless the server is lost.
func (x *Explorer) server(ctx context.Context, planned []*Row, each func(e *Explored, many bool) error) ([]Explored, error) {
	var rows []Explored
	var failed error
	for _, row := range planned {
		x.number++
		e, err := x.Row(ctx, row)
		if ctx.Err() != nil {
			return rows, err
		}
		failed = errors.Join(failed, err)
		rows = append(rows, *e)
		if err := each(e, len(planned) > 1 || len(x.Config.Targets) > 1); err != nil {
			return rows, errors.Join(failed, err)
		}
		if errors.Is(err, harness.ErrServerLost) {
			break
		}
	}
	return rows, failed
}

// ExploredExitCode is the program's exit code for what came of all rows.
func ExploredExitCode(rows []Explored, interrupted bool) int {
	code, ran := ExitAsExpected, 0
	for i := range rows {
		e := &rows[i]
		switch {
		case e.Verdict == harness.Skipped:
			continue
		case e.Verdict == harness.Inconclusive:
			code = max(code, ExitInconclusive)
		case !e.AsExpected:
			return ExitBroken
		}
		ran++
	}
	switch {
	case interrupted:
		return ExitInterrupted
	case ran == 0:
		return ExitInconclusive
	}
	return code
}
