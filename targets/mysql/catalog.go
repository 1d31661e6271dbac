package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/targets/app/database"
)

// seedSuffix ends the name of the database that holds the copies of the tables.
const seedSuffix = "_seed"

// Catalog implements database.Database.
func (d *programDatabase) Catalog(ctx context.Context) (*database.Catalog, error) {
	_, results, err := ask(ctx, d.db, `SELECT table_name, engine FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY 1;
		SELECT table_name, column_name, extra, data_type FROM information_schema.columns WHERE table_schema = database() ORDER BY table_name, ordinal_position;
		SELECT table_name, referenced_table_name FROM information_schema.referential_constraints WHERE constraint_schema = database();
		SELECT event_object_table FROM information_schema.triggers WHERE trigger_schema = database() AND trigger_name NOT LIKE 'lastseat\_gate\_%';
		SELECT table_name FROM information_schema.views WHERE table_schema = database()
		UNION SELECT routine_name FROM information_schema.routines WHERE routine_schema = database();
		SELECT table_name, index_name, column_name, sub_part, non_unique FROM information_schema.statistics WHERE table_schema = database()
		ORDER BY table_name, index_name, seq_in_index`)
	if err != nil {
		return nil, err
	}
	c := &database.Catalog{}
	for _, r := range results[0] {
		c.Tables = append(c.Tables, database.Table{Name: r[0], Bare: r[0], SQL: quote(r[0]), Keys: map[string]string{}, Apart: r[1] == "InnoDB"})
	}
	table := func(name string) *database.Table {
		i := slices.IndexFunc(c.Tables, func(t database.Table) bool { return t.Name == name })
		if i < 0 {
			return &database.Table{Keys: map[string]string{}} // a view's
		}
		return &c.Tables[i]
	}
	for _, r := range results[1] {
		t := table(r[0])
		t.Columns = append(t.Columns, r[1])
		extra := strings.ToLower(r[2])
		if strings.Contains(extra, "auto_increment") {
			t.Keys[r[1]] = r[0]
		}
		if strings.Contains(extra, "generated") && !strings.Contains(extra, "default_generated") {
			t.Generated = append(t.Generated, r[1])
		}
		t.Apart = t.Apart && !strings.Contains(extra, "on update") // written by itself
		if slices.Contains([]string{"tinyint", "smallint", "mediumint", "int", "bigint"}, strings.ToLower(r[3])) {
			t.Numbers = append(t.Numbers, r[1])
		}
	}
	for _, r := range results[2] {
		a, b := table(r[0]), table(r[1])
		a.Related, b.Related = append(a.Related, r[1]), append(b.Related, r[0])
	}
	for _, r := range results[3] {
		table(r[0]).Triggers = true
	}
	for _, r := range results[4] {
		c.Code = append(c.Code, r[0])
	}
	for i, r := range results[5] {
		t := table(r[0])
		t.Indexed = append(t.Indexed, r[2])
		t.Apart = t.Apart && r[2] != database.Null // an index on an expression
		if r[4] != "0" {
			continue
		}
		if i == 0 || results[5][i-1][0] != r[0] || results[5][i-1][1] != r[1] {
			t.Unique = append(t.Unique, nil)
		}
		column := r[2]
		if r[3] != database.Null {
			column += " prefix" // which no statement names
		}
		t.Unique[len(t.Unique)-1] = append(t.Unique[len(t.Unique)-1], column)
	}
	return c, nil
}

// Read implements database.Database: all tables in one question.
func (d *programDatabase) Read(ctx context.Context, c *database.Catalog) (database.Contents, error) {
	var b strings.Builder
	for i := range c.Tables {
		b.WriteString("SELECT * FROM " + c.Tables[i].SQL + ";")
	}
	_, results, err := ask(ctx, d.db, b.String())
	if err == nil && len(results) != len(c.Tables) {
		err = fmt.Errorf("%d tables have %d answers", len(c.Tables), len(results))
	}
	return results, err
}

func (d *programDatabase) copyOf(i int) string {
	return fmt.Sprintf("%s.t%d", quote(d.name+seedSuffix), i)
}

// Keep implements database.Database.
func (d *programDatabase) Keep(ctx context.Context, c *database.Catalog) error {
	var b strings.Builder
	for i := range c.Tables {
		fmt.Fprintf(&b, "DROP TABLE IF EXISTS %s; CREATE TABLE %s AS SELECT * FROM %s;", d.copyOf(i), d.copyOf(i), c.Tables[i].SQL)
	}
	return d.Exec(ctx, b.String())
}

// Restore implements database.Database. Foreign keys are off meanwhile; triggers cannot be, so tables that have some come last to be
// looked at again.
func (d *programDatabase) Restore(ctx context.Context, c *database.Catalog, tables []int) error {
	var b strings.Builder
	b.WriteString("SET foreign_key_checks = 0; SET @old_mode = @@sql_mode, sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO'); BEGIN;")
	for _, i := range tables {
		t := &c.Tables[i]
		var columns []string
		for _, name := range t.Columns {
			if !slices.Contains(t.Generated, name) {
				columns = append(columns, quote(name))
			}
		}
		list := strings.Join(columns, ",")
		fmt.Fprintf(&b, "DELETE FROM %s; INSERT INTO %s (%s) SELECT %s FROM %s;", t.SQL, t.SQL, list, list, d.copyOf(i))
	}
	b.WriteString("COMMIT; SET foreign_key_checks = 1, sql_mode = @old_mode")
	return d.Exec(ctx, b.String())
}

// Jump implements database.Database.
func (d *programDatabase) Jump(ctx context.Context, c *database.Catalog) error {
	d.jumps++
	for i := range c.Tables {
		t := &c.Tables[i]
		if len(t.Keys) == 0 {
			continue
		}
		if err := d.Exec(ctx, fmt.Sprintf("ALTER TABLE %s AUTO_INCREMENT = %d", t.SQL, 1_000_003*(i+1)+50_000_017*d.jumps)); err != nil {
			return fmt.Errorf("have the keys of %s jump: %w", t.Name, err)
		}
	}
	return nil
}
