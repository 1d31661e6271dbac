package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/load"
	"github.com/lastseat/lastseat/targets/app/request"
	"github.com/lastseat/lastseat/targets/app/spec"
)

// ownHTTP has lastseat's clients take a turn, in a process of their own as peers have.
func ownHTTP(ctx context.Context, l httpLoad) (t httpTurn, err error) {
	own, err := os.Executable()
	if err != nil {
		return t, fmt.Errorf("find this program: %w", err)
	}
	out, cpu, err := peerOutput(ctx, l.length, nil, own, "--be", "http-clients", "--url", l.address, "--connections", strconv.Itoa(l.connections),
		"--rate", strconv.FormatFloat(l.rate, 'f', -1, 64), "--length", l.length.String())
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal([]byte(out), &t); err != nil {
		return t, fmt.Errorf("lastseat's clients say %q: %w", out, err)
	}
	t.cpu = cpu
	return t, nil
}

// sendHTTP sends requests as a load on a program does: values are drawn for each, each has an id of its own and a time by which it is to be
// answered, and the answer is read and told by its status. It writes its turn as JSON.
func sendHTTP(ctx context.Context, l httpLoad, to io.Writer) error {
	program := request.Client{}
	defer program.Close()
	all := make([]spec.Values, l.connections)
	for i := range all {
		all[i] = spec.ClientValues(i)
	}
	what := spec.Request{Method: "POST", Path: "/", Body: httpTemplate}
	limit := 10 * time.Second //nolint:mnd // as a program under load has by default
	cfg := load.Config{Clients: l.connections, Duration: l.length, Rate: l.rate, Uniform: true, Weights: []int{1}}
	r := load.Run(ctx, cfg, func(ctx context.Context, client, _ int, n int64, r *rand.Rand) (harness.Outcome, string) {
		values := all[client]
		values["id"] = spec.ID(n)
		limited, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		a, err := program.Send(limited, l.address, &what, func(text string) string { return values.Draw(text, r) })
		switch {
		case err != nil:
			return harness.Unknown, err.Error()
		case a.Status/100 != 2: //nolint:mnd // of HTTP
			return harness.Rejected, ""
		}
		return harness.OK, ""
	})
	if ok := r.Operations[0].Outcomes[harness.OK]; ok != r.Total() || ok == 0 {
		return errors.Join(fmt.Errorf("%d of %d answers are ok", ok, r.Total()), errors.New(r.Operations[0].Error))
	}
	return json.NewEncoder(to).Encode(httpTurn{ //nolint:wrapcheck // of standard output
		Answers: r.Total(), Elapsed: r.Elapsed, P50: r.Latency.Quantile(0.5), P99: r.Latency.Quantile(0.99), Max: r.Latency.Max(),
	})
}
