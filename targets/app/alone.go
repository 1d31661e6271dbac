package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
)

// Proxy is the wire alone: a new database on a server (an engine's name, for a throwaway one, or a URL), and a proxy before it that
// listens at an address and holds nothing, until ctx ends. It says on out what a program is to be started with, and at the end how many
// requests came.
func Proxy(ctx context.Context, engines []database.Engine, server, listen string, out io.Writer) (err error) {
	engine, dsn, err := find(engines, server)
	if err != nil {
		return err
	}
	s, err := engine.Open(ctx, dsn, false)
	if err != nil {
		return fmt.Errorf("database %s: %w", engine.Name, err)
	}
	defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(ctx))) }()
	db, err := s.Create(ctx, newName())
	if err != nil {
		return err
	}
	to, err := db.Proxied(database.Sessions{})
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("--listen is %q, must be an address with a port, like 127.0.0.1:5433", listen)
	}
	account, err := proxy.NewAccount(host)
	if err != nil {
		return err
	}
	p, err := proxy.New(ctx, listen, to, account, nil, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	about := s.About()
	fmt.Fprintf(out, "%s %s; the database is new, and dropped at the end (Ctrl-C). Start the program with:\nDATABASE_URL=%s\n", about.Product, about.Version,
		db.URL(p.Address().String(), url.UserPassword(account.User, account.Password)))
	if about.Rights != "" {
		fmt.Fprintln(out, about.Rights)
	}
	<-ctx.Done()
	_, err = fmt.Fprintf(out, "%d requests came through.\n", p.Batches())
	return errors.Join(err, cmp.Or(p.Trouble(), nil))
}
