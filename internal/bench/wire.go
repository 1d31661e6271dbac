package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/lastseat/lastseat/targets/local"
	"github.com/lastseat/lastseat/targets/postgres"
)

// wireTurn is short: what else the machine does drifts, and is larger than what is measured.
const wireTurn = time.Second

// wireRows are pgbench's own scripts, and the settings of their sessions.
var wireRows = []struct {
	script, commit string
	clients        int
}{
	{"tpcb-like", "on", 8},
	{"tpcb-like", "off", 8},
	{"select-only", "off", 8},
	{"select-only", "off", 64},
}

// wireFigures print what `lastseat proxy` takes of a program's speed: of a shop's, and of pgbench's, which does nothing but ask.
func (b *bench) wireFigures(ctx context.Context) error {
	return errors.Join(b.shopFigures(ctx), b.wirePgbench(ctx))
}

// wirePgbench prints pgbench's own scripts directly and through the proxy, in turns.
func (b *bench) wirePgbench(ctx context.Context) error {
	turns, scale := b.pairs, 10
	if turns == 1 {
		scale = 1
	}
	fmt.Printf("\n%d interleaved pairs of %v; ratio: pgbench -M prepared (scale %d) through `lastseat proxy` by the same directly.\n"+
		"select-only asks once a transaction, tpcb-like seven times.\n\n", turns, wireTurn, scale)
	fmt.Println("| script | synchronous_commit | clients | direct tps | through the proxy | ratio | proxy's CPU a transaction |\n|---|---|--:|--:|--:|--:|--:|")
	return withServer(ctx, postgres.Program(), func(s *local.Server) error {
		w, err := startWire(ctx, s.DSN())
		if err == nil {
			_, err = w.pgbench(ctx, w.direct, "off", "--initialize", "--quiet", "--scale="+strconv.Itoa(scale))
		}
		if err != nil {
			err = errors.Join(err, w.stop(ctx))
			fmt.Printf("| – | no figure: %s | | | | | |\n", oneLine(err.Error()))
			return err
		}
		var missing []error
		for _, row := range wireRows {
			done, before := 0.0, w.cpu() // of what came through
			by := func(address string) *side {
				return &side{run: func() (pace, error) {
					out, err := w.pgbench(ctx, address, row.commit, "--builtin="+row.script, "--no-vacuum", "--protocol=prepared", "--client="+strconv.Itoa(row.clients),
						"--jobs="+strconv.Itoa(min(row.clients, runtime.NumCPU())), "--time="+strconv.Itoa(int(wireTurn.Seconds())))
					if err != nil {
						return pace{}, err
					}
					n, tps, err := pgbenchRate(out)
					if address == w.through {
						done += n
					}
					return pace{rate: tps}, err
				}}
			}
			direct, through := by(w.direct), by(w.through)
			inTurns(turns, direct, through)
			fmt.Printf("| %s | %s | %d | %s | %s | %s | %s |\n", row.script, row.commit, row.clients, direct, through, ratio(through.ratios(direct)), w.spent(before, done))
			missing = append(missing, trouble("lastseat proxy, "+row.script, direct, through))
		}
		return errors.Join(append(missing, w.stop(ctx))...)
	})
}

// wireProxy is a `lastseat proxy` that runs, and a new database that both addresses lead to.
type wireProxy struct {
	folder          *local.Folder
	process         *exec.Cmd
	direct, through string
}

// startWire starts `lastseat proxy` before the server of a URL. The caller must stop it, also where there is an error.
func startWire(ctx context.Context, server string) (w *wireProxy, err error) {
	w = &wireProxy{}
	if w.folder, err = local.NewFolder("lastseat-wire-"); err != nil {
		return w, fmt.Errorf("make a folder for the program: %w", err)
	}
	program, err := buildLastseat(ctx, w.folder)
	if err != nil {
		return w, err
	}
	w.process = exec.CommandContext(ctx, program, "proxy", "--database", server)
	w.process.Stderr = os.Stderr
	out, err := w.process.StdoutPipe()
	if err != nil {
		return w, fmt.Errorf("read what lastseat proxy says: %w", err)
	}
	if err := w.process.Start(); err != nil {
		return w, fmt.Errorf("start lastseat proxy: %w", err)
	}
	lines := bufio.NewScanner(out)
	for w.through == "" && lines.Scan() {
		if address, is := strings.CutPrefix(lines.Text(), "DATABASE_URL="); is {
			w.through = address
		}
	}
	to, err := url.Parse(w.through)
	if w.through == "" || err != nil {
		return w, errors.Join(errors.New("lastseat proxy ended without a DATABASE_URL"), err)
	}
	direct, err := url.Parse(server)
	if err != nil {
		return w, fmt.Errorf("the server's address: %w", err)
	}
	direct.Path = to.Path
	w.direct = direct.String()
	return w, nil
}

// pgbench runs it at an address; the password is on no command line.
func (w *wireProxy) pgbench(ctx context.Context, address, commit string, args ...string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("pgbench's address: %w", err)
	}
	password, _ := u.User.Password()
	env := []string{
		"PGHOST=" + u.Hostname(), "PGPORT=" + u.Port(), "PGUSER=" + u.User.Username(), "PGPASSWORD=" + password, "PGDATABASE=" + strings.TrimPrefix(u.Path, "/"),
		"PGOPTIONS=-c synchronous_commit=" + commit,
		"PGSSLMODE=" + cmp.Or(u.Query().Get("sslmode"), "prefer"), // pgbench asks for TLS by itself, which the server does not have and the proxy does
	}
	out, _, err := peerOutput(ctx, wireTurn, env, "pgbench", args...)
	return out, err
}

// cpu is what the proxy has taken of processors so far; 0: this system does not say.
func (w *wireProxy) cpu() time.Duration {
	const tick = 10 * time.Millisecond // USER_HZ (proc(5)) is 100 for all that ask
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", w.process.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
}

// spent is the proxy's CPU for each of so many since it had taken before, as a cell of a table.
func (w *wireProxy) spent(before time.Duration, done float64) string {
	if spent := w.cpu() - before; spent > 0 && done > 0 {
		return fmt.Sprintf("%.0f µs", spent.Seconds()*1e6/done)
	}
	return "–"
}

// stop ends the proxy, which drops its database.
func (w *wireProxy) stop(ctx context.Context) error {
	var ended error
	if w.process != nil && w.process.Process != nil {
		ended = errors.Join(w.process.Process.Signal(os.Interrupt), w.process.Wait())
	}
	if w.folder == nil {
		return ended
	}
	return errors.Join(ended, w.folder.Remove(context.WithoutCancel(ctx)))
}
