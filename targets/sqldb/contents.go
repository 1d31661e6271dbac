package sqldb

import (
	"fmt"

	"github.com/lastseat/lastseat/harness"
)

// createContents is the statements that make the table of cells that hold no numbers. A register is 0 until it is written, a list
// is a text with a comma before each of its values, and rows share the number of their cell.
func createContents(g *harness.Group) []string {
	switch g.Holds {
	case harness.Registers:
		return []string{fmt.Sprintf("CREATE TABLE %s (id BIGINT PRIMARY KEY, %s BIGINT NOT NULL)", g.Table, g.Column)}
	case harness.Lists:
		return []string{fmt.Sprintf("CREATE TABLE %s (id BIGINT PRIMARY KEY, %s TEXT NOT NULL)", g.Table, g.Column)}
	}
	return []string{
		fmt.Sprintf("CREATE TABLE %s (id BIGINT PRIMARY KEY, %s BIGINT NOT NULL)", g.Table, g.Column),
		fmt.Sprintf("CREATE INDEX %s_%s ON %s (%s)", unqualified(g.Table), g.Column, g.Table, g.Column),
	}
}

// fillContents is the row of a cell before the first operation; empty: it has none.
func fillContents(g *harness.Group, id int) string {
	switch g.Holds {
	case harness.Registers:
		return fmt.Sprintf("(%d, 0)", id)
	case harness.Lists:
		return fmt.Sprintf("(%d, '')", id)
	}
	return ""
}

// putStatements are the texts for cells that hold no numbers.
func putStatements(d *Dialect, g *harness.Group) statements {
	var st statements
	switch g.Holds {
	case harness.Registers:
		st.put = fmt.Sprintf("UPDATE %s SET %s = ? WHERE id = ?", g.Table, g.Column)
		for n := range maxCells + 1 {
			st.find = append(st.find, d.places(fmt.Sprintf("SELECT id, %s FROM %s WHERE id IN (%s)", g.Column, g.Table, list("?", n))))
		}
	case harness.Lists:
		st.put = fmt.Sprintf("UPDATE %s SET %s = %s WHERE id = ?", g.Table, g.Column, fmt.Sprintf(d.Concat, g.Column, "','", "?"))
		st.find = []string{"", d.places(fmt.Sprintf("SELECT %s FROM %s WHERE id = ?", g.Column, g.Table))}
	default:
		st.put = fmt.Sprintf("INSERT INTO %s (id, %s) VALUES (?, ?)", g.Table, g.Column)
		st.find = []string{"", d.places(fmt.Sprintf("SELECT id FROM %s WHERE %s = ?", g.Table, g.Column))}
	}
	st.put = d.places(st.put)
	return st
}

// carryOut is a Read, a Write or an Append of cells that hold no numbers: one statement.
func (a *attempt) carryOut(s *harness.Step) error {
	switch s.Kind {
	case harness.Read:
		return a.find(s.Cells)
	case harness.Write, harness.Append:
		return a.put(s)
	}
	return fmt.Errorf("a step of kind %d has no statement where cells hold no numbers", s.Kind)
}

// put writes a step's value.
func (a *attempt) put(s *harness.Step) error {
	if err := a.at(harness.AtWrite); err != nil {
		return err
	}
	st, id := a.row.at(s.Cell)
	name := a.row.start.CellName(s.Cell)
	n, err := a.exec("write "+name, st.put, s.Value, id)
	if err == nil && n != 1 {
		err = fmt.Errorf("write %s: %d rows were written, not one", name, n)
	}
	return err
}

// find reads cells of one group, and notes what is there.
func (a *attempt) find(cells []harness.Cell) error {
	if err := a.at(harness.AtRead); err != nil {
		return err
	}
	st, id := a.row.at(cells[0])
	g := a.row.group(cells[0])
	if len(cells) >= len(st.find) {
		return fmt.Errorf("read %d cells of %s: one statement reads at most %d", len(cells), g.Table, len(st.find)-1)
	}
	query := a.conn.Query
	switch g.Holds {
	case harness.Registers:
		return a.findRegisters(st, cells)
	case harness.Lists:
		query = a.conn.List
	}
	got, err := query(a.ctx, st.find[1], id)
	if err != nil {
		return fmt.Errorf("read %s: %w", a.row.start.CellName(cells[0]), err)
	}
	a.found = harness.Found(a.found, cells[0], got)
	return nil
}

// findRegisters reads registers by one statement.
func (a *attempt) findRegisters(st *statements, cells []harness.Cell) error {
	var args []any
	for _, c := range cells {
		_, id := a.row.at(c)
		args = append(args, id)
	}
	got, err := a.conn.Query(a.ctx, st.find[len(cells)], args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", a.row.start.CellName(cells[0]), err)
	}
	for i, c := range cells {
		at := 0
		for at < len(got) && got[at] != args[i] {
			at += 2
		}
		if at >= len(got) {
			return fmt.Errorf("read %s: no such row", a.row.start.CellName(c))
		}
		value := got[at+1 : at+2]
		if value[0] == 0 {
			value = nil
		}
		a.found = harness.Found(a.found, c, value)
	}
	return nil
}
