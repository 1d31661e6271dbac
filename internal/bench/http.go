package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"
)

// generator is one of those that send requests.
type generator struct {
	name    string
	program string
	install string // what brings it
	run     func(ctx context.Context, program string, l httpLoad) (httpTurn, error)
}

// httpLoad is what a generator is to do: POST body to address.
type httpLoad struct {
	address     string
	body        string
	connections int
	rate        float64 // requests a second that are due; 0: each as soon as its connection is free
	length      time.Duration
}

// httpTurn is what a generator says that it has done.
type httpTurn struct {
	Answers       int64
	Elapsed       time.Duration
	P50, P99, Max time.Duration
	cpu           time.Duration // of its process, from its start to its end
}

// httpBody is as long as lastseat's with its values.
const (
	httpTemplate = `{"client": "{client}", "id": "{id}"}`
	httpBody     = `{"client": "a", "id": "5ea70000-0000-4000-8000-000000000001"}`
)

// lastseatHTTP are the clients that `lastseat run FILE -d` has.
func lastseatHTTP() generator {
	return generator{name: "lastseat", run: func(ctx context.Context, _ string, l httpLoad) (httpTurn, error) { return ownHTTP(ctx, l) }}
}

// httpFigures print how many requests a second the generators send to a server of HTTP, at as many connections, and what they say of it
// when it stands still.
func (b *bench) httpFigures(ctx context.Context) (err error) {
	server, err := startHTTP(ctx, "http-server")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	var peers []generator
	fmt.Println()
	for _, p := range httpPeers() {
		found, err := exec.LookPath(p.program)
		if err != nil {
			fmt.Printf("%s is not here: %s\n", p.name, p.install)
			continue
		}
		p.program = found
		peers = append(peers, p)
	}
	return errors.Join(b.httpRates(ctx, server, peers), b.httpStalls(ctx, server, peers))
}

// httpRates prints rates.
func (b *bench) httpRates(ctx context.Context, server *httpServer, peers []generator) error {
	fmt.Printf("\n%d turns of %v each; POST with a body, a server in net/http on the same machine. CPU: of the generator, a request, its start included.\n\n", b.pairs, b.length)
	fmt.Println("| connections | lastseat requests/s | peer | peer requests/s | ratio | CPU, peer's (µs) |\n|--:|--:|---|--:|--:|--:|")
	var missing []error
	for _, connections := range clientCounts {
		l := httpLoad{address: server.address, body: httpBody, connections: connections, length: b.length}
		var own []httpTurn
		by := func(g generator) *side {
			return &side{run: func() (pace, error) {
				t, err := g.run(ctx, g.program, l)
				if err != nil || t.Answers == 0 {
					return pace{}, err
				}
				if g.name == lastseatHTTP().name {
					own = append(own, t)
				}
				return pace{rate: float64(t.Answers) / t.Elapsed.Seconds(), cpu: t.cpu / time.Duration(t.Answers)}, nil
			}}
		}
		ours := by(lastseatHTTP())
		sides := []*side{ours}
		for _, p := range peers {
			sides = append(sides, by(p))
		}
		inTurns(b.pairs, sides...)
		for i, p := range peers {
			theirs := sides[i+1]
			fmt.Printf("| %d | %s | %s | %s | %s | %s, %s |\n", connections, ours, p.name, theirs, ratio(ours.ratios(theirs)), ours.spent(), theirs.spent())
		}
		if len(peers) == 0 {
			fmt.Printf("| %d | %s | – | – | – | %s, – |\n", connections, ours, ours.spent())
		}
		b.record.addHTTP(connections, own)
		missing = append(missing, trouble(fmt.Sprintf("HTTP, %d connections", connections), sides...))
	}
	return errors.Join(missing...)
}

// stallRate is far below what the server could do, and stallTurn long enough to begin and end well.
const (
	stallRate        = 1000
	stallConnections = 8
	stallTurn        = 4 * time.Second
	stallTurns       = 3
)

// httpStalls prints what generators say of a server that stands still for a second.
func (b *bench) httpStalls(ctx context.Context, server *httpServer, peers []generator) error {
	turns := min(b.pairs, stallTurns)
	fmt.Printf("\nThe server stands still for %v within %v, once; %d connections; the medians of %d turns.\n\n", stall, stallTurn, stallConnections, turns)
	fmt.Println("| generator | requests | answers | p50 ms | p99 ms | max ms |\n|---|---|--:|--:|--:|--:|")
	var missing []error
	for _, g := range append([]generator{lastseatHTTP()}, peers...) {
		for _, rate := range []float64{stallRate, 0} {
			if rate > 0 && g.name == "wrk" || rate == 0 && g.name != "wrk" && g.name != "lastseat" {
				continue // wrk has no rate; one without it is enough
			}
			how := "as soon as a connection is free"
			if rate > 0 {
				how = fmt.Sprintf("%.0f a second are due", rate)
			}
			l := httpLoad{address: server.address, body: httpBody, connections: stallConnections, rate: rate, length: stallTurn}
			all, err := stalled(ctx, server, g, l, turns)
			if err != nil {
				fmt.Printf("| %s | %s | no figure: %s | | | |\n", g.name, how, oneLine(err.Error()))
				missing = append(missing, fmt.Errorf("%s while the server stands still: %w", g.name, err))
				continue
			}
			ms := func(of func(httpTurn) time.Duration) float64 { return middle(all, of).Seconds() * 1000 }
			fmt.Printf("| %s | %s | %d | %.1f | %.1f | %.0f |\n", g.name, how, middle(all, func(t httpTurn) int64 { return t.Answers }),
				ms(func(t httpTurn) time.Duration { return t.P50 }), ms(func(t httpTurn) time.Duration { return t.P99 }), ms(func(t httpTurn) time.Duration { return t.Max }))
		}
	}
	return errors.Join(missing...)
}

// stalled takes turns of one generator during each of which the server stands still once.
func stalled(ctx context.Context, server *httpServer, g generator, l httpLoad, turns int) (all []httpTurn, err error) {
	for range turns {
		stood := make(chan error, 1)
		go func() {
			time.Sleep(stallTurn / 4)
			stood <- server.stall(ctx)
		}()
		t, err := g.run(ctx, g.program, l)
		if err := errors.Join(err, <-stood); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// middle is the median of what turns have.
func middle[T cmp.Ordered](all []httpTurn, of func(httpTurn) T) T {
	var values []T
	for _, t := range all {
		values = append(values, of(t))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
