package mysql

import (
	"context"
	"fmt"
	"strconv"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/targets/app/database"
)

// gateName begins the names of gates' triggers and of their locks: a session's lock ends with its number.
const gateName = "lastseat_gate_"

// gateBody waits for the session's lock, if somebody else has it.
const gateBody = "IF IS_USED_LOCK(CONCAT('" + gateName + "', CONNECTION_ID())) IS NOT NULL THEN " +
	"DO GET_LOCK(CONCAT('" + gateName + "', CONNECTION_ID()), 86400), RELEASE_LOCK(CONCAT('" + gateName + "', CONNECTION_ID())); END IF"

// reachAt is how far gates reach at a level. Above read committed a statement that writes locks what it reads.
func reachAt(title string, l harness.Level) database.Reach {
	if l == harness.RepeatableRead || l == harness.Serializable {
		return database.Reach{None: fmt.Sprintf("at %s, where %s has statements that write lock what they read", l, title)}
	}
	return database.Reach{}
}

// InstallGates implements database.Gates: triggers of rows, before all others that a table has.
func (d *programDatabase) InstallGates(ctx context.Context) error {
	_, results, err := ask(ctx, d.db, `SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY 1;
		SELECT event_object_table, event_manipulation, trigger_name FROM information_schema.triggers
		WHERE trigger_schema = database() AND action_timing = 'BEFORE' ORDER BY action_order DESC`)
	if err != nil {
		return err
	}
	first := map[[2]string]string{}
	for _, r := range results[1] {
		first[[2]string{r[0], r[1]}] = r[2]
	}
	for i, r := range results[0] {
		for _, event := range []string{"INSERT", "UPDATE", "DELETE"} {
			order := ""
			if other := first[[2]string{r[0], event}]; other != "" {
				order = "PRECEDES " + quote(other) + " "
			}
			if err := d.Exec(ctx, fmt.Sprintf("CREATE TRIGGER %s BEFORE %s ON %s FOR EACH ROW %s%s",
				quote(gateName+strconv.Itoa(i)+"_"+event), event, quote(r[0]), order, gateBody)); err != nil {
				return err
			}
		}
	}
	return nil
}

// CloseGate implements database.Gates.
func (d *programDatabase) CloseGate(ctx context.Context, session uint64) error {
	return d.gate(ctx, fmt.Sprintf("DO GET_LOCK('%s%d', 5)", gateName, session))
}

// OpenGate implements database.Gates.
func (d *programDatabase) OpenGate(ctx context.Context, session uint64) error {
	return d.gate(ctx, fmt.Sprintf("DO RELEASE_LOCK('%s%d')", gateName, session))
}

func (d *programDatabase) gate(ctx context.Context, sql string) error {
	if _, err := d.watch.ExecContext(ctx, sql); err != nil {
		return fmt.Errorf("a statement's gate: %w", err)
	}
	return nil
}

// AtGate implements database.Gates. A session whose gate is closed and that waits for a lock of its program's own kind counts too: it is
// let go on, and waits then.
func (d *programDatabase) AtGate(ctx context.Context, sessions []uint64) (map[uint64]bool, error) {
	question := "SELECT processlist_id FROM performance_schema.threads WHERE processlist_state = 'User lock' AND processlist_id IN ("
	if d.server.mariaDB {
		question = "SELECT id FROM information_schema.processlist WHERE state = 'User lock' AND id IN ("
	}
	_, results, err := ask(ctx, d.watch, question+list(sessions)+")")
	if err != nil {
		return nil, fmt.Errorf("ask who stands at a gate: %w", err)
	}
	at := map[uint64]bool{}
	for _, r := range results[0] {
		id, _ := strconv.ParseUint(r[0], 10, 64)
		at[id] = true
	}
	return at, nil
}
