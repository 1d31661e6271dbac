package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lastseat/lastseat/targets/app/database"
	"github.com/lastseat/lastseat/targets/app/process"
	"github.com/lastseat/lastseat/targets/app/proxy"
	"github.com/lastseat/lastseat/targets/app/spec"
	"github.com/lastseat/lastseat/targets/app/statement"
)

// open makes the lane's database and fills it, and starts the copies. A program without a set-up makes its tables itself, when it
// starts.
func (l *Lane) open(ctx context.Context) error {
	p := l.program
	db, err := p.server.Create(ctx, newName())
	if err != nil {
		return err
	}
	p.dbs[db.Name()] = db
	l.store = &database.Store{Database: db}
	if err := l.fill(ctx, "setup", p.Setup); err != nil {
		return err
	}
	if len(p.Setup) == 0 {
		if err := l.start(ctx, 1); err != nil {
			return err
		}
	}
	if err := l.hasTables(ctx); err != nil {
		return err
	}
	if err := l.fill(ctx, "seed", p.Seed); err != nil {
		return err
	}
	if err := l.start(ctx, cmp.Or(p.options.Copies, p.options.Clients)); err != nil {
		return err
	}
	if l.store, err = database.Keep(ctx, db); err != nil {
		return err
	}
	l.installGates(ctx)
	server, err := db.Proxied(p.sessions())
	if err != nil {
		return err
	}
	l.reader.Store(statement.NewReader(server.Protocol, l.store.Catalog))
	return nil
}

// start starts copies until there are n.
func (l *Lane) start(ctx context.Context, n int) error {
	if l.program.Attach != "" {
		return l.attach(ctx)
	}
	for len(l.copies) < n {
		in, err := l.begin(ctx, len(l.copies))
		if err != nil {
			return err
		}
		l.copies = append(l.copies, in)
	}
	return nil
}

// hasTables stops before the seed is written and requests are made, where a program or a set-up has ignored its address.
func (l *Lane) hasTables(ctx context.Context) error {
	c, err := l.store.Database.Catalog(ctx)
	if err != nil {
		return err
	}
	if len(c.Tables) > 0 {
		return nil
	}
	who := "the setup"
	if len(l.program.Setup) == 0 {
		who = fmt.Sprintf("the program %q", l.program.App)
		if err := l.copies[0].proxy.Trouble(); err != nil {
			return fmt.Errorf("%s made no tables: %w", who, err)
		}
	}
	return fmt.Errorf("%s made no tables in the database that it was given: it ignored DATABASE_URL; nothing more was run. It was given %s, and what env: names",
		who, VariableNames)
}

// fill runs what a file has for setup or seed. Commands go through a proxy, like the program.
func (l *Lane) fill(ctx context.Context, key string, sources []spec.Source) (err error) {
	for _, s := range sources {
		switch {
		case s.Run != "":
			err = l.command(ctx, s.Run)
		case s.File != "":
			var text []byte
			if text, err = os.ReadFile(filepath.Join(l.program.Dir(), s.File)); err == nil {
				err = l.store.Exec(ctx, string(text))
			}
		default:
			err = l.store.Exec(ctx, s.SQL)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

// command runs a command that finds the database as the program does.
func (l *Lane) command(ctx context.Context, line string) (err error) {
	server, err := l.store.Proxied(l.program.sessions())
	if err != nil {
		return err
	}
	through, err := proxy.New(ctx, "127.0.0.1:0", server, l.program.account, nil, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, through.Close()) }()
	values := l.program.values(l.store, through)
	env := environment(values)
	for _, v := range l.program.Env {
		env = append(env, v.Name+"="+values.Fill(v.Value))
	}
	if err := process.Run(ctx, process.Command{Line: values.Fill(line), Dir: l.program.Dir(), Env: env}); err != nil {
		return err
	}
	if through.Trouble() != nil {
		return through.Trouble()
	}
	if through.Batches() == 0 && !l.program.engine.Unwired {
		return fmt.Errorf("%q sent no statement to the database that it was given: it ignored DATABASE_URL. It was given %s, and what env: names", line, VariableNames)
	}
	return nil
}
