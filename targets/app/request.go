package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/request"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// reply is what a request, a command or statements were answered.
type reply struct {
	outcome harness.Outcome
	status  int
	body    []byte
	header  http.Header
	err     error    // there is no answer
	codes   []string // of a server's error
	text    string   // the answer for people, where it is not one of HTTP
}

// call makes a request with the values of the client whose copy this is.
func (in *instance) call(ctx context.Context, r *spec.Request, op *spec.Operation) reply {
	return in.send(ctx, r, op, spec.ClientValues(in.client).Fill)
}

// send makes a request, or whatever else an operation is; fill puts values in the places of {names}.
func (in *instance) send(ctx context.Context, r *spec.Request, op *spec.Operation, fill func(string) string) reply {
	in.asking.Add(1)
	defer in.asking.Add(-1)
	if op != nil && op.Kind() == spec.Command {
		return in.command(ctx, op, fill)
	}
	if op != nil && op.Kind() == spec.SQL {
		return in.statements(ctx, op, fill)
	}
	return in.request(ctx, r, op, fill)
}

// request makes one of HTTP.
func (in *instance) request(ctx context.Context, r *spec.Request, op *spec.Operation, fill func(string) string) reply {
	a, err := in.requests.Send(ctx, in.base, r, fill)
	out := reply{status: a.Status, body: a.Body, header: a.Header}
	var none *request.UnsendableError
	switch {
	case errors.As(err, &none):
		return reply{outcome: harness.Failed, err: none}
	case err != nil:
		out.err = in.unanswered(err)
	}
	out.outcome = outcomeOf(op, &out)
	if a.Status == 0 && errors.Is(err, syscall.ECONNREFUSED) {
		out.outcome = harness.Failed
	}
	return out
}

// unanswered says why there is no answer.
func (in *instance) unanswered(err error) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	for _, c := range in.proxy.Conns() {
		if out, _ := c.Busy(); out {
			return fmt.Errorf("a statement of it had not ended after %v", in.lane.program.options.Limit)
		}
	}
	return fmt.Errorf("none within %v, and no statement of it was under way", in.lane.program.options.Limit)
}

// outcomeOf reads an answer as the file says; where it says nothing, 2xx and 3xx are ok, 4xx is a refusal, and whatever a 5xx stands
// for may have happened.
func outcomeOf(op *spec.Operation, r *reply) harness.Outcome {
	if r.err != nil {
		return harness.Unknown
	}
	if o, ok := mapped(op, r); ok {
		return o
	}
	switch {
	case r.status >= 500:
		return harness.Unknown
	case r.status >= 400:
		return harness.Rejected
	}
	return harness.OK
}

// mapped reads an answer by what the file says of an operation; ok: it says something of this one.
func mapped(op *spec.Operation, r *reply) (o harness.Outcome, ok bool) {
	if op == nil {
		return o, false
	}
	for _, m := range []struct {
		matches []spec.Match
		outcome harness.Outcome
	}{{op.Failed, harness.Failed}, {op.Rejected, harness.Rejected}, {op.OK, harness.OK}} {
		for _, match := range m.matches {
			if r.matches(&match) {
				return m.outcome, true
			}
		}
	}
	return o, false
}

func (r *reply) matches(m *spec.Match) bool {
	if r.codes != nil && m.Status != "" {
		if !slices.ContainsFunc(r.codes, func(code string) bool {
			return code == m.Status || strings.HasSuffix(m.Status, "xxx") && strings.HasPrefix(code, m.Status[:2])
		}) {
			return false
		}
	} else if m.Status != "" && m.Status != strconv.Itoa(r.status) && m.Status != strconv.Itoa(r.status/100)+"xx" {
		return false
	}
	if m.Text != "" && !strings.Contains(string(r.body), m.Text) {
		return false
	}
	if m.JSON == "" {
		return true
	}
	var v any
	if json.Unmarshal(r.body, &v) != nil {
		return false
	}
	for name := range strings.SplitSeq(m.JSON, ".") {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	if m.Is == "" {
		return v != nil && v != false
	}
	return v != nil && fmt.Sprint(v) == m.Is
}

// String is the answer in a line.
func (r *reply) String() string {
	switch {
	case r.text != "":
		return r.text
	case r.err != nil:
		return "no answer: " + r.err.Error()
	case len(r.body) == 0:
		return strconv.Itoa(r.status)
	}
	return strconv.Itoa(r.status) + " " + inLine(string(r.body))
}

// inLine is a text in one line that is not too long.
func inLine(text string) string {
	const most = 120
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
