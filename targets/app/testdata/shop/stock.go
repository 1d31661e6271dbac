package main

import (
	"context"
	"errors"
)

// Patterns of a row that is read, and then written.
var stock = map[string]pattern{
	// Look whether one is left, take it, write the order.
	"seat": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if mode == "atomic" {
			if err := s.guarded(ctx, t, "UPDATE stock SET left_over = left_over - 1 WHERE item = $1 AND left_over > 0", "hat"); err != nil {
				return nil, err
			}
		} else {
			left, err := s.one(ctx, t, "SELECT left_over FROM stock WHERE item = $1"+locking(mode), "hat")
			if is(err, "55P03", 3572, 1205) || err == nil && left < 1 {
				err = refusal{409}
			}
			if err != nil {
				return nil, err
			}
			if err := s.changes(ctx, t, "UPDATE stock SET left_over = left_over - 1 WHERE item = $1", "hat"); err != nil {
				return nil, err
			}
		}
		return nil, s.changes(ctx, t, "INSERT INTO orders (customer, item) VALUES ($1, $2)", c, "hat")
	},
	// The lock comes after the check; recheck looks once more.
	"latelock": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		const look = "SELECT left_over FROM stock WHERE item = 'hat'"
		left, err := s.one(ctx, t, look)
		if err == nil && left < 1 {
			err = refusal{409}
		}
		if err != nil {
			return nil, err
		}
		left, err = s.one(ctx, t, look+" FOR UPDATE")
		if err == nil && mode == "recheck" && left < 1 {
			err = refusal{409}
		}
		if err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, "UPDATE stock SET left_over = left_over - 1 WHERE item = 'hat'")
	},
	// Read, add in the program, write.
	"counter": func(s *shop, ctx context.Context, t tx, mode, _ string) (body, error) {
		n, err := s.one(ctx, t, "SELECT n FROM counter WHERE id = 1"+locking(mode))
		if err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, "UPDATE counter SET n = $1 WHERE id = 1", n+1)
	},
	// An ORM's save writes all columns, also those that it did not change.
	"profile": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		var name, mail string
		if err := t.QueryRowContext(ctx, "SELECT name, mail FROM profile WHERE id = 1"+locking(mode)).Scan(&name, &mail); err != nil {
			return nil, err
		}
		column := "name"
		if c == "a" {
			name = "new"
		} else {
			column, mail = "mail", "new"
		}
		if mode == "partial" {
			return nil, s.changes(ctx, t, "UPDATE profile SET "+column+" = 'new' WHERE id = 1")
		}
		return nil, s.changes(ctx, t, "UPDATE profile SET name = $1, mail = $2 WHERE id = 1", name, mail)
	},
	// A version that is compared; ignored: nobody looks whether a row had it.
	"version": func(s *shop, ctx context.Context, t tx, mode, _ string) (body, error) {
		var n, version int
		if err := t.QueryRowContext(ctx, "SELECT n, version FROM versioned WHERE id = 1").Scan(&n, &version); err != nil {
			return nil, err
		}
		rows, err := s.exec(ctx, t, "UPDATE versioned SET n = $1, version = $2 WHERE id = 1 AND version = $3", n+1, version+1, version)
		if err == nil && rows == 0 && mode == "checked" {
			err = errStale
		}
		return nil, err
	},
	// The higher bid stands.
	"auction": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		bid := map[string]int{"a": 10, "b": 20}[c]
		if mode == "guarded" {
			return nil, s.guarded(ctx, t, "UPDATE auction SET price = $1, bidder = $2 WHERE id = 1 AND price < $3", bid, c, bid)
		}
		price, err := s.one(ctx, t, "SELECT price FROM auction WHERE id = 1"+locking(mode))
		if err == nil && price >= bid {
			err = refusal{409}
		}
		if err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, "UPDATE auction SET price = $1, bidder = $2 WHERE id = 1", bid, c)
	},
	// One client pays, the other cancels.
	"status": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		next := map[string]string{"a": "paid", "b": "cancelled"}[c]
		if mode == "guarded" {
			return nil, s.guarded(ctx, t, "UPDATE delivery SET status = $1 WHERE id = 1 AND status = 'new'", next)
		}
		var status string
		err := t.QueryRowContext(ctx, "SELECT status FROM delivery WHERE id = 1"+locking(mode)).Scan(&status)
		if err == nil && status != "new" {
			err = refusal{409}
		}
		if err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, "UPDATE delivery SET status = $1 WHERE id = 1", next)
	},
	// A voucher that is worth something once.
	"voucher": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if mode == "guarded" {
			if err := s.guarded(ctx, t, "UPDATE voucher SET used_by = $1 WHERE code = 'V' AND used_by IS NULL", c); err != nil {
				return nil, err
			}
		} else {
			used, err := s.one(ctx, t, "SELECT CASE WHEN used_by IS NULL THEN 0 ELSE 1 END FROM voucher WHERE code = 'V'"+locking(mode))
			if err == nil && used == 1 {
				err = refusal{409}
			}
			if err != nil {
				return nil, err
			}
			if err := s.changes(ctx, t, "UPDATE voucher SET used_by = $1 WHERE code = 'V'", c); err != nil {
				return nil, err
			}
		}
		return nil, s.changes(ctx, t, "UPDATE account SET balance = balance + 10 WHERE id = 'x'")
	},
	// A DELETE that may be repeated, and a counter beside it that may not.
	"delete": func(s *shop, ctx context.Context, t tx, mode, _ string) (body, error) {
		there, err := s.count(ctx, t, "SELECT count(*) FROM favourite WHERE id = 1")
		if err == nil && there == 0 {
			err = refusal{404}
		}
		if err != nil {
			return nil, err
		}
		n, err := s.exec(ctx, t, "DELETE FROM favourite WHERE id = 1")
		if err != nil {
			return nil, err
		}
		if mode == "counted" && n == 0 {
			return nil, refusal{404}
		}
		return nil, s.changes(ctx, t, "UPDATE counter SET n = n - 1 WHERE id = 1")
	},
	// A column counts the rows of another table.
	"recount": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		err := s.changes(ctx, t, "INSERT INTO remark (customer) VALUES ($1)", c)
		if err != nil {
			return nil, err
		}
		switch mode {
		case "plus":
			return nil, s.changes(ctx, t, "UPDATE counter SET n = n + 1 WHERE id = 1")
		case "sub":
			return nil, s.changes(ctx, t, "UPDATE counter SET n = (SELECT count(*) FROM remark) WHERE id = 1")
		}
		n, err := s.one(ctx, t, "SELECT count(*) FROM remark")
		if err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, "UPDATE counter SET n = $1 WHERE id = 1", n)
	},
	// What happened is told in a row of its own.
	"outbox": func(s *shop, ctx context.Context, t tx, _, c string) (body, error) {
		if err := s.changes(ctx, t, "UPDATE counter SET n = n + 1 WHERE id = 1"); err != nil {
			return nil, err
		}
		n, err := s.one(ctx, t, "SELECT n FROM counter WHERE id = 1")
		if err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, "INSERT INTO outbox (customer, event) VALUES ($1, $2)", c, n)
	},
	// Draw the next ticket, and say which it is.
	"ticket": func(s *shop, ctx context.Context, t tx, _, _ string) (body, error) {
		if err := s.changes(ctx, t, "UPDATE counter SET n = n + 1 WHERE id = 1"); err != nil {
			return nil, err
		}
		n, err := s.one(ctx, t, "SELECT n FROM counter WHERE id = 1")
		return body{"ticket": n}, err
	},
	// One statement that looks and writes.
	"guard": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if err := s.queueUp(ctx, t, mode); err != nil {
			return nil, err
		}
		from := "counter WHERE id = 1 AND (SELECT count(*) FROM orders) < 1"
		switch mode {
		case "counting": // what it locks is not what it decides by, and was counted before it had to wait
			from += " FOR UPDATE"
		case "locking": // what it decides by is in one row, which it locks
			from = "stock WHERE item = 'hat' AND left_over > 0 FOR UPDATE"
		}
		err := s.guarded(ctx, t, "INSERT INTO orders (customer, item) SELECT '"+c+"', 'hat' FROM "+from)
		if err == nil && mode == "locking" {
			err = s.changes(ctx, t, "UPDATE stock SET left_over = left_over - 1 WHERE item = 'hat'")
		}
		return nil, err
	},
	// A cache beside its source: one client fills it, the other changes the source.
	"cache": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if c == "b" {
			err := s.changes(ctx, t, "UPDATE source SET n = 2 WHERE id = 1")
			return nil, errors.Join(err, s.changes(ctx, t, "DELETE FROM cached WHERE id = 1"))
		}
		n, err := s.one(ctx, t, "SELECT n FROM source WHERE id = 1"+locking(mode))
		if err != nil {
			return nil, err
		}
		return body{"n": n}, s.changes(ctx, t, s.either("INSERT INTO cached (id, n) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET n = excluded.n",
			"INSERT INTO cached (id, n) VALUES (1, ?) ON DUPLICATE KEY UPDATE n = VALUES(n)"), n)
	},
}
