package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/internal/compared"
)

// TestOwnHTTP: lastseat's clients send what peers send, to the byte count, each with an id of its own, and count each answer once; a server
// that refuses is a defect.
func TestOwnHTTP(t *testing.T) {
	var mu sync.Mutex
	bodies, refuse := map[string]int{}, false
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		bodies[string(body)]++
		if refuse {
			w.WriteHeader(http.StatusConflict)
		}
	}))
	defer s.Close()
	var out bytes.Buffer
	l := httpLoad{address: s.URL, connections: 2, rate: 50, length: 2 * time.Second}
	if err := sendHTTP(t.Context(), l, &out); err != nil {
		t.Fatal(err)
	}
	var turn httpTurn
	if err := json.Unmarshal(out.Bytes(), &turn); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	if turn.Answers == 0 || int(turn.Answers) != len(bodies) || turn.Elapsed <= 0 || turn.P99 < turn.P50 || turn.Max < turn.P99 {
		t.Errorf("%+v, and %d different bodies", turn, len(bodies))
	}
	for body, n := range bodies {
		if n != 1 || len(body) != len(httpBody) || !json.Valid([]byte(body)) {
			t.Errorf("%q came %d times, want once and as long as %q", body, n, httpBody)
		}
	}
	refuse = true
	mu.Unlock()
	if err := sendHTTP(t.Context(), l, &out); err == nil || !strings.Contains(err.Error(), "0 of ") {
		t.Errorf("a server that refuses: %v", err)
	}
}

const (
	wrkReport = `Running 2s test @ http://127.0.0.1:1
  2 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.61ms    4.70ms  90.83ms   96.76%
    Req/Sec     6.00k     1.39k    8.34k    65.99%
  Latency Distribution
     50%  554.00us
     75%    1.06ms
     90%    2.80ms
     99%   20.38ms
  23921 requests in 2.01s, 3.19MB read
Requests/sec:  11896.46
Transfer/sec:      1.59MB
`
	vegetaReport = `{"latencies":{"total":1,"mean":1,"50th":554000,"90th":3,"95th":4,"99th":20380000,"max":90830000,"min":1},"duration":2000000000,"wait":10000000,
"requests":23921,"rate":1,"throughput":1,"success":1,"status_codes":{"200":23921},"errors":[]}`
	k6Report = `{"root_group":{"name":"","checks":[]},"metrics":{"http_reqs":{"type":"counter","contains":"default","values":{"count":23921,"rate":11900.9950248}},
"http_req_failed":{"type":"rate","contains":"default","values":{"rate":0,"passes":0,"fails":23921},"thresholds":{"rate==0":{"ok":true}}},
"http_req_duration":{"type":"trend","contains":"time","values":{"med":0.554,"p(99)":20.38,"max":90.83}}}}`
	heyReport = `
Summary:
  Total:	2.0100 secs
  Slowest:	0.0908 secs
  Fastest:	0.0001 secs
  Average:	0.0024 secs
  Requests/sec:	11900.99

Latency distribution:
  50%% in 0.0006 secs
  99%% in 0.0204 secs

Status code distribution:
  [200]	23921 responses
`
)

// TestHTTPReports: peers' reports are read, and those in which something failed, or that lack a figure, are none.
func TestHTTPReports(t *testing.T) {
	near := func(a, b time.Duration) bool { return a-b < 100*time.Microsecond && b-a < 100*time.Microsecond }
	for _, try := range []struct {
		peer   string
		read   func(string, time.Duration) (httpTurn, error)
		report string
		broken []string // old, new
	}{
		{"wrk", readWrk, wrkReport, []string{
			"Requests/sec", "Non-2xx or 3xx responses: 3\nRequests/sec", "Requests/sec", "Socket errors: connect 0, read 3, write 0, timeout 0\nRequests/sec",
			"99% ", "98% ", "requests in", "in",
		}},
		{"vegeta", readVegeta, vegetaReport, []string{`"success":1`, `"success":0.999`, `{"latencies"`, `"latencies"`}},
		{"k6", readK6, k6Report, []string{`"values":{"rate":0`, `"values":{"rate":0.001`, `"count"`, `"n"`, `,"rate":1`, `,"r":1`, `"p(99)"`, `"p(95)"`, `"http_req_failed"`, `"failed"`, `{"root_group"`, `"root_group"`}},
		{"hey", readHey, heyReport, []string{"[200]\t2", "[409]\t7 responses\n  [200]\t2", "Status", "Error distribution:\n  [3] refused\nStatus", "99%%", "98%%", "Slowest", "Slow"}},
	} {
		turn, err := try.read(try.report, time.Second)
		if err != nil || turn.Answers != 23921 || !near(turn.Elapsed, 2010*time.Millisecond) || !near(turn.P50, 554*time.Microsecond) ||
			!near(turn.P99, 20380*time.Microsecond) || !near(turn.Max, 90830*time.Microsecond) || turn.cpu != time.Second {
			t.Errorf("%s: %+v, %v", try.peer, turn, err)
		}
		for i := 0; i < len(try.broken); i += 2 {
			text := strings.Replace(try.report, try.broken[i], try.broken[i+1], 1)
			if turn, err := try.read(text, 0); err == nil || text == try.report {
				t.Errorf("%s with %q: %+v, want an error", try.peer, try.broken[i+1], turn)
			}
		}
	}
}

// TestHTTPRecord: lastseat's turns of HTTP are the result of a run, and compared as one.
func TestHTTPRecord(t *testing.T) {
	var files []string
	for _, name := range []string{"old.json", "new.json"} {
		r := &record{}
		turn := httpTurn{Answers: 1000, Elapsed: time.Second}
		r.addHTTP(8, []httpTurn{turn, turn, turn})
		files = append(files, filepath.Join(t.TempDir(), name))
		if err := r.save(files[len(files)-1]); err != nil {
			t.Fatal(err)
		}
	}
	r, err := compared.Sides(files[:1], files[1:], nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 1 || !strings.Contains(r.Rows[0].Name, "http") || r.Samples() != 3 || len(r.Rows[0].Figures) == 0 {
		t.Errorf("%d samples; %+v", r.Samples(), r.Rows)
	}
}
