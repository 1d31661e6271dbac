package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// reply is what a request was answered.
type reply struct {
	outcome harness.Outcome
	status  int
	body    []byte
	header  http.Header
	err     error // there is no answer
}

// maxBody bounds what is read of an answer.
const maxBody = 4 << 20

// call makes a request with the values of the client whose copy this is.
func (in *instance) call(ctx context.Context, r *spec.Request, op *spec.Operation) reply {
	return in.send(ctx, r, op, spec.ClientValues(in.client).Fill)
}

// send makes a request; fill puts values in the places of {names}.
func (in *instance) send(ctx context.Context, r *spec.Request, op *spec.Operation, fill func(string) string) reply {
	body, kind := fill(r.Body), ""
	if r.Body != "" && json.Valid([]byte(body)) {
		kind = "application/json"
	}
	if len(r.Form) > 0 {
		form := url.Values{}
		for _, f := range r.Form {
			form.Add(f.Name, fill(f.Value))
		}
		body, kind = form.Encode(), "application/x-www-form-urlencoded"
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, in.base+fill(r.Path), strings.NewReader(body))
	if err != nil {
		return reply{outcome: harness.Failed, err: err}
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for _, h := range r.Headers {
		req.Header.Set(h.Name, fill(h.Value))
	}
	in.asking.Add(1)
	defer in.asking.Add(-1)
	resp, err := in.http.Do(req)
	if err != nil {
		outcome := harness.Unknown
		if errors.Is(err, syscall.ECONNREFUSED) {
			outcome = harness.Failed
		}
		return reply{outcome: outcome, err: in.unanswered(err)}
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	out := reply{status: resp.StatusCode, body: text, header: resp.Header, err: err}
	out.outcome = outcomeOf(op, &out)
	return out
}

// unanswered says why there is no answer, without the address, which is another one each time.
func (in *instance) unanswered(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
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
	if op != nil {
		for _, m := range []struct {
			matches []spec.Match
			outcome harness.Outcome
		}{{op.Failed, harness.Failed}, {op.Rejected, harness.Rejected}, {op.OK, harness.OK}} {
			for _, match := range m.matches {
				if r.matches(&match) {
					return m.outcome
				}
			}
		}
	}
	switch {
	case r.status >= 500:
		return harness.Unknown
	case r.status >= 400:
		return harness.Rejected
	}
	return harness.OK
}

func (r *reply) matches(m *spec.Match) bool {
	if m.Status != "" && m.Status != strconv.Itoa(r.status) && m.Status != strconv.Itoa(r.status/100)+"xx" {
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
	case r.err != nil:
		return "no answer: " + r.err.Error()
	case len(r.body) == 0:
		return strconv.Itoa(r.status)
	}
	const most = 120
	text := strings.Join(strings.Fields(string(r.body)), " ")
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strconv.Itoa(r.status) + " " + text
}
