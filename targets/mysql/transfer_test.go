//go:build unix

package mysql

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/lastseat/lastseat/targets/sqldb"
)

// BenchmarkTransfer is a transfer's statements, on one connection, by both ways in turn.
func BenchmarkTransfer(b *testing.B) {
	for _, program := range programs() {
		b.Run(program.Name, func(b *testing.B) {
			s := throwaway(b, program)
			for _, q := range []string{
				"CREATE TABLE account (id BIGINT PRIMARY KEY, balance BIGINT, version BIGINT)", "CREATE TABLE entry (op BIGINT, cell BIGINT)",
				"INSERT INTO account VALUES (0, 1000, 0), (1, 1000, 0)",
			} {
				if _, err := s.admin.ExecContext(b.Context(), "USE "+s.name); err != nil {
					b.Fatal(err)
				}
				if _, err := s.admin.ExecContext(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
			for name, database := range ways() {
				b.Run(name, func(b *testing.B) {
					s.database = database
					c := connected(b, s)
					b.ReportAllocs()
					op, before := int64(1000), cpu(b)
					for b.Loop() {
						op++
						if err := transfer(b.Context(), c, op); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
				})
			}
		})
	}
}

// cpu is the time of processors that this process has taken.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func transfer(ctx context.Context, c sqldb.Conn, op int64) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if w, ok := c.(interface {
		Watch(context.Context)
		Unwatch()
	}); ok {
		w.Watch(ctx)
		defer w.Unwatch()
	}
	if _, err := c.Exec(ctx, "START TRANSACTION"); err != nil {
		return err
	}
	for id := range int64(2) {
		got, err := c.Query(ctx, "SELECT balance, version FROM account WHERE id = ? FOR UPDATE", id)
		if err != nil || len(got) != 2 {
			return errors.Join(err, errors.New("one row was to come"))
		}
	}
	for id := range int64(2) {
		if _, err := c.Exec(ctx, "UPDATE account SET balance = ?, version = LAST_INSERT_ID(version + 1) WHERE id = ?", 1000+op%2, id); err != nil {
			return err
		}
	}
	if _, err := c.Exec(ctx, "INSERT INTO entry VALUES (?, ?)", op, int64(0)); err != nil {
		return err
	}
	return c.Commit(ctx)
}
