package sqldb

import (
	"fmt"
	"strings"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// statements are the texts for one group of cells in one dialect.
type statements struct {
	read, readLock, readNoWait string   // id → value, version
	readAll                    string   // → id, value, version
	set                        string   // value, id
	compareSet                 string   // value, id, version
	bump                       string   // id, version
	add                        string   // delta, id
	addIf                      string   // delta, id, delta, min
	addIfSum                   []string // by n, the cells that the guard sums up: delta, id, the n ids, delta, min

	put  string   // of cells that hold no numbers: value, id
	find []string // of registers, by n: the n ids → id, value; else for n = 1: id → what is there
}

// fenced: each write has one more placeholder, the last, for the token that it carries.
func newStatements(d *Dialect, g *harness.Group, fenced bool) statements {
	if g.Holds != harness.Numbers {
		return putStatements(d, g)
	}
	read := fmt.Sprintf("SELECT %s, version FROM %s WHERE id = ?", g.Column, g.Table)
	next, returning := "version = LAST_INSERT_ID(version + 1)", ""
	if d.Returning {
		next, returning = "version = version + 1", " RETURNING version"
	}
	fence := ""
	if fenced {
		fence = " AND fence <= ?"
	}
	update := func(set, where string) string {
		if set != "" {
			set += ", "
		}
		return d.places(fmt.Sprintf("UPDATE %s SET %s%s WHERE id = ?%s%s%s", g.Table, set, next, where, fence, returning))
	}
	plus := g.Column + " = " + g.Column + " + ?"
	sum := "SELECT SUM(" + g.Column + ") AS total FROM " + g.Table + " WHERE id IN (%s)"
	if d.DerivedGuard {
		sum = "SELECT total FROM (" + sum + ") AS guard"
	}
	st := statements{
		read:       d.places(read),
		readLock:   d.places(read + suffix(d.ForUpdate)),
		readNoWait: d.places(read + suffix(d.NoWait)),
		readAll:    fmt.Sprintf("SELECT id, %s, version FROM %s", g.Column, g.Table),
		set:        update(g.Column+" = ?", ""),
		compareSet: update(g.Column+" = ?", " AND version = ?"),
		bump:       update("", " AND version = ?"),
		add:        update(plus, ""),
		addIf:      update(plus, " AND "+g.Column+" + ? >= ?"),
	}
	for n := range maxCells + 1 {
		st.addIfSum = append(st.addIfSum, update(plus, fmt.Sprintf(" AND ("+sum+") + ? >= ?", list("?", n))))
	}
	return st
}

// maxCells is the most cells that one operation writes, or one guard reads.
const maxCells = 8

func suffix(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

// list is n times s with commas between.
func list(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+", ", n), ", ") }

// journalInsert writes n entries: op, cell, delta, version, n times.
func journalInsert(d *Dialect, journal string, n int) string {
	return d.places(fmt.Sprintf("INSERT INTO %s (op, cell, delta, version) VALUES %s", journal, list("(?, ?, ?, ?)", n)))
}

// tables are a row's tables.
func tables(start *harness.State, s *Strategy, env *store.Env) []table {
	var all []table
	if env.Keyed {
		name := beside(start, requests)
		all = append(all, table{name, []string{"CREATE TABLE " + name + " (id BIGINT PRIMARY KEY)"}})
	}
	for i := range start.Groups {
		g := &start.Groups[i]
		if g.Holds != harness.Numbers {
			all = append(all, table{g.Table, createContents(g)})
			continue
		}
		check := ""
		if s.Check {
			check = fmt.Sprintf(", CHECK (%s >= 0)", g.Column)
		}
		if env.Fenced {
			check = ", fence BIGINT NOT NULL DEFAULT 0" + check
		}
		all = append(all, table{g.Table, []string{fmt.Sprintf(
			"CREATE TABLE %s (id BIGINT PRIMARY KEY, %s BIGINT NOT NULL, version BIGINT NOT NULL%s)", g.Table, g.Column, check)}})
		if !s.Plan.Rows {
			continue
		}
		unique := ""
		if s.UniqueSlot {
			unique = ", UNIQUE (cell, slot)"
		}
		all = append(all, table{g.Claims, []string{
			fmt.Sprintf("CREATE TABLE %s (op BIGINT PRIMARY KEY, cell BIGINT NOT NULL, slot BIGINT NOT NULL%s)", g.Claims, unique),
			fmt.Sprintf("CREATE INDEX %s_cell ON %s (cell)", unqualified(g.Claims), g.Claims),
		}})
	}
	if start.Journal == "" {
		return all
	}
	return append(all, table{start.Journal, []string{fmt.Sprintf(
		"CREATE TABLE %s (op BIGINT NOT NULL, cell BIGINT NOT NULL, delta BIGINT NOT NULL, version BIGINT NOT NULL)", start.Journal)}})
}
