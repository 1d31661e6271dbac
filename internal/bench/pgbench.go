package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/lastseat/lastseat/targets/local"
)

// pgbench runs the scripts of a row's shapes on a PostgreSQL server.
type pgbench struct {
	program string
	dsn     string
	options []string // settings of its sessions, as postgres -c takes them
}

func (p *pgbench) String() string { return "pgbench" }

func (p *pgbench) run(ctx context.Context, shapes []*shape, cells, clients int, d time.Duration) (t turn, err error) {
	u, err := url.Parse(p.dsn)
	if err != nil {
		return t, err
	}
	folder, err := local.NewFolder("lastseat-pgbench-")
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, folder.Remove(context.WithoutCancel(ctx))) }()
	dir := folder.Path()
	password, _ := u.User.Password()
	secret := filepath.Join(dir, "pgpass") // on no command line
	if err := os.WriteFile(secret, []byte("*:*:*:*:"+password+"\n"), 0o600); err != nil {
		return t, err
	}
	args := []string{
		"--no-vacuum", "--protocol=prepared", "--define=seq=0", "--client", strconv.Itoa(clients),
		"--jobs", strconv.Itoa(min(clients, runtime.NumCPU())), "--time", strconv.Itoa(int(d.Seconds())),
		"--host", u.Hostname(), "--port", u.Port(), "--username", u.User.Username(), strings.TrimPrefix(u.Path, "/"),
	}
	for i, s := range shapes {
		script, err := s.pgbenchScript(cells)
		if err != nil {
			return t, err
		}
		file := filepath.Join(dir, fmt.Sprintf("%d-%s.sql", i, s.name))
		if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
			return t, err
		}
		args = append([]string{"--file", fmt.Sprintf("%s@%d", file, s.weight)}, args...)
	}
	out, cpu, err := peerOutput(ctx, d, []string{"PGPASSFILE=" + secret, "PGOPTIONS=-c " + strings.Join(p.options, " -c ")}, p.program, args...)
	if err != nil {
		return t, err
	}
	t, err = readPgbench(out, shapes)
	t.cpu = cpu
	return t, err
}

var (
	pgbenchProcessed = regexp.MustCompile(`number of transactions actually processed: (\d+)`)
	pgbenchFailed    = regexp.MustCompile(`number of failed transactions: (\d+)`)
	pgbenchTPS       = regexp.MustCompile(`tps = ([\d.]+) \(without initial connection time\)`)
	pgbenchScripts   = regexp.MustCompile(`SQL script \d+: .*/(\d+)-\w+\.sql\n(?: - .*\n)*? - (\d+) transactions`)
)

// pgbenchRate reads how many transactions pgbench's report has, and how many a second.
func pgbenchRate(out string) (processed, tps float64, err error) {
	number := func(re *regexp.Regexp) float64 {
		m := re.FindStringSubmatch(out)
		if m == nil {
			err = fmt.Errorf("pgbench's report lacks what %q finds:\n%s", re, out)
			return 0
		}
		n, _ := strconv.ParseFloat(m[1], 64) // the pattern takes digits only
		return n
	}
	processed, failed := number(pgbenchProcessed), number(pgbenchFailed)
	if err == nil && processed == 0 && failed == 0 {
		return 0, 0, slow("pgbench did no transaction in its time") // and reports no rate
	}
	tps = number(pgbenchTPS)
	if err == nil && (failed > 0 || tps == 0) {
		err = fmt.Errorf("pgbench: %v transactions failed, %v a second were done", failed, tps)
	}
	return processed, tps, err
}

// readPgbench takes pgbench's report apart.
func readPgbench(out string, shapes []*shape) (t turn, err error) {
	processed, tps, err := pgbenchRate(out)
	if err != nil {
		return t, err
	}
	for _, m := range pgbenchScripts.FindAllStringSubmatch(out, -1) {
		i, _ := strconv.Atoi(m[1])
		n, _ := strconv.ParseInt(m[2], 10, 64)
		if shapes[i].cells == 0 {
			t.reads += n
		}
	}
	t.ran = time.Duration(processed / tps * float64(time.Second))
	return t, nil
}

// pgbenchScript is the shape as a script of pgbench, over cells cells.
func (s *shape) pgbenchScript(cells int) (string, error) {
	var b scriptWriter
	b.line(`\set seq :seq + 1`)
	b.line(`\set op (:client_id + 1) * 4294967296 + :seq`)
	switch s.cells {
	case 0:
	case 1:
		b.line(`\set c0 random(0, %d)`, cells-1)
	case 2:
		b.line(`\set a random(0, %d)`, cells-1)
		b.line(`\set b random(0, %d)`, cells-2)
		b.line(`\if :b >= :a`)
		b.line(`\set b :b + 1`)
		b.line(`\endif`)
		b.line(`\set c0 least(:a, :b)`)
		b.line(`\set c1 greatest(:a, :b)`)
	default:
		return "", fmt.Errorf("%w: %s touches %d cells", errShape, s.name, s.cells)
	}
	if s.cells > 0 {
		b.line(`\set amount random(%d, %d)`, s.from, s.to)
	}
	fork := s.fork()
	b.statements(s.allowed.statements, 0, fork)
	if s.refused != nil {
		b.line(`\if %s`, s.condition(":", "and"))
		b.statements(s.allowed.statements, fork, len(s.allowed.statements))
		b.line(`\else`)
		b.statements(s.refused.statements, fork, len(s.refused.statements))
		b.line(`\endif`)
	}
	return b.String(), nil
}

// condition is the shape's guards, in a language that writes quantities with a sigil before them.
func (s *shape) condition(sigil, and string) string {
	var all []string
	for _, g := range s.guards {
		var sum []string
		for _, c := range g.cells {
			sum = append(sum, sigil+s.allowed.value[c])
		}
		all = append(all, fmt.Sprintf("%s + %d * %samount >= %d", strings.Join(sum, " + "), g.times, sigil, g.min))
	}
	return strings.Join(all, " "+and+" ")
}

// text writes e in a language that writes quantities with a sigil before them.
func (e expr) text(sigil string) string {
	switch {
	case e.first == "":
		return fmt.Sprint(e.plus)
	case e.second != "" && e.minus:
		return fmt.Sprintf("%s%s - %s%s", sigil, e.first, sigil, e.second)
	case e.second != "":
		return fmt.Sprintf("%s%s + %s%s", sigil, e.first, sigil, e.second)
	case e.minus:
		return "-" + sigil + e.first
	case e.plus != 0:
		return fmt.Sprintf("%s%s + %d", sigil, e.first, e.plus)
	}
	return sigil + e.first
}

type scriptWriter struct{ strings.Builder }

func (b *scriptWriter) line(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }

var placeholder = regexp.MustCompile(`\$\d+`)

// statements writes a strategy's statements from … to-1. Their arguments stay arguments: pgbench binds each variable.
func (b *scriptWriter) statements(all []statement, from, to int) {
	for i := from; i < to; i++ {
		s := &all[i]
		var names []string
		for j, meanings := range s.args {
			name := meanings[0].first
			if name == "" || meanings[0] != (expr{first: name}) {
				name = fmt.Sprintf("x%d_%d", i, j)
				b.line(`\set %s %s`, name, meanings[0].text(":"))
			}
			names = append(names, name)
		}
		n := 0
		sql := placeholder.ReplaceAllStringFunc(s.sql, func(string) string {
			n++
			return ":" + names[n-1]
		})
		if len(s.columns) > 0 {
			b.line(`%s \gset a%d_`, sql, i)
		} else {
			b.line(`%s;`, sql)
		}
	}
}
