package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/lastseat/lastseat/targets/sqldb"
)

// frontend speaks PostgreSQL's protocol (manual, chapter 55) with pgx's messages over a connection that pgx has opened. A
// statement is prepared together with its first use, and from then on is one write and one read. What pgx does on top of
// that (a timer for each write, a description of each answer) is a good part of a short statement's price.
type frontend struct {
	*pgconn.HijackedConn
	cutoff   sqldb.Cutoff
	prepared map[string]string // names of statements, by text
	names    int               // given so far
	fresh    []string          // texts that are being prepared
	dead     bool
	unnamed  bool              // nothing is prepared for the next time
	before   pgconn.CommandTag // of the last statement but one
	status   byte              // of the transaction, when the server was last ready

	bind   pgproto3.Bind
	asText bool   // the next statement's answer is wanted as text
	ended  func() // called when a statement's answer is complete; nil: nobody asks
	params []byte // the text of bind's parameters, one after the other
}

// binary has answers come in binary form.
var binary = []int16{pgproto3.BinaryFormat}

func takeOver(c *pgconn.PgConn) (*frontend, error) {
	h, err := c.Hijack()
	if err != nil {
		return nil, fmt.Errorf("take the connection over: %w", err)
	}
	w := &frontend{HijackedConn: h, prepared: map[string]string{}}
	w.cutoff.Cut = func() { _ = h.Conn.SetDeadline(time.Unix(1, 0)) } // it fails where the connection is lost
	return w, nil
}

// execute queues a statement; one that is kept is prepared for the next time. Its arguments are integers.
func (w *frontend) execute(sql string, args []any, keep bool) {
	keep = keep && !w.unnamed
	name, known := w.prepared[sql]
	if !known {
		if keep {
			w.names++
			name = "s" + strconv.Itoa(w.names)
			w.prepared[sql] = name
			w.fresh = append(w.fresh, sql)
		}
		w.Frontend.SendParse(&pgproto3.Parse{Name: name, Query: sql})
	}
	w.bind.PreparedStatement = name
	w.bind.ResultFormatCodes = binary
	if w.asText {
		w.bind.ResultFormatCodes = nil
	}
	w.bind.Parameters, w.params = w.bind.Parameters[:0], w.params[:0]
	for _, a := range args {
		from := len(w.params)
		if n, ok := a.(int64); ok {
			w.params = strconv.AppendInt(w.params, n, 10)
		} else {
			w.params = fmt.Append(w.params, a)
		}
		w.bind.Parameters = append(w.bind.Parameters, w.params[from:len(w.params):len(w.params)])
	}
	w.Frontend.SendBind(&w.bind)
	w.Frontend.SendExecute(&pgproto3.Execute{})
}

var errClosed = errors.New("the connection is closed")

// usable says why nothing can be sent.
func (w *frontend) usable(ctx context.Context) error {
	if w.dead {
		return errClosed
	}
	return ctx.Err()
}

// sync sends what is queued, and hands each row of the answer to row. It answers the last statement's tag, or the first
// error: after one, the server skips what else was queued. A context that ends takes the connection with it.
func (w *frontend) sync(ctx context.Context, row func(values [][]byte) error) (tag pgconn.CommandTag, err error) {
	w.Frontend.SendSync(&pgproto3.Sync{})
	if err := w.cutoff.Enter(ctx); err != nil {
		w.lose(false) // what is queued would go out with the next statement
		return tag, err
	}
	tag, err, lost := w.exchange(row)
	if ended := w.cutoff.Leave(); ended || lost != nil {
		w.lose(ended)
		return tag, cmp.Or(err, ctx.Err(), lost)
	}
	if err != nil { // whether it was prepared is not known
		for _, sql := range w.fresh {
			delete(w.prepared, sql)
		}
	}
	w.fresh = w.fresh[:0]
	return tag, err
}

// exchange is the round trip. The error lost says that the connection is.
func (w *frontend) exchange(row func(values [][]byte) error) (tag pgconn.CommandTag, err, lost error) {
	if lost := w.Frontend.Flush(); lost != nil {
		return tag, nil, fmt.Errorf("send a statement: %w", lost)
	}
	for {
		message, lost := w.Frontend.Receive()
		if lost != nil {
			return tag, err, fmt.Errorf("read the answer: %w", lost)
		}
		switch m := message.(type) {
		case *pgproto3.DataRow:
			err = cmp.Or(err, row(m.Values))
		case *pgproto3.CommandComplete:
			w.before, tag = tag, pgconn.NewCommandTag(string(m.CommandTag))
			if w.ended != nil {
				w.ended()
			}
		case *pgproto3.NoticeResponse:
			if m.Routine == givesUp {
				err = cmp.Or(err, error(&unreplicatedError{m.Message}))
			}
		case *pgproto3.ErrorResponse:
			err = cmp.Or(err, error(pgconn.ErrorResponseToPgError(m)))
		case *pgproto3.ReadyForQuery:
			w.status = m.TxStatus
			return tag, err, nil
		}
	}
}

// givesUp is the function of the server that has a commit wait for a standby, and remarks where it does so no longer: the transaction has
// committed here, and the standby may not have it.
const givesUp = "SyncRepWaitForLSN"

// unreplicatedError is a commit that waited for a standby in vain.
type unreplicatedError struct{ remark string }

func (e *unreplicatedError) Error() string { return "the standby may not have it: " + e.remark }

// cancelTimeout bounds the goodbye to a connection on which a statement may still be under way.
const cancelTimeout = time.Second

// lose gives the connection up; where we do so ourselves, the server is asked to cancel what it is doing.
func (w *frontend) lose(cancel bool) {
	w.dead = true
	if c, err := pgconn.Construct(w.HijackedConn); err == nil && cancel {
		ctx, stop := context.WithTimeout(context.Background(), cancelTimeout)
		defer stop()
		_ = c.CancelRequest(ctx) // it need not come in time
	}
	_ = w.Conn.Close() // there is nothing left to say
}

// close says goodbye.
func (w *frontend) close() error {
	if w.dead {
		return nil
	}
	w.dead = true
	_ = w.Conn.SetDeadline(time.Now().Add(cancelTimeout)) // it fails where the connection is lost
	w.Frontend.Send(&pgproto3.Terminate{})
	_ = w.Frontend.Flush() // as above
	return w.Conn.Close()
}
