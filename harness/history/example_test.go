package history_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/engine"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/store"
	"github.com/lastseat/lastseat/targets/memory"
	"github.com/lastseat/lastseat/workloads"
)

// Anybody can judge a recorded history again, without the store that it came from: here the last seat is sold twice.
func ExampleRead() {
	const recorded = `{"lastseat":"history","version":5,"label":{"workload":"seats","target":"shop","strategy":"naive","isolation":"none"},"seed":7,"server":{"product":"shop","version":"1","default_isolation":"none","settings":[],"durable":false,"throwaway":false,"connections":0},"config":{},"start":{"groups":[{"table":"stock","column":"available","first":0,"len":1}],"journal":"orders","values":[1],"versions":[0]}}
{"id":4294967297,"op":"buy","process":0,"seq":1,"outcome":"ok","invoke":1000,"begin":1000,"end":2000,"tries":1,"do":[{"cell":0,"kind":"writes","delta":-1,"value":1,"version":0}]}
{"id":8589934593,"op":"buy","process":1,"seq":1,"outcome":"ok","invoke":1100,"begin":1100,"end":2100,"tries":1,"do":[{"cell":0,"kind":"writes","delta":-1,"value":1,"version":0}]}
{"journal":{"id":4294967297,"cell":0,"delta":-1,"version":1}}
{"journal":{"id":8589934593,"cell":0,"delta":-1,"version":2}}
{"final":{"operations":2,"entries":2,"values":[0],"versions":[2]}}
`
	file, err := history.Read(strings.NewReader(recorded), "shop.jsonl")
	if err != nil {
		panic(err)
	}
	w, err := workloads.New(file.Header.Label.Workload, workloads.Config{Cells: file.Header.Start.Groups[0].Len})
	if err != nil {
		panic(err)
	}
	j := engine.Judge(context.Background(), file.History, w.Checks(), nil, nil, 1000)
	fmt.Println(file.Header.Label, "is", j.Verdict)
	for _, r := range j.Results {
		fmt.Println(r.Checker.Name, r.Violations)
	}
	// Output:
	// shop/naive is unsafe
	// oversold 1
	// journal 0
	// conservation 1
	// lost-sales 0
}

// A row is written while it runs: Append at each checkpoint, Finish at its end.
func ExampleWriter() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "lastseat-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "seats.jsonl.zst")

	w, err := workloads.New("seats", workloads.Config{})
	if err != nil {
		panic(err)
	}
	server, err := memory.Engine().Open(ctx, store.OpenConfig{})
	if err != nil {
		panic(err)
	}
	defer server.Close()
	offer, err := server.Row(store.RowSpec{Strategy: "mutex", Level: harness.NoLevel, Start: w.Init(), Samples: w.Samples()})
	if err != nil {
		panic(err)
	}
	row := engine.Row{Label: harness.Label{Workload: w.Name(), Target: "memory", Strategy: "mutex", Isolation: harness.NoLevel}, Workload: w, Target: offer.Target}
	cfg := engine.DefaultConfig()
	cfg.Ops = 10_000

	out, err := history.Create(path, history.Header{Label: row.Label, Seed: cfg.Seed, Server: server.Info(), Start: w.Init()})
	if err != nil {
		panic(err)
	}
	cfg.Checkpoint = out.Append
	report, err := engine.Run(ctx, row, cfg)
	if err != nil {
		panic(err)
	}
	if err := out.Finish(report.History.Final); err != nil {
		panic(err)
	}
	if err := out.Close(); err != nil {
		panic(err)
	}

	file, err := history.Open(path)
	if err != nil {
		panic(err)
	}
	again := engine.Judge(ctx, file.History, w.Checks(), nil, nil, cfg.MinTrials)
	fmt.Println(file.History.Len(), "operations; the same verdict:", again.Verdict == report.Verdict)
	// Output: 10000 operations; the same verdict: true
}
