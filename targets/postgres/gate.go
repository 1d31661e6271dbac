package postgres

import (
	"context"
	"fmt"
	"strings"
)

const (
	gateSchema  = "lastseat_gate"
	gateTrigger = "!lastseat_gate" // triggers fire in the order of their names
	gateClass   = "1818325876"     // of advisory locks; the other half of the key is the session
	atGate      = "(locktype = 'advisory' AND classid = " + gateClass + " AND objid = pid)"
)

// gateFunctions are what the triggers run. Their reader is the statement's snapshot (STABLE), they need no right of the program's, and its
// lock_timeout does not end the wait.
const gateFunctions = `CREATE SCHEMA IF NOT EXISTS ` + gateSchema + `;
	CREATE OR REPLACE FUNCTION ` + gateSchema + `.wait() RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER SET lock_timeout = 0 AS $$
	BEGIN
		PERFORM pg_catalog.pg_advisory_lock_shared(` + gateClass + `, pg_catalog.pg_backend_pid());
	END $$;
	CREATE OR REPLACE FUNCTION ` + gateSchema + `.gate() RETURNS trigger LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
	BEGIN
		IF NOT pg_catalog.pg_try_advisory_lock_shared(` + gateClass + `, pg_catalog.pg_backend_pid()) THEN
			PERFORM ` + gateSchema + `.wait();
		END IF;
		PERFORM pg_catalog.pg_advisory_unlock_shared(` + gateClass + `, pg_catalog.pg_backend_pid());
		RETURN NULL;
	END $$;`

// InstallGates implements database.Gates. A partitioned table has one beside those of its partitions: the table that a statement names is
// the one whose trigger fires.
func (d *programDatabase) InstallGates(ctx context.Context) error {
	_, rows, err := ask(ctx, d.conn, `SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND`+d.schemas()+`AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = '`+gateTrigger+`')`)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(gateFunctions)
	for _, r := range rows {
		fmt.Fprintf(&b, "CREATE TRIGGER %s BEFORE INSERT OR UPDATE OR DELETE ON %s.%s FOR EACH STATEMENT EXECUTE PROCEDURE %s.gate();",
			quote(gateTrigger), quote(r[0]), quote(r[1]), gateSchema)
	}
	return run(ctx, d.conn, b.String())
}

// CloseGate implements database.Gates.
func (d *programDatabase) CloseGate(ctx context.Context, session uint64) error {
	return d.gate(ctx, "pg_advisory_lock", session)
}

// OpenGate implements database.Gates.
func (d *programDatabase) OpenGate(ctx context.Context, session uint64) error {
	return d.gate(ctx, "pg_advisory_unlock", session)
}

func (d *programDatabase) gate(ctx context.Context, what string, session uint64) error {
	if err := run(ctx, d.watch, fmt.Sprintf("SELECT %s(%s, %d)", what, gateClass, session)); err != nil {
		return fmt.Errorf("a statement's gate: %w", err)
	}
	return nil
}

// AtGate implements database.Gates.
func (d *programDatabase) AtGate(ctx context.Context, sessions []uint64) (map[uint64]bool, error) {
	_, rows, err := ask(ctx, d.watch, "SELECT pid FROM pg_locks WHERE NOT granted AND "+atGate+" AND pid IN ("+list(sessions)+")")
	if err != nil {
		return nil, fmt.Errorf("ask who stands at a gate: %w", err)
	}
	return sessionsOf(rows), nil
}
