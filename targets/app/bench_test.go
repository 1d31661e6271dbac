package app_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/explore"
	"github.com/lastseat/lastseat/harness/serial"
	"github.com/lastseat/lastseat/targets/app"
)

// BenchmarkSchedules plays, judges and restores schedules of two requests, five statements each. Beside it stands what the two requests
// cost alone, at once and with nothing held, on as many lanes: the machine's share of it.
func BenchmarkSchedules(b *testing.B) {
	for _, engine := range []string{"postgres", "mariadb"} {
		for _, lanes := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/lanes=%d", engine, lanes), func(b *testing.B) { schedules(b, engine, lanes) })
		}
	}
}

func schedules(b *testing.B, engine string, lanes int) {
	p := open(b, file(b, engine, "seat/racy"), app.Options{Level: harness.ReadCommitted, Lanes: lanes})
	ctx := b.Context()
	played := make([]explore.Lane, lanes)
	for i, l := range p.Lanes() {
		l.Cast([]string{"seat-racy", "seat-racy"})
		l.SetTraits(p.Traits())
		judge, err := serial.New(p.Start(), nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, order := range [][]int{{}, {0}, {1}, {0, 1}, {1, 0}} {
			o, err := l.Serial(ctx, order)
			if err == nil {
				err = judge.Add(order, o)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		if err := l.Restore(ctx); err != nil {
			b.Fatal(err)
		}
		played[i] = explore.Lane{Player: l, Clear: l.Restore, Each: func(ctx context.Context, _ explore.Schedule) (explore.Judged, error) {
			o, err := l.Outcome(ctx)
			if err != nil {
				return explore.Judged{}, err
			}
			return explore.Judged{Broken: judge.Judge(o) == serial.Violation}, l.Restore(ctx)
		}}
	}
	bare := bareRequests(b, p, 50)
	b.ResetTimer()
	for n := 0; n < b.N; {
		s := explore.Search{Lanes: played, Full: true, Budget: min(b.N-n, 60)}
		found, err := s.Run(ctx)
		if err != nil {
			b.Fatal(err)
		}
		n += found.Run
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "schedules/s")
	b.ReportMetric(bare, "bare/s")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/bare, "of-bare")
}

// bareRequests is how many pairs of requests all lanes together answer in a second.
func bareRequests(b *testing.B, p *app.Program, n int) float64 {
	b.Helper()
	var all sync.WaitGroup
	spent := make([]time.Duration, len(p.Lanes()))
	for i, l := range p.Lanes() {
		all.Go(func() {
			for range n {
				begun := time.Now()
				l.Bare(b.Context())
				spent[i] += time.Since(begun)
				if err := l.Restore(b.Context()); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	rate := 0.0
	for _, d := range spent {
		rate += float64(n) / d.Seconds()
	}
	return rate
}
