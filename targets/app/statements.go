package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/script"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// compile reads what the file has in SQL.
func (p *Program) compile() (err error) {
	p.scripts = map[string]*script.Script{}
	for i := range p.Operations {
		op := &p.Operations[i]
		if op.Kind() != spec.SQL {
			continue
		}
		name := p.File + ": operation " + op.Name
		if op.Script != "" {
			text, err := os.ReadFile(filepath.Join(p.Dir(), op.Script))
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			name, op.SQL = filepath.Join(p.Dir(), op.Script), string(text)
		}
		if p.scripts[op.Name], err = script.Parse(name, op.SQL, p.engine.Protocol); err != nil {
			return err
		}
	}
	return nil
}

// errNoCommit is said of statements that begin a transaction and do not end it.
var errNoCommit = errors.New("the statements end inside a transaction, which was rolled back: COMMIT is missing")

// statements carries out an operation's SQL on a session of lastseat's own, through the client's proxy.
func (in *instance) statements(ctx context.Context, op *spec.Operation, fill func(string) string) reply {
	c, err := in.session(ctx)
	if err != nil {
		return reply{outcome: harness.Failed, err: err, text: "failed (no session) " + inLine(err.Error())}
	}
	ran := in.lane.program.scripts[op.Name].Run(ctx, c, fill)
	if ctx.Err() != nil {
		c.Close()
		return reply{outcome: harness.Unknown, err: in.unanswered(ctx.Err())}
	}
	if conn := in.connOf(c.From()); conn == nil {
		c.Close()
	} else {
		_, inside := conn.Busy()
		if inside {
			if _, err := c.Ask(ctx, "ROLLBACK"); err == nil && ran.Err == nil {
				ran.Err = errNoCommit
			}
		}
		in.ways.give(c)
	}
	return in.answered(op, &ran)
}

// answered reads how statements have ended.
func (in *instance) answered(op *spec.Operation, ran *script.Ran) reply {
	r := reply{outcome: harness.OK, codes: []string{}}
	var said *database.ServerError
	switch {
	case ran.Err == nil:
		r.body = bodyOf(ran.Results)
		r.outcome, r.text = mappedOr(op, &r, harness.OK), ""
		r.text = strings.TrimSpace(r.outcome.String() + " " + inLine(rowsText(ran.Results)))
	case errors.As(ran.Err, &said):
		r.status, r.codes = 1, []string{said.Code}
		if said.Number != 0 {
			r.codes = append(r.codes, strconv.Itoa(said.Number))
		}
		r.body, _ = json.Marshal(map[string]string{"code": said.Name(), "message": said.Message}) // texts can be written
		r.outcome = mappedOr(op, &r, in.refusal(said))
		r.text = fmt.Sprintf("%s (%s) %s", r.outcome, said.Name(), inLine(said.Message))
	case ran.May:
		r.status, r.outcome, r.text = 1, harness.Unknown, "unknown "+inLine(ran.Err.Error())
	default:
		r.status, r.outcome, r.text = 1, harness.Failed, "failed "+inLine(ran.Err.Error())
	}
	return r
}

func mappedOr(op *spec.Operation, r *reply, otherwise harness.Outcome) harness.Outcome {
	if o, ok := mapped(op, r); ok {
		return o
	}
	return otherwise
}

// refusals are SQLSTATEs by which a database says no: raised by code of the user's, or a constraint.
var refusals = []string{"P0001", "45000"}

// refusal is what an error of the server's says, where the file says nothing of it.
func (in *instance) refusal(said *database.ServerError) harness.Outcome {
	conflict := in.lane.program.engine.Conflict(said.Code, said.Number) != harness.NoConflict
	if !conflict && (slices.Contains(refusals, said.Code) || strings.HasPrefix(said.Code, "23")) {
		return harness.Rejected
	}
	return harness.Failed
}

// bodyOf are results as JSON: of one row an object, of several a list of them, of several results those by their number.
func bodyOf(results []database.Result) []byte {
	all := map[string]any{}
	var last any
	for i, r := range results {
		rows := make([]map[string]any, len(r.Rows))
		for k, row := range r.Rows {
			rows[k] = map[string]any{}
			for c, v := range row {
				if rows[k][r.Columns[c]] = any(v); v == database.Null {
					rows[k][r.Columns[c]] = nil
				}
			}
		}
		if last = any(rows); len(rows) == 1 {
			last = rows[0]
		}
		all[strconv.Itoa(i+1)] = last
	}
	if len(results) > 1 {
		last = all
	}
	if last == nil {
		return nil
	}
	text, _ := json.Marshal(last) // texts can be written
	return text
}

// rowsText are the rows of results in a line.
func rowsText(results []database.Result) string {
	var all []string
	for _, r := range results {
		for _, row := range r.Rows {
			all = append(all, database.Line(row))
		}
	}
	return strings.Join(all, " | ")
}
