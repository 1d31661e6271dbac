package sqldb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lastseat/lastseat/harness/store"
)

const (
	// AnswerTimeout bounds each statement of lastseat's own, beside those of the clients: a server that does not answer in this time
	// is taken not to answer at all.
	AnswerTimeout = 10 * time.Second
	// reachTimeout bounds the search for a server that a connection was lost to.
	reachTimeout = 5 * time.Second
)

// ErrNoAnswer is what errors match where a server did not answer in time.
var ErrNoAnswer = errors.New("the server does not answer")

// bounded is a Conn whose every statement has a deadline of its own. A statement that misses it takes the connection with it.
type bounded struct {
	Conn
	limit time.Duration
}

// Within calls do under the deadline. An error that comes of the deadline matches ErrNoAnswer.
func Within(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	short, cancel := context.WithTimeoutCause(ctx, limit, ErrNoAnswer)
	defer cancel()
	err := do(short)
	if err != nil && ctx.Err() == nil && short.Err() != nil {
		return &noAnswer{limit}
	}
	return err
}

// noAnswer is an error that comes of a deadline.
type noAnswer struct{ limit time.Duration }

func (e *noAnswer) Error() string { return fmt.Sprintf("%v: nothing came in %v", ErrNoAnswer, e.limit) }

// Is also answers for the deadline.
func (e *noAnswer) Is(target error) bool {
	return target == ErrNoAnswer || target == context.DeadlineExceeded
}

func (c *bounded) Query(ctx context.Context, sql string, args ...any) (got []int64, err error) {
	err = Within(ctx, c.limit, func(ctx context.Context) (err error) {
		got, err = c.Conn.Query(ctx, sql, args...)
		return err
	})
	return got, err
}

func (c *bounded) List(ctx context.Context, sql string, args ...any) (got []int64, err error) {
	err = Within(ctx, c.limit, func(ctx context.Context) (err error) {
		got, err = c.Conn.List(ctx, sql, args...)
		return err
	})
	return got, err
}

func (c *bounded) Exec(ctx context.Context, sql string, args ...any) (done Done, err error) {
	err = Within(ctx, c.limit, func(ctx context.Context) (err error) {
		done, err = c.Conn.Exec(ctx, sql, args...)
		return err
	})
	return done, err
}

func (c *bounded) Show(ctx context.Context, sql string) (reply store.Reply, err error) {
	err = Within(ctx, c.limit, func(ctx context.Context) (err error) {
		reply, err = c.Conn.Show(ctx, sql)
		return err
	})
	return reply, err
}

func (c *bounded) Text(ctx context.Context, sql string) (text string, err error) {
	err = Within(ctx, c.limit, func(ctx context.Context) (err error) {
		text, err = c.Conn.Text(ctx, sql)
		return err
	})
	return text, err
}

// Batch asks in one round trip where the connection can.
func (c *bounded) Batch(ctx context.Context, queries, statements []string) (answers [][]int64, err error) {
	err = Within(ctx, c.limit, func(ctx context.Context) (err error) {
		answers, err = ask(ctx, c.Conn, queries, statements)
		return err
	})
	return answers, err
}
