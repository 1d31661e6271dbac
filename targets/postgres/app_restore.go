package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lastseat/lastseat/targets/app/database"
)

// links are what makes tables change together: their foreign keys and triggers. Who is no superuser cannot switch foreign keys off, and
// restores tables in their order.
type links struct {
	keys     []foreignKey
	triggers map[int][]string // of the program's own, by the table's number
}

// foreignKey is one of a table that refers to another, both by their numbers in the catalog.
type foreignKey struct {
	child, parent    int
	name, definition string
}

// mayReplay reports whether the session may switch triggers and foreign keys off: a superuser may, and whom one lets.
func (d *programDatabase) mayReplay(ctx context.Context) (bool, error) {
	err := run(ctx, d.conn, "SET session_replication_role = replica; SET session_replication_role = origin")
	if errorCode(err) == "42501" {
		return false, nil
	}
	return err == nil, err
}

// linksOf reads the links of all tables.
func (d *programDatabase) linksOf(ctx context.Context, c *database.Catalog) (*links, error) {
	number := map[string]int{}
	for i := range c.Tables {
		number[c.Tables[i].SQL] = i
	}
	l := &links{triggers: map[int][]string{}}
	_, rows, err := ask(ctx, d.conn, `SELECT n.nspname, c.relname, m.nspname, r.relname, k.conname, pg_get_constraintdef(k.oid)
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace m ON m.oid = r.relnamespace WHERE k.contype = 'f' AND`+ownSchemas+`ORDER BY 1, 2, 5`)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		child, ok := number[quote(r[0])+"."+quote(r[1])]
		parent, known := number[quote(r[2])+"."+quote(r[3])]
		if ok && known && child != parent { // one statement may bring back rows that refer to each other
			l.keys = append(l.keys, foreignKey{child, parent, r[4], r[5]})
		}
	}
	_, rows, err = ask(ctx, d.conn, `SELECT n.nspname, c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND t.tgname NOT LIKE 'lastseat\_%' AND`+ownSchemas+`ORDER BY 1, 2, 3`)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if i, ok := number[quote(r[0])+"."+quote(r[1])]; ok {
			l.triggers[i] = append(l.triggers[i], r[2])
		}
	}
	return l, nil
}

// order adds the tables that refer to those that changed, since their rows go when what they refer to goes, and puts each behind those
// that it refers to. Where tables refer to each other in a circle, there is no order without the keys that make it.
func (l *links) order(changed []int) (tables []int, circle []foreignKey) {
	left := slices.Clone(changed)
	for i := 0; i < len(left); i++ {
		for _, k := range l.keys {
			if k.parent == left[i] && !slices.Contains(left, k.child) {
				left = append(left, k.child)
			}
		}
	}
	slices.Sort(left)
	var dropped []foreignKey
	for len(left) > 0 {
		free := slices.IndexFunc(left, func(t int) bool {
			return !slices.ContainsFunc(l.keys, func(k foreignKey) bool {
				return k.child == t && slices.Contains(left, k.parent) && !slices.Contains(dropped, k)
			})
		})
		if free < 0 {
			for _, k := range l.keys {
				if slices.Contains(left, k.child) && slices.Contains(left, k.parent) {
					dropped = append(dropped, k)
				}
			}
			continue
		}
		tables = append(tables, left[free])
		left = slices.Delete(left, free, free+1)
	}
	return tables, dropped
}

// restoreInOrder restores tables with their foreign keys on, as their owner may: triggers are off meanwhile, what refers to a row goes
// before it and comes after it.
func (d *programDatabase) restoreInOrder(ctx context.Context, c *database.Catalog, changed []int) error {
	tables, circle := d.links.order(changed)
	var b strings.Builder
	b.WriteString("BEGIN;")
	triggers := func(what string) {
		for _, i := range tables {
			for _, name := range d.links.triggers[i] {
				fmt.Fprintf(&b, "ALTER TABLE %s %s TRIGGER %s;", c.Tables[i].SQL, what, quote(name))
			}
		}
	}
	triggers("DISABLE")
	for _, k := range circle {
		fmt.Fprintf(&b, "ALTER TABLE %s DROP CONSTRAINT %s;", c.Tables[k.child].SQL, quote(k.name))
	}
	for _, i := range slices.Backward(tables) {
		b.WriteString("DELETE FROM " + c.Tables[i].SQL + ";")
	}
	for _, i := range tables {
		b.WriteString(fillOf(c, i))
	}
	b.WriteString("SET CONSTRAINTS ALL IMMEDIATE;") // tables with checks to come cannot be altered
	for _, k := range circle {
		fmt.Fprintf(&b, "ALTER TABLE %s ADD CONSTRAINT %s %s;", c.Tables[k.child].SQL, quote(k.name), k.definition)
	}
	triggers("ENABLE")
	b.WriteString("COMMIT")
	if err := run(ctx, d.conn, b.String()); err != nil {
		return errors.Join(err, run(ctx, d.conn, "ROLLBACK"))
	}
	return nil
}

// fillOf fills an empty table as it was at Keep.
func fillOf(c *database.Catalog, i int) string {
	t := &c.Tables[i]
	var columns []string
	for _, name := range t.Columns {
		if !slices.Contains(t.Generated, name) {
			columns = append(columns, quote(name))
		}
	}
	list := strings.Join(columns, ",")
	return fmt.Sprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s;", t.SQL, list, list, copyOf(i))
}
