package owncode

import "database/sql/driver"

// What database/sql calls deprecated, drivers may still have nothing else.
type (
	oldExecer interface {
		Exec(query string, args []driver.Value) (driver.Result, error)
	}
	oldQueryer interface {
		Query(query string, args []driver.Value) (driver.Rows, error)
	}
	oldBeginner interface{ Begin() (driver.Tx, error) }
	oldStmt     interface {
		Exec(args []driver.Value) (driver.Result, error)
		Query(args []driver.Value) (driver.Rows, error)
	}
	columnConverter interface {
		ColumnConverter(column int) driver.ValueConverter
	}
)
