package store

import (
	"fmt"
	"time"
)

// Cell is a value of a Reply's row: as the server's own console shows it. column is the name of its column's type: database/sql's drivers make
// times of some types, and say by it what they made them of.
func Cell(v any, column string) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case []byte:
		return string(v)
	case time.Time:
		switch column {
		case "DATE":
			return v.Format(time.DateOnly)
		case "TIMESTAMPTZ":
			return v.Format("2006-01-02 15:04:05.999999-07:00")
		}
		return v.Format("2006-01-02 15:04:05.999999")
	}
	return fmt.Sprint(v)
}
