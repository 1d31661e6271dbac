package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/targets/app/database"
)

// seedSchema is where the copies of the tables are kept.
const seedSchema = "lastseat_seed"

// ownSchemas leaves out the server's and ours.
const ownSchemas = ` n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', '` + seedSchema + `', '` + gateSchema + `') AND n.nspname NOT LIKE 'pg_temp%' AND n.nspname NOT LIKE 'pg_toast_temp%' `

// schemas says which schemas' tables are looked at.
func (d *programDatabase) schemas() string {
	if d.only != "" {
		return " n.nspname = '" + d.only + "' "
	}
	return ownSchemas
}

// Catalog implements database.Database.
func (d *programDatabase) Catalog(ctx context.Context) (*database.Catalog, error) {
	c := &database.Catalog{}
	byName := map[string]*database.Table{}
	_, rows, err := ask(ctx, d.conn, `SELECT n.nspname, c.relname, n.nspname IN ('public', '`+d.only+`'),
		EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgname <> '`+gateTrigger+`') OR EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r') AND`+d.schemas()+`ORDER BY 1, 2`)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		t := database.Table{Bare: r[1], Name: r[1], SQL: quote(r[0]) + "." + quote(r[1]), Triggers: r[3] == "t", Keys: map[string]string{}}
		if r[2] != "t" {
			t.Name = r[0] + "." + r[1]
		}
		c.Tables = append(c.Tables, t)
	}
	for i := range c.Tables {
		byName[c.Tables[i].SQL] = &c.Tables[i]
	}
	for _, add := range []func(context.Context, *database.Catalog, map[string]*database.Table) error{d.columns, d.related, d.unique, d.indexed, d.rest} {
		if err := add(ctx, c, byName); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// columns adds the columns, and which sequence fills them.
func (d *programDatabase) columns(ctx context.Context, _ *database.Catalog, tables map[string]*database.Table) error {
	_, rows, err := ask(ctx, d.conn, `SELECT n.nspname, c.relname, a.attname, a.attgenerated <> '',
		coalesce((SELECT s.oid::regclass::text FROM pg_depend p JOIN pg_class s ON s.oid = p.objid AND s.relkind = 'S'
			WHERE p.refobjid = c.oid AND p.refobjsubid = a.attnum AND p.classid = 'pg_class'::regclass AND p.deptype IN ('a', 'i') LIMIT 1),
			substring(pg_get_expr(f.adbin, f.adrelid) from 'nextval\(''([^'']+)'''), ''),
		a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
		WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND`+d.schemas()+`ORDER BY 1, 2, a.attnum`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		t := tables[quote(r[0])+"."+quote(r[1])]
		t.Columns = append(t.Columns, r[2])
		if r[3] == "t" {
			t.Generated = append(t.Generated, r[2])
		}
		if r[4] != "" {
			t.Keys[r[2]] = r[4]
		}
		if r[5] == "t" {
			t.Numbers = append(t.Numbers, r[2])
		}
	}
	return nil
}

// related adds which tables foreign keys join.
func (d *programDatabase) related(ctx context.Context, _ *database.Catalog, tables map[string]*database.Table) error {
	_, rows, err := ask(ctx, d.conn, `SELECT n.nspname, c.relname, m.nspname, r.relname
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace m ON m.oid = r.relnamespace WHERE k.contype = 'f' AND`+d.schemas())
	if err != nil {
		return err
	}
	for _, r := range rows {
		a, b := tables[quote(r[0])+"."+quote(r[1])], tables[quote(r[2])+"."+quote(r[3])]
		if a != nil && b != nil {
			a.Related, b.Related = append(a.Related, b.Name), append(b.Related, a.Name)
		}
	}
	return nil
}

// unique adds the columns of unique keys.
func (d *programDatabase) unique(ctx context.Context, _ *database.Catalog, tables map[string]*database.Table) error {
	_, rows, err := ask(ctx, d.conn, `SELECT n.nspname, c.relname, i.indexrelid, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = i.indexrelid AND a.attnum <= i.indnkeyatts
		WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND`+d.schemas()+`ORDER BY 1, 2, 3, a.attnum`)
	if err != nil {
		return err
	}
	last := ""
	for _, r := range rows {
		t := tables[quote(r[0])+"."+quote(r[1])]
		if t == nil {
			continue // a partitioned one
		}
		if r[2] != last {
			t.Unique, last = append(t.Unique, nil), r[2]
		}
		t.Unique[len(t.Unique)-1] = append(t.Unique[len(t.Unique)-1], r[3])
	}
	return nil
}

// indexed adds the columns of all indexes, and which tables' rows are Apart: without an index on an expression or on part of the rows, an
// exclusion, policies, tables that inherit, and checks or types that call functions.
func (d *programDatabase) indexed(ctx context.Context, _ *database.Catalog, tables map[string]*database.Table) error {
	_, rows, err := ask(ctx, d.conn, `SELECT n.nspname, c.relname, coalesce((SELECT string_agg(DISTINCT a.attname, chr(1)) FROM pg_index i
			JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = c.oid), ''),
		NOT (c.relrowsecurity OR c.relhassubclass OR EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = c.oid)
			OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR i.indisexclusion))
			OR EXISTS (SELECT FROM pg_constraint k JOIN pg_depend p ON p.classid = 'pg_constraint'::regclass AND p.objid = k.oid
				AND p.refclassid = 'pg_proc'::regclass WHERE k.conrelid = c.oid)
			OR EXISTS (SELECT FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0 AND y.typtype = 'd'))
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND`+d.schemas())
	if err != nil {
		return err
	}
	for _, r := range rows {
		if t := tables[quote(r[0])+"."+quote(r[1])]; t != nil {
			t.Apart = r[3] == "t"
			if r[2] != "" {
				t.Indexed = strings.Split(r[2], "\x01")
			}
		}
	}
	return nil
}

// rest adds sequences, views and functions.
func (d *programDatabase) rest(ctx context.Context, c *database.Catalog, _ map[string]*database.Table) error {
	_, rows, err := ask(ctx, d.conn, `SELECT c.oid::regclass::text, 'S' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND`+d.schemas()+`
		UNION ALL SELECT c.relname, 'v' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm', 'p', 'f') AND`+ownSchemas+`
		UNION ALL SELECT p.proname, 'f' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE`+ownSchemas+`ORDER BY 2, 1`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r[1] == "S" {
			c.Sequences = append(c.Sequences, r[0])
		} else {
			c.Code = append(c.Code, r[0])
		}
	}
	return nil
}

// Read implements database.Database: all tables in one question.
func (d *programDatabase) Read(ctx context.Context, c *database.Catalog) (database.Contents, error) {
	var b strings.Builder
	for i := range c.Tables {
		b.WriteString("SELECT * FROM " + c.Tables[i].SQL + ";")
	}
	all, err := d.conn.Exec(ctx, b.String()).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(all) != len(c.Tables) {
		return nil, fmt.Errorf("%d tables have %d answers", len(c.Tables), len(all))
	}
	contents := make(database.Contents, len(all))
	for i, r := range all {
		contents[i] = texts(r)
	}
	return contents, nil
}

func copyOf(i int) string { return fmt.Sprintf("%s.t%d", seedSchema, i) }

// Keep implements database.Database.
func (d *programDatabase) Keep(ctx context.Context, c *database.Catalog) error {
	var b strings.Builder
	b.WriteString("DROP SCHEMA IF EXISTS " + seedSchema + " CASCADE; CREATE SCHEMA " + seedSchema + ";")
	for i := range c.Tables {
		fmt.Fprintf(&b, "CREATE TABLE %s AS TABLE %s;", copyOf(i), c.Tables[i].SQL)
	}
	if err := run(ctx, d.conn, b.String()); err != nil {
		return err
	}
	replays, err := d.mayReplay(ctx)
	if err == nil && !replays {
		d.links, err = d.linksOf(ctx, c)
	}
	return err
}

// Restore implements database.Database. Triggers and foreign keys are off meanwhile, where the user may switch them off.
func (d *programDatabase) Restore(ctx context.Context, c *database.Catalog, tables []int) error {
	if d.links != nil {
		return d.restoreInOrder(ctx, c, tables)
	}
	var b strings.Builder
	b.WriteString("SET session_replication_role = replica;")
	for _, i := range tables {
		b.WriteString("DELETE FROM " + c.Tables[i].SQL + ";" + fillOf(c, i))
	}
	b.WriteString("SET session_replication_role = origin")
	if err := run(ctx, d.conn, b.String()); err != nil {
		return err
	}
	return d.vacuum(ctx, c)
}

// vacuumEvery restores the tables are freed of the rows that were deleted: a throwaway server does not do it by itself, and reading
// takes four times as long after some thousand.
const vacuumEvery = 1000

func (d *programDatabase) vacuum(ctx context.Context, c *database.Catalog) error {
	if d.restored++; d.restored%vacuumEvery != 0 {
		return nil
	}
	var all []string
	for i := range c.Tables {
		all = append(all, c.Tables[i].SQL)
	}
	return run(ctx, d.conn, "VACUUM "+strings.Join(all, ", "))
}

// Jump implements database.Database.
func (d *programDatabase) Jump(ctx context.Context, c *database.Catalog) error {
	for i, s := range c.Sequences {
		name := "'" + strings.ReplaceAll(s, "'", "''") + "'::regclass"
		err := run(ctx, d.conn, fmt.Sprintf(`SELECT setval(%s, v + least(%d, (m - v) / 4)) FROM (SELECT nextval(%s) AS v, seqmax AS m FROM pg_sequence WHERE seqrelid = %s) s`,
			name, 1000003*(i+1), name, name))
		if err != nil {
			return fmt.Errorf("have sequence %s jump: %w", s, err)
		}
	}
	return nil
}
