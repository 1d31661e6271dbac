package sqldb

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// answer is an error of a server that answers.
type answer struct{}

func (answer) Error() string { return "no room for another connection" }

// deaf is a connection that is there and of no use.
type deaf struct{ Conn }

func (deaf) Dead() bool { return false }

// TestReconnect: whether a server is gone is not decided by the deadline of an attempt, but by asking it.
func TestReconnect(t *testing.T) {
	d := &Dialect{
		Code: func(err error) string {
			if errors.Is(err, answer{}) {
				return "1040"
			}
			return ""
		},
		Classify: func(err error) Class { return Class{Lost: !errors.Is(err, answer{})} },
	}
	after := func(wait time.Duration, err error) func(context.Context, store.Route) (Conn, error) {
		return func(ctx context.Context, _ store.Route) (Conn, error) {
			select {
			case <-time.After(wait):
				return deaf{}, err
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	}
	for name, c := range map[string]struct {
		connect func(context.Context, store.Route) (Conn, error)
		gone    bool
	}{
		"slow":    {after(time.Second, nil), false},
		"full":    {after(0, answer{}), false},
		"silent":  {after(time.Hour, nil), true},
		"refuses": {after(0, errors.New("connection refused")), true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPool(1, d, c.connect)
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				from := time.Now()
				_, err := p.take(ctx)
				if err == nil || errors.Is(err, harness.ErrServerLost) != c.gone {
					t.Errorf("an attempt of 100 ms ends with %v", err)
				}
				if took := time.Since(from); took > reachTimeout {
					t.Errorf("it took %v", took)
				}
				if p.lost() != c.gone {
					t.Errorf("the server counts as lost: %v", p.lost())
				}
				if name != "slow" {
					return
				}
				if s, err := p.take(t.Context()); err != nil || s.conn == nil {
					t.Errorf("the next attempt finds no connection: %v", err)
				}
			})
		})
	}
}

// TestWarmEndsAtTheFirstError: a server that does not answer is not asked once for each connection.
func TestWarmEndsAtTheFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &Dialect{Code: func(error) string { return "" }, Classify: func(error) Class { return Class{Lost: true} }}
		p := newPool(64, d, func(ctx context.Context, _ store.Route) (Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		from := time.Now()
		err := p.warm(t.Context(), harness.NoLevel, &store.Env{})
		if took := time.Since(from); !errors.Is(err, harness.ErrServerLost) || !errors.Is(err, ErrNoAnswer) || took > AnswerTimeout+time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}
