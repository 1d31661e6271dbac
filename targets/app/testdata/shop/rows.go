package main

import "context"

// Patterns of clients with a row of their own each.
var rows = map[string]pattern{
	"rows": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		const add = "UPDATE counter SET n = n + 1 WHERE id = $1"
		mine, other := 1, 2
		if c == "b" {
			mine, other = other, mine
		}
		switch mode {
		case "missing": // there is no such row, and no such key
			if err := s.changes(ctx, t, add, 10*mine); err != nil {
				return nil, err
			}
			return nil, s.changes(ctx, t, add, mine)
		case "cross": // each decides by the other's row
			n, err := s.one(ctx, t, "SELECT n FROM counter WHERE id = $1", other)
			if err != nil {
				return nil, err
			}
			return nil, s.changes(ctx, t, "UPDATE counter SET n = $1 WHERE id = $2", n+1, mine)
		case "circle": // each locks the other's row last
			if err := s.changes(ctx, t, add, mine); err != nil {
				return nil, err
			}
			return nil, s.changes(ctx, t, add, other)
		case "delete":
			if err := s.changes(ctx, t, add, mine); err != nil {
				return nil, err
			}
			return nil, s.changes(ctx, t, "DELETE FROM counter WHERE id = $1 AND n > 0", mine)
		}
		if _, err := s.one(ctx, t, "SELECT n FROM counter WHERE id = $1"+locking(mode), mine); err != nil {
			return nil, err
		}
		if err := s.changes(ctx, t, add, mine); err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, add, mine)
	},
}
