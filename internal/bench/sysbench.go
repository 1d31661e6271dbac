package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/lastseat/lastseat/targets/local"
)

// sysbench runs a row's shapes, as one Lua script, on a MySQL or MariaDB server. Its Lua cannot fetch from a prepared
// statement: what answers rows is sent as plain text.
type sysbench struct{ dsn, database string }

func (p *sysbench) String() string { return "sysbench" }

func (p *sysbench) run(ctx context.Context, shapes []*shape, cells, clients int, d time.Duration) (t turn, err error) {
	cfg, err := mysqldriver.ParseDSN(p.dsn)
	if err != nil {
		return t, fmt.Errorf("the server's DSN: %w", err)
	}
	host, port, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return t, fmt.Errorf("the server's address: %w", err)
	}
	script, err := sysbenchScript(shapes, cells)
	if err != nil {
		return t, err
	}
	folder, err := local.NewFolder("lastseat-sysbench-")
	if err != nil {
		return t, fmt.Errorf("make a folder for the script: %w", err)
	}
	defer func() { err = errors.Join(err, folder.Remove(context.WithoutCancel(ctx))) }()
	file, secret := filepath.Join(folder.Path(), "row.lua"), filepath.Join(folder.Path(), "options")
	if err := os.WriteFile(secret, []byte("mysql-password="+cfg.Passwd+"\n"), 0o600); err != nil { // on no command line
		return t, fmt.Errorf("write the password: %w", err)
	}
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return t, fmt.Errorf("write the script: %w", err)
	}
	out, cpu, err := peerOutput(ctx, d, nil, "sysbench", file, "--config-file="+secret, "--db-driver=mysql", "--mysql-host="+host, "--mysql-port="+port,
		"--mysql-user="+cfg.User, "--mysql-db="+p.database, "--threads="+strconv.Itoa(clients),
		"--time="+strconv.Itoa(int(d.Seconds())), "run")
	if err != nil {
		return t, err
	}
	m := sysbenchTime.FindStringSubmatch(out)
	if m == nil {
		return t, fmt.Errorf("sysbench's report has no total time:\n%s", out)
	}
	t.cpu = cpu
	t.ran, err = time.ParseDuration(m[1])
	for _, m := range sysbenchReads.FindAllStringSubmatch(out, -1) {
		n, _ := strconv.ParseInt(m[1], 10, 64) // the pattern takes digits only
		t.reads += n
	}
	return t, err
}

var (
	sysbenchTime  = regexp.MustCompile(`total time:\s+([\d.]+s)`)
	sysbenchReads = regexp.MustCompile(`(?m)^reads (\d+)$`)
)

// sysbenchScript is the shapes as a Lua script of sysbench.
func sysbenchScript(shapes []*shape, cells int) (string, error) {
	var b scriptWriter
	b.line("local con, seq, reads, prepared = nil, 0, 0, {}")
	b.line("local function query(sql) return con:query(sql) end")
	b.line("local function row(sql)")
	b.line("  local rs = con:query(sql)")
	b.line("  local r = rs:fetch_row()")
	b.line("  rs:free()")
	b.line("  return tonumber(r[1]), tonumber(r[2])")
	b.line("end")
	b.line("local function execute(sql, ...)")
	b.line("  local p, n = prepared[sql], select('#', ...)")
	b.line("  if not p then")
	b.line("    p = {st = con:prepare(sql)}")
	b.line("    for i = 1, n do p[i] = p.st:bind_create(sysbench.sql.type.BIGINT) end")
	b.line("    p.st:bind_param(unpack(p, 1, n))")
	b.line("    prepared[sql] = p")
	b.line("  end")
	b.line("  for i = 1, n do p[i]:set((select(i, ...))) end")
	b.line("  p.st:execute()")
	b.line("end")
	b.line("function thread_init() con = sysbench.sql.driver():connect() end")
	b.line("function thread_done() print('reads ' .. reads) end")
	total := 0
	for i, s := range shapes {
		total += s.weight
		if err := b.shape(i, s, cells); err != nil {
			return "", err
		}
	}
	b.line("function event()")
	b.line("  seq = seq + 1")
	b.line("  local op, draw = (sysbench.tid + 1) * 4294967296 + seq, sysbench.rand.uniform(1, %d)", total)
	upTo := 0
	for i, s := range shapes {
		upTo += s.weight
		b.line("  if draw <= %d then return shape%d(op) end", upTo, i)
	}
	b.line("end")
	return b.String(), nil
}

// shape writes a shape as a function of an operation's ID.
func (b *scriptWriter) shape(i int, s *shape, cells int) error {
	b.line("function shape%d(op) -- %s", i, s.name)
	switch s.cells {
	case 0:
		b.line("  reads = reads + 1")
	case 1:
		b.line("  local c0 = sysbench.rand.uniform(0, %d)", cells-1)
	case 2:
		b.line("  local a, b = sysbench.rand.uniform(0, %d), sysbench.rand.uniform(0, %d)", cells-1, cells-2)
		b.line("  if b >= a then b = b + 1 end")
		b.line("  local c0, c1 = math.min(a, b), math.max(a, b)")
	default:
		return fmt.Errorf("%w: %s touches %d cells", errShape, s.name, s.cells)
	}
	if s.cells > 0 {
		b.line("  local amount = sysbench.rand.uniform(%d, %d)", s.from, s.to)
	}
	fork := s.fork()
	b.lua(s.allowed.statements, 0, fork)
	if s.refused != nil {
		b.line("  if %s then", s.condition("", "and"))
		b.lua(s.allowed.statements, fork, len(s.allowed.statements))
		b.line("  else")
		b.lua(s.refused.statements, fork, len(s.refused.statements))
		b.line("  end")
	}
	b.line("end")
	return nil
}

// lua writes a strategy's statements from … to-1.
func (b *scriptWriter) lua(all []statement, from, to int) {
	for i := from; i < to; i++ {
		s := &all[i]
		var args []string
		for _, meanings := range s.args {
			args = append(args, meanings[0].text(""))
		}
		switch list := strings.Join(args, ", "); {
		case len(s.columns) > 0:
			var names []string
			for _, column := range s.columns {
				names = append(names, fmt.Sprintf("a%d_%s", i, column))
			}
			text := strings.ReplaceAll(s.sql, "?", "%d")
			b.line("  local %s = row(string.format(%q, %s))", strings.Join(names, ", "), text, list)
		case len(args) > 0:
			b.line("  execute(%q, %s)", s.sql, list)
		default:
			b.line("  query(%q)", s.sql)
		}
	}
}
