package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/record"
	"github.com/lastseat/lastseat/targets/wire"
)

// Recording is the file that what passes a Proxy is written to. The zero value is none.
type Recording struct {
	File       string
	Parameters bool // and literals are kept; else no value is written
}

// open makes the file, for its owner alone.
func (rec Recording) open() (*os.File, error) {
	switch {
	case rec.File == "-" || rec.File == "" && rec.Parameters:
		return nil, errors.New("--record must name a file, as in --record shop.jsonl; --record-parameters goes with it")
	case rec.File == "":
		return nil, nil //nolint:nilnil // there is none
	}
	f, err := os.OpenFile(rec.File, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--record: %w; make room there, or name another place", err)
	}
	return f, nil
}

// Proxy is the wire alone: a new database on a server (an engine's name, for a throwaway one, or a URL), and a proxy before it that
// listens at an address and holds nothing, until ctx ends. It says on out what a program is to be started with, and at the end how many
// passed.
func Proxy(ctx context.Context, engines []database.Engine, server, listen string, rec Recording, out io.Writer) (err error) {
	engine, dsn, err := find(engines, server)
	if err != nil {
		return err
	}
	if engine.Unwired {
		return fmt.Errorf("--database %s: programs on %s open a file, and there is nothing to stand between", engine.Name, engine.Product)
	}
	to, err := rec.open()
	if err != nil {
		return err
	}
	defer func() {
		if to != nil {
			err = errors.Join(err, to.Close())
		}
	}()
	s, err := engine.Open(ctx, dsn, false)
	if err != nil {
		return fmt.Errorf("database %s: %w", engine.Name, err)
	}
	defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(ctx))) }()
	db, err := s.Create(ctx, newName())
	if err != nil {
		return err
	}
	way, err := db.Proxied(database.Sessions{})
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
	p, err := proxy.New(ctx, listen, way, account, nil, 0)
	if err != nil {
		return err
	}
	about := s.About()
	end := rec.begin(ctx, p, to, db, record.Line{Engine: engine.Name, Server: about.Product + " " + about.Version, Level: about.Level}, out)
	defer func() { err = errors.Join(err, p.Close(), end()) }()
	fmt.Fprintf(out, "%s %s; the database is new, and dropped at the end (Ctrl-C). Start the program with:\nDATABASE_URL=%s\n", about.Product, about.Version,
		db.URL(p.Address().String(), url.UserPassword(account.User, account.Password)))
	if about.Rights != "" {
		fmt.Fprintln(out, about.Rights)
	}
	<-ctx.Done()
	_, err = fmt.Fprintln(out, cameThrough(p.Counts()))
	return errors.Join(err, p.Trouble())
}

// cameThrough says what passed a proxy.
func cameThrough(c wire.Counts) string {
	refused := int64(0)
	for _, n := range c.Errors {
		refused += n
	}
	return fmt.Sprintf("Came through: statements %d, of these refused %d; transactions %d.", c.Statements, refused, c.Transactions)
}

// begin has what passes a proxy written down. The answer ends that, once the proxy is closed.
func (rec Recording) begin(ctx context.Context, p *proxy.Proxy, to *os.File, db database.Database, header record.Line, out io.Writer) (end func() error) {
	if to == nil {
		return func() error { return nil }
	}
	r := record.New(ctx, to, &record.Options{Header: header, Protocol: p.Protocol(), Parameters: rec.Parameters, Catalog: db.Catalog})
	p.Watch(r)
	return func() error {
		n, err := r.Close()
		if err != nil {
			return fmt.Errorf("--record: %w", err)
		}
		_, err = fmt.Fprintf(out, "%d statements were recorded.\n", n)
		return err
	}
}
