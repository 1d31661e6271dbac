package pgxcode

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/lastseat/lastseat/harness/explore/owncode"
)

// tracer announces what pgx is about to send. It implements pgx's tracers of queries, batches, copies and prepared statements.
type tracer struct {
	client *owncode.Client

	mu    sync.Mutex
	wires map[*pgproto3.Frontend]*wire
	joins map[*pgx.Conn]*joined
}

func newTracer(client *owncode.Client) *tracer {
	return &tracer{client: client, wires: map[*pgproto3.Frontend]*wire{}, joins: map[*pgx.Conn]*joined{}}
}

// tap has what a connection reads overheard.
func (t *tracer) tap(build pgconn.BuildFrontendFunc) pgconn.BuildFrontendFunc {
	return func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		overheard := &wire{Reader: r, known: map[string][]pgproto3.FieldDescription{}}
		f := build(overheard, w)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.wires[f] = overheard
		return f
	}
}

// joined is a connection of the client.
type joined struct {
	*wire
	release  func()
	prepared map[string]string // statements, by name
	under    *owncode.Statement
	sql      string // of what is under way
	asked    string // to be prepared
	batch    []string
}

func (t *tracer) join(c *pgx.Conn, release func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.joins[c] = &joined{wire: t.wires[c.PgConn().Frontend()], release: release, prepared: map[string]string{}}
}

func (t *tracer) leave(c *pgx.Conn) {
	t.mu.Lock()
	j := t.joins[c]
	delete(t.joins, c)
	delete(t.wires, c.PgConn().Frontend())
	t.mu.Unlock()
	if j != nil {
		j.release()
	}
}

// cut closes all connections under those who still use them.
func (t *tracer) cut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c, j := range t.joins {
		_ = c.PgConn().Conn().Close() // nobody is left to be told
		j.release()
	}
	clear(t.joins)
}

func (t *tracer) of(c *pgx.Conn) *joined {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.joins[c]
}

// announce waits for the statement's turn. Where it has none, the context that pgx goes on with has ended: pgx has no other way
// to be told.
func (t *tracer) announce(ctx context.Context, j *joined, sql string, args []any) context.Context {
	j.under, j.sql = nil, sql
	s, err := t.client.Announce(ctx, sql, args)
	if err != nil {
		ended, cancel := context.WithCancelCause(ctx)
		cancel(err)
		return ended
	}
	s.Returned() // rows may be read while other statements run: pgx does not say when its call returns
	j.under = s
	j.expect(sql)
	return ctx
}

func (j *joined) answered(got string, err error) {
	if s := j.under; s != nil {
		j.under = nil
		s.Answered(got, err)
	}
}

// TraceQueryStart announces a statement.
func (t *tracer) TraceQueryStart(ctx context.Context, c *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	j := t.of(c)
	if j == nil {
		return ctx
	}
	sql := data.SQL
	if text, ok := j.prepared[sql]; ok {
		sql = text
	}
	return t.announce(ctx, j, sql, values(data.Args))
}

// TraceQueryEnd notes the answer.
func (t *tracer) TraceQueryEnd(_ context.Context, c *pgx.Conn, data pgx.TraceQueryEndData) {
	j := t.of(c)
	if j == nil || j.under == nil {
		return
	}
	got := ""
	switch tag := data.CommandTag; {
	case tag.Select(), j.hasRows():
		got = j.seen(c.TypeMap())
	case tag.Insert(), tag.Update(), tag.Delete():
		got = rowCount(tag.RowsAffected())
	}
	j.answered(got, data.Err)
}

// TracePrepareStart announces nothing: preparing touches nothing.
func (t *tracer) TracePrepareStart(ctx context.Context, c *pgx.Conn, data pgx.TracePrepareStartData) context.Context {
	if j := t.of(c); j != nil {
		j.asked = data.SQL
		if data.Name != "" {
			j.prepared[data.Name] = data.SQL
		}
	}
	return ctx
}

// TracePrepareEnd notes what the statement's rows look like.
func (t *tracer) TracePrepareEnd(_ context.Context, c *pgx.Conn, data pgx.TracePrepareEndData) {
	if j := t.of(c); j != nil && data.Err == nil && !data.AlreadyPrepared {
		j.described(c.TypeMap(), j.asked, j.sql)
	}
}

// TraceBatchStart announces a batch as one statement: it is sent as one.
func (t *tracer) TraceBatchStart(ctx context.Context, c *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	j := t.of(c)
	if j == nil {
		return ctx
	}
	var texts []string
	var args []any
	for _, q := range data.Batch.QueuedQueries {
		texts = append(texts, q.SQL)
		args = append(args, values(q.Arguments)...)
	}
	j.batch = nil
	return t.announce(ctx, j, strings.Join(texts, "; ")+";  -- one batch", args)
}

// TraceBatchQuery notes the answer to one statement of a batch.
func (t *tracer) TraceBatchQuery(_ context.Context, c *pgx.Conn, data pgx.TraceBatchQueryData) {
	if j := t.of(c); j != nil && data.Err == nil {
		j.batch = append(j.batch, rowCount(data.CommandTag.RowsAffected()))
	}
}

// TraceBatchEnd notes the end of a batch.
func (t *tracer) TraceBatchEnd(_ context.Context, c *pgx.Conn, data pgx.TraceBatchEndData) {
	if j := t.of(c); j != nil {
		j.answered(strings.Join(j.batch, ", "), data.Err)
	}
}

// TraceCopyFromStart announces a copy.
func (t *tracer) TraceCopyFromStart(ctx context.Context, c *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	j := t.of(c)
	if j == nil {
		return ctx
	}
	sql := fmt.Sprintf("COPY %s (%s) FROM STDIN", data.TableName.Sanitize(), strings.Join(data.ColumnNames, ", "))
	return t.announce(ctx, j, sql, nil)
}

// TraceCopyFromEnd notes the end of a copy.
func (t *tracer) TraceCopyFromEnd(_ context.Context, c *pgx.Conn, data pgx.TraceCopyFromEndData) {
	if j := t.of(c); j != nil {
		j.answered(rowCount(data.CommandTag.RowsAffected()), data.Err)
	}
}

// values is arguments without pgx's options.
func values(args []any) []any {
	var kept []any
	for _, a := range args {
		switch a.(type) {
		case pgx.QueryExecMode, pgx.QueryResultFormats, pgx.QueryResultFormatsByOID:
		default:
			kept = append(kept, a)
		}
	}
	return kept
}

func rowCount(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}
