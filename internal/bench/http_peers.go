package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"time"

	"github.com/lastseat/lastseat/targets/local"
)

// httpPeers are the field's generators of HTTP requests.
func httpPeers() []generator {
	return []generator{
		{name: "wrk", program: "wrk", install: "apt-get install wrk", run: runWrk},
		{name: "vegeta", program: "vegeta", install: "go install github.com/tsenart/vegeta/v12@v12.12.0", run: runVegeta},
		{name: "k6", program: "k6", install: "go install go.k6.io/k6@v1.8.1", run: runK6},
		{name: "hey", program: "hey", install: "go install github.com/rakyll/hey@v0.1.5", run: runHey},
	}
}

// inFolder has do work with a folder of its own.
func inFolder(ctx context.Context, name string, do func(dir string) (httpTurn, error)) (t httpTurn, err error) {
	folder, err := local.NewFolder("lastseat-" + name + "-")
	if err != nil {
		return t, fmt.Errorf("make a folder for %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, folder.Remove(context.WithoutCancel(ctx))) }()
	return do(folder.Path())
}

// report is what a peer printed, to be read piece by piece: the first piece that is missing is the error.
type report struct {
	peer, text string
	err        error
}

// find is the first group that a pattern finds.
func (r *report) find(pattern *regexp.Regexp) string {
	m := pattern.FindStringSubmatch(r.text)
	if m == nil {
		r.err = fmt.Errorf("%s's report lacks what %q finds:\n%s", r.peer, pattern, r.text)
		return ""
	}
	return m[1]
}

// took is a duration that a pattern finds, with its unit behind it unless unit says another.
func (r *report) took(pattern *regexp.Regexp, unit string) time.Duration {
	text := r.find(pattern)
	d, err := time.ParseDuration(text + unit)
	if r.err == nil && err != nil {
		r.err = fmt.Errorf("%s's report: %w", r.peer, err)
	}
	return d
}

// count is a number that a pattern finds.
func (r *report) count(pattern *regexp.Regexp) int64 {
	n, _ := strconv.ParseInt(r.find(pattern), 10, 64) // the pattern takes digits only
	return n
}

var (
	wrkDone   = regexp.MustCompile(`(\d+) requests in `)
	wrkRan    = regexp.MustCompile(`\d+ requests in ([\d.]+\w+),`)
	wrkMax    = regexp.MustCompile(`Latency\s+\S+\s+\S+\s+(\S+)`)
	wrkMedian = regexp.MustCompile(`(?m)^ +50% +(\S+)`)
	wrkP99    = regexp.MustCompile(`(?m)^ +99% +(\S+)`)
	wrkFailed = regexp.MustCompile(`Non-2xx.*|Socket errors: .*`)
)

// runWrk runs wrk, which knows no rate.
func runWrk(ctx context.Context, program string, l httpLoad) (httpTurn, error) {
	return inFolder(ctx, "wrk", func(dir string) (t httpTurn, err error) {
		script := filepath.Join(dir, "post.lua")
		text := fmt.Sprintf("wrk.method = 'POST'\nwrk.body = %q\nwrk.headers['Content-Type'] = 'application/json'\n", l.body)
		if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
			return t, fmt.Errorf("write wrk's script: %w", err)
		}
		out, cpu, err := peerOutput(ctx, l.length, nil, program, "--threads", strconv.Itoa(min(l.connections, runtime.NumCPU())),
			"--connections", strconv.Itoa(l.connections), "--duration", strconv.Itoa(int(l.length.Seconds()))+"s", "--timeout", "10s", "--latency", "--script", script, l.address)
		if err != nil {
			return t, err
		}
		return readWrk(out, cpu)
	})
}

func readWrk(out string, cpu time.Duration) (httpTurn, error) {
	if failed := wrkFailed.FindString(out); failed != "" {
		return httpTurn{}, fmt.Errorf("wrk: %s", failed)
	}
	r := report{peer: "wrk", text: out}
	t := httpTurn{Answers: r.count(wrkDone), Elapsed: r.took(wrkRan, ""), P50: r.took(wrkMedian, ""), P99: r.took(wrkP99, ""), Max: r.took(wrkMax, ""), cpu: cpu}
	return t, r.err
}

// runVegeta runs vegeta with as many workers as connections.
func runVegeta(ctx context.Context, program string, l httpLoad) (httpTurn, error) {
	return inFolder(ctx, "vegeta", func(dir string) (t httpTurn, err error) {
		body, targets, results := filepath.Join(dir, "body"), filepath.Join(dir, "targets"), filepath.Join(dir, "results")
		if err := os.WriteFile(body, []byte(l.body), 0o600); err != nil {
			return t, fmt.Errorf("write vegeta's body: %w", err)
		}
		if err := os.WriteFile(targets, []byte("POST "+l.address+"\nContent-Type: application/json\n"), 0o600); err != nil {
			return t, fmt.Errorf("write vegeta's target: %w", err)
		}
		connections := strconv.Itoa(l.connections)
		_, cpu, err := peerOutput(ctx, l.length, nil, program, "attack", "-targets="+targets, "-body="+body, "-output="+results, "-duration="+l.length.String(),
			"-rate="+strconv.Itoa(int(l.rate)), "-workers="+connections, "-max-workers="+connections, "-connections="+connections)
		if err != nil {
			return t, err
		}
		out, _, err := peerOutput(ctx, l.length, nil, program, "report", "-type=json", results)
		if err != nil {
			return t, err
		}
		return readVegeta(out, cpu)
	})
}

func readVegeta(out string, cpu time.Duration) (httpTurn, error) {
	var said struct {
		Latencies struct {
			Median time.Duration `json:"50th"`
			P99    time.Duration `json:"99th"`
			Max    time.Duration `json:"max"`
		} `json:"latencies"`
		Duration time.Duration `json:"duration"`
		Wait     time.Duration `json:"wait"`
		Requests int64         `json:"requests"`
		Success  float64       `json:"success"`
		Errors   []string      `json:"errors"`
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		return httpTurn{}, fmt.Errorf("vegeta's report: %w:\n%s", err, out)
	}
	if said.Success < 1 {
		return httpTurn{}, fmt.Errorf("vegeta: %.3f of %d requests succeeded: %v", said.Success, said.Requests, said.Errors)
	}
	return httpTurn{Answers: said.Requests, Elapsed: said.Duration + said.Wait, P50: said.Latencies.Median, P99: said.Latencies.P99, Max: said.Latencies.Max, cpu: cpu}, nil
}

var (
	heyRan    = regexp.MustCompile(`Total:\s+([\d.]+) secs`)
	heyMax    = regexp.MustCompile(`Slowest:\s+([\d.]+) secs`)
	heyMedian = regexp.MustCompile(`50%%? in ([\d.]+) secs`)
	heyP99    = regexp.MustCompile(`99%%? in ([\d.]+) secs`)
	heyDone   = regexp.MustCompile(`\[200\]\s+(\d+) responses`)
	heyFailed = regexp.MustCompile(`(?s)Error distribution:.*|\[[1345]\d\d\]\s+\d+ responses`)
)

// runHey runs hey, whose rate is each worker's.
func runHey(ctx context.Context, program string, l httpLoad) (httpTurn, error) {
	args := []string{"-z", l.length.String(), "-c", strconv.Itoa(l.connections), "-m", "POST", "-T", "application/json", "-d", l.body}
	if l.rate > 0 {
		args = append(args, "-q", strconv.FormatFloat(l.rate/float64(l.connections), 'f', -1, 64))
	}
	out, cpu, err := peerOutput(ctx, l.length, nil, program, append(args, l.address)...)
	if err != nil {
		return httpTurn{}, err
	}
	return readHey(out, cpu)
}

func readHey(out string, cpu time.Duration) (httpTurn, error) {
	if failed := heyFailed.FindString(out); failed != "" {
		return httpTurn{}, fmt.Errorf("hey: %s", failed)
	}
	r := report{peer: "hey", text: out}
	t := httpTurn{Answers: r.count(heyDone), Elapsed: r.took(heyRan, "s"), P50: r.took(heyMedian, "s"), P99: r.took(heyP99, "s"), Max: r.took(heyMax, "s"), cpu: cpu}
	return t, r.err
}

// k6Script has as many virtual users as there are connections. One that sends at a rate starts no iteration while all of them wait.
const k6Script = `import http from 'k6/http'
export const options = {
  summaryTrendStats: ['med', 'p(99)', 'max'],
  thresholds: {http_req_failed: ['rate==0']},
  scenarios: {all: %s},
}
const body = %q
const params = {headers: {'Content-Type': 'application/json'}}
export default function () { http.post(%q, body, params) }
export function handleSummary(data) { return {stdout: JSON.stringify(data)} }
`

// runK6 runs k6 with a script.
func runK6(ctx context.Context, program string, l httpLoad) (httpTurn, error) {
	return inFolder(ctx, "k6", func(dir string) (t httpTurn, err error) {
		scenario := fmt.Sprintf("{executor: 'constant-vus', vus: %d, duration: '%v', gracefulStop: '10s'}", l.connections, l.length)
		if l.rate > 0 {
			scenario = fmt.Sprintf("{executor: 'constant-arrival-rate', rate: %.0f, timeUnit: '1s', duration: '%v', preAllocatedVUs: %[3]d, maxVUs: %[3]d, gracefulStop: '10s'}",
				l.rate, l.length, l.connections)
		}
		script := filepath.Join(dir, "post.js")
		if err := os.WriteFile(script, fmt.Appendf(nil, k6Script, scenario, l.body, l.address), 0o600); err != nil {
			return t, fmt.Errorf("write k6's script: %w", err)
		}
		out, cpu, err := peerOutput(ctx, l.length, []string{"K6_NO_USAGE_REPORT=true", "K6_LOG_OUTPUT=none"}, program, "run", "--quiet", "--no-color", script)
		if err != nil {
			return t, err
		}
		return readK6(out, cpu)
	})
}

func readK6(out string, cpu time.Duration) (httpTurn, error) {
	var said struct {
		Metrics struct {
			Requests k6Metric `json:"http_reqs"`
			Failed   k6Metric `json:"http_req_failed"`
			Took     k6Metric `json:"http_req_duration"`
		} `json:"metrics"`
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		return httpTurn{}, fmt.Errorf("k6's report: %w:\n%s", err, out)
	}
	m, r := &said.Metrics, report{peer: "k6", text: out}
	t := httpTurn{
		Answers: int64(r.value(m.Requests, "count")), Elapsed: time.Duration(r.value(m.Requests, "count") / r.value(m.Requests, "rate") * float64(time.Second)),
		P50: r.milliseconds(m.Took, "med"), P99: r.milliseconds(m.Took, "p(99)"), Max: r.milliseconds(m.Took, "max"), cpu: cpu,
	}
	if failed := r.value(m.Failed, "rate"); failed > 0 {
		return httpTurn{}, fmt.Errorf("k6: %v of %d requests failed", failed, t.Answers)
	}
	return t, r.err
}

// k6Metric is one of a summary's, by what it says of the metric.
type k6Metric struct {
	Values map[string]float64 `json:"values"`
}

func (r *report) value(m k6Metric, which string) float64 {
	v, ok := m.Values[which]
	if !ok && r.err == nil {
		r.err = fmt.Errorf("%s's report lacks %q:\n%s", r.peer, which, r.text)
	}
	return v
}

func (r *report) milliseconds(m k6Metric, which string) time.Duration {
	return time.Duration(r.value(m, which) * float64(time.Millisecond))
}
