package sqldb

import "github.com/lastseat/lastseat/harness"

// touch is what a row's statement does, as far as it matters to others: known by its text, because strategies write all of
// theirs through statements.
type touch struct {
	short string // the statement, as a scheduler is told
	point harness.Point
	table string
	group *harness.Group
	cells []int // which arguments are ids of rows of group; nil: it touches all of the table
	none  bool  // it touches no row that anybody else does
}

// learn notes what the statements of a group do.
func (t *target) learn(st *statements, g *harness.Group) {
	read := harness.AtRead
	if t.server.readsLock(t.level) {
		read = harness.AtLock
	}
	one := func(point harness.Point, sql string, args ...int) {
		if sql != "" {
			t.touches[sql] = touch{short: t.names.short(sql), point: point, table: g.Table, group: g, cells: args}
		}
	}
	whole := func(point harness.Point, sql string) {
		if sql != "" {
			t.touches[sql] = touch{short: t.names.short(sql), point: point, table: g.Table, group: g}
		}
	}
	// Where there is no lock to take, the text is that of the plain read.
	one(harness.AtLock, st.readLock, 0)
	one(harness.AtLock, st.readNoWait, 0)
	one(read, st.read, 0)
	whole(read, st.readAll)
	for _, sql := range []string{st.set, st.add, st.addIf} {
		one(harness.AtWrite, sql, 1)
	}
	one(harness.AtWrite, st.compareSet, 1)
	one(harness.AtWrite, st.bump, 0)
	for _, sql := range st.addIfSum {
		whole(harness.AtWrite, sql)
	}
	if g.Holds == harness.Rows {
		whole(harness.AtWrite, st.put)
		for _, sql := range st.find {
			whole(read, sql)
		}
		return
	}
	one(harness.AtWrite, st.put, 1)
	for n, sql := range st.find {
		args := make([]int, n)
		for i := range args {
			args[i] = i
		}
		one(read, sql, args...)
	}
}

// action is what a statement does, as a scheduler is told.
func (t *target) action(sql string, args []any) harness.Action {
	a := harness.Action{SQL: sql, Args: args}
	known, ok := t.touches[sql]
	switch {
	case ok:
		a.SQL, a.Point, a.Table = known.short, known.point, known.table
		if !hasRowLocks(t.dialect) && a.Point != harness.AtRead {
			a.Table = "" // whoever writes locks everything
			return a
		}
		for _, i := range known.cells {
			if id, ok := args[i].(int64); ok {
				a.Cells = append(a.Cells, known.group.First+harness.Cell(id))
			}
		}
		if known.none {
			a.Cells = []harness.Cell{}
		}
	case sql == t.dialect.Begin:
		a.Point = harness.AtBegin
	case sql == t.dialect.AdvisoryUnlock:
		a.Point = harness.AtUnlock
	default:
		a.SQL, a.Point = t.names.short(sql), t.server.pointOf(sql, t.level)
	}
	return a
}

// pointOf goes by a statement's words.
func (s *Server) pointOf(sql string, level harness.Level) harness.Point {
	return harness.PointOf(sql, s.readsLock(level))
}

// readsLock: at the level, a plain SELECT in a transaction locks what it reads.
func (s *Server) readsLock(level harness.Level) bool {
	return level == harness.Serializable && s.cfg.Dialect.ReadsLock
}
