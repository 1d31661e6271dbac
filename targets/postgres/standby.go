package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lastseat/lastseat/targets/local"
)

// standbyOptions says how a standby follows its primary.
type standbyOptions struct {
	// delay is how long after its commit a transaction shows on the standby at the earliest (recovery_min_apply_delay, whole
	// milliseconds). On one machine the standby is a fraction of a millisecond behind, as no network is.
	delay     time.Duration
	extraArgs []string // appended to the primary's own
}

const (
	// lookAgain is how soon a standby that has lost its primary looks for it again; PostgreSQL's default is 5 s.
	lookAgain    = 100 * time.Millisecond
	settingsFile = "postgresql.auto.conf" // where ALTER SYSTEM writes
	// keptLog is how much of its log a primary keeps, so that a standby finds what it missed while the primary was killed and restarted.
	keptLog = "128MB"
	// keptSegments is the same before PostgreSQL 13, in files of 16 MB.
	keptSegments = "8"
	// streamTimeout bounds the wait for what a standby does at once on a machine that has nothing else to do.
	streamTimeout = 2 * time.Minute
	askAgain      = 5 * time.Millisecond
)

// standby makes a streaming replica of a throwaway server, and waits until it answers and receives. It is a throwaway server of its own,
// whose Kill, Restart and Stop leave the primary alone, and which outlives it; the caller must Stop it. *local.NotFoundError: there is
// no pg_basebackup that can copy this version.
func standby(ctx context.Context, primary *local.Server, opts standbyOptions) (*local.Server, error) {
	b := primary.Binary()
	program, err := baseBackupProgram(ctx, b)
	if err != nil {
		return nil, err
	}
	s, err := follow(ctx, primary, program, opts)
	if err != nil {
		return nil, fmt.Errorf("start a standby of the throwaway %s: %w", b, err)
	}
	return s, nil
}

func follow(ctx context.Context, primary *local.Server, program string, opts standbyOptions) (*local.Server, error) {
	keep := "wal_keep_size = '" + keptLog + "'"
	if major(primary.Binary()) < 13 {
		keep = "wal_keep_segments = " + keptSegments
	}
	if err := tell(ctx, primary, "ALTER SYSTEM SET "+keep, "SELECT pg_reload_conf()"); err != nil {
		return nil, err
	}
	settings, err := answerOf(ctx, primary, "SELECT pg_read_file('"+settingsFile+"')")
	if err != nil {
		return nil, err
	}
	own := primary.Options() // a standby refuses to answer where its limits are below the primary's
	own.ExtraArgs = slices.Concat(own.ExtraArgs, []string{
		"-c", fmt.Sprintf("recovery_min_apply_delay=%dms", opts.delay.Milliseconds()),
		"-c", fmt.Sprintf("wal_retrieve_retry_interval=%dms", lookAgain.Milliseconds()),
	}, opts.extraArgs)
	own.Password = primary.Password() // users are copied with all else
	own.Initialise = func(_ local.Binary, l local.Layout) []string { return baseBackup(program, l, primary.Port()) }
	own.Lay = func() []local.File { return follower(primary, settings) }
	s, err := local.Start(ctx, primary.Binary(), own)
	if err != nil {
		return nil, err
	}
	if err := until(ctx, s, "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')"); err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		return nil, errors.Join(fmt.Errorf("it receives nothing from its primary: %w", err), s.Stop(ctx))
	}
	return s, nil
}

// baseBackupProgram is the pg_basebackup that copies a server: the one beside its program, else that of another version, as a newer one
// copies older servers too. *local.NotFoundError: there is none.
func baseBackupProgram(ctx context.Context, b local.Binary) (string, error) {
	for _, other := range slices.Concat([]local.Binary{b}, local.All(ctx, b.Program)) {
		program := filepath.Join(filepath.Dir(other.Path), "pg_basebackup")
		if major(other) >= major(b) && runnable(program) {
			return program, nil
		}
	}
	return "", &local.NotFoundError{
		Engine: b.Program.Name,
		Hint:   "no program pg_basebackup of " + b.String() + " or a newer one found, which copies a server: install the client programs of " + b.String(),
	}
}

func major(b local.Binary) int {
	number, _, _ := strings.Cut(b.Version, ".")
	n, _ := strconv.Atoi(number) // a version of another form is taken for an old one
	return n
}

// baseBackup copies a primary's files over a connection. The copy is not synced to disk, as initdb's files are not.
func baseBackup(program string, l local.Layout, from int) []string {
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(l.Path(passFile))
	return []string{
		program, "--pgdata=" + l.Data, fmt.Sprintf("--dbname=host=127.0.0.1 port=%d user=postgres passfile='%s'", from, quoted),
		"--no-password", "--wal-method=stream", "--checkpoint=fast", "--no-sync",
	}
}

// follower is what makes a copy a standby, beside the primary's own settings. pg_basebackup does not write it: a newer one names options
// that older servers do not know.
func follower(primary *local.Server, settings string) []local.File {
	from := fmt.Sprintf("host=127.0.0.1 port=%d user=postgres password=%s", primary.Port(), primary.Password())
	return []local.File{
		{Name: "standby.signal"},
		{Name: settingsFile, Content: settings + "primary_conninfo = '" + from + "'\n"},
	}
}

func runnable(program string) bool {
	info, err := os.Stat(program)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// until asks a throwaway server a question until the answer is yes.
func until(ctx context.Context, s *local.Server, question string) error {
	ctx, cancel := context.WithTimeout(ctx, streamTimeout)
	defer cancel()
	c, err := pgx.Connect(ctx, s.DSN())
	if err != nil {
		return fmt.Errorf("reach the throwaway %s: %w", s.Binary(), err)
	}
	defer hangUp(c) //nolint:errcheck // nothing is pending on it
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	for {
		var yes bool
		if err := c.QueryRow(ctx, question).Scan(&yes); err != nil || yes {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s is never true: %w", question, ctx.Err())
		}
	}
}

// answerOf returns a throwaway server's answer to a question of one row and one column.
func answerOf(ctx context.Context, s *local.Server, question string) (answer string, err error) {
	c, err := pgx.Connect(ctx, s.DSN())
	if err != nil {
		return "", fmt.Errorf("reach the throwaway %s: %w", s.Binary(), err)
	}
	defer hangUp(c) //nolint:errcheck // nothing is pending on it
	if err := c.QueryRow(ctx, question).Scan(&answer); err != nil {
		return "", fmt.Errorf("%s on the throwaway %s: %w", question, s.Binary(), err)
	}
	return answer, nil
}

// tell runs statements on a throwaway server.
func tell(ctx context.Context, s *local.Server, statements ...string) error {
	c, err := pgx.Connect(ctx, s.DSN())
	if err != nil {
		return fmt.Errorf("reach the throwaway %s: %w", s.Binary(), err)
	}
	defer hangUp(c) //nolint:errcheck // nothing is pending on it
	for _, sql := range statements {
		if _, err := c.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s on the throwaway %s: %w", sql, s.Binary(), err)
		}
	}
	return nil
}
