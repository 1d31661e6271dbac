package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/lastseat/lastseat/targets/app/proxy"
)

// entrance lets programs in to the database of cfg: asked for the password of their account, with what their startup sets, but as
// cfg's user at the server, and with params before their own.
func entrance(cfg *pgconn.Config, params map[string]string) func(context.Context, net.Conn, *proxy.Account) (*proxy.Entry, error) {
	return func(ctx context.Context, program net.Conn, a *proxy.Account) (*proxy.Entry, error) {
		g := &guest{program: program}
		switch err := g.begin(a); {
		case errors.Is(err, errNobody):
			return nil, nil
		case err != nil:
			return nil, g.refuse(err)
		case g.cancel != nil:
			return nil, g.passCancel(ctx, cfg)
		}
		if err := g.admit(a, cfg.Database); err != nil {
			return nil, g.refuse(err)
		}
		own := cfg.Copy()
		own.RuntimeParams = maps.Clone(params)
		for name, value := range g.startup.Parameters {
			if name != "user" && name != "database" && name != "replication" {
				own.RuntimeParams[name] = value
			}
		}
		c, err := pgconn.ConnectConfig(ctx, own)
		if err != nil {
			return nil, g.refuse(fmt.Errorf("the proxy cannot log in: %w", err))
		}
		h, err := c.Hijack()
		if err != nil {
			return nil, g.refuse(fmt.Errorf("the proxy cannot log in: %w", err))
		}
		welcome := greeting(h)
		if _, err := g.program.Write(welcome); err != nil {
			return nil, errors.Join(fmt.Errorf("let the program in: %w", err), h.Conn.Close())
		}
		startup, err := g.startup.Encode(nil)
		return &proxy.Entry{Program: g.program, Server: h.Conn, Said: []proxy.Said{{Program: true, Bytes: startup}, {Bytes: welcome}}}, err
	}
}

// greeting is what a program is told that was let in.
func greeting(h *pgconn.HijackedConn) []byte {
	messages := []pgproto3.BackendMessage{&pgproto3.AuthenticationOk{}}
	for _, name := range slices.Sorted(maps.Keys(h.ParameterStatuses)) {
		messages = append(messages, &pgproto3.ParameterStatus{Name: name, Value: h.ParameterStatuses[name]})
	}
	messages = append(messages, &pgproto3.BackendKeyData{ProcessID: h.PID, SecretKey: h.SecretKey}, &pgproto3.ReadyForQuery{TxStatus: 'I'})
	return encode(messages...)
}

func encode(messages ...pgproto3.BackendMessage) (b []byte) {
	for _, m := range messages {
		b, _ = m.Encode(b) // these have no length that could be too large
	}
	return b
}
