package postgres

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/lastseat/lastseat/targets/wire"
)

// loginOf logs in for programs: with what a program's startup sets, but as the user of cfg, and with params before its own.
func loginOf(cfg *pgconn.Config, params map[string]string) func(context.Context, *wire.Request) (net.Conn, []byte, error) {
	return func(ctx context.Context, begin *wire.Request) (net.Conn, []byte, error) {
		own := cfg.Copy()
		own.RuntimeParams = maps.Clone(params)
		for name, value := range begin.Attributes {
			if name != "user" && name != "database" && name != "replication" {
				own.RuntimeParams[name] = value
			}
		}
		c, err := pgconn.ConnectConfig(ctx, own)
		if err != nil {
			return nil, nil, fmt.Errorf("the proxy cannot log in: %w", err)
		}
		h, err := c.Hijack()
		if err != nil {
			return nil, nil, fmt.Errorf("the proxy cannot log in: %w", err)
		}
		return h.Conn, greeting(h), nil
	}
}

// greeting is what a program is told that was let in.
func greeting(h *pgconn.HijackedConn) []byte {
	messages := []pgproto3.BackendMessage{&pgproto3.AuthenticationOk{}}
	for _, name := range slices.Sorted(maps.Keys(h.ParameterStatuses)) {
		messages = append(messages, &pgproto3.ParameterStatus{Name: name, Value: h.ParameterStatuses[name]})
	}
	messages = append(messages, &pgproto3.BackendKeyData{ProcessID: h.PID, SecretKey: h.SecretKey}, &pgproto3.ReadyForQuery{TxStatus: 'I'})
	var b []byte
	for _, m := range messages {
		b, _ = m.Encode(b) // these have no length that could be too large
	}
	return b
}

// refusal is what a program is told that is not let in.
func refusal(why string) []byte {
	b, _ := (&pgproto3.ErrorResponse{Severity: "FATAL", Code: "3D000", Message: "lastseat: " + why}).Encode(nil)
	return b
}
