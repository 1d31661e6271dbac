package main

import (
	"context"
)

// Patterns of money, and of what is decided by several rows.
var money = map[string]pattern{
	// Between two accounts, the other way round for the other client.
	"transfer": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		from, to := "x", "y"
		if c == "b" {
			from, to = to, from
		}
		if mode == "guarded" {
			if err := s.guarded(ctx, t, "UPDATE account SET balance = balance - 30 WHERE id = $1 AND balance >= 30", from); err != nil {
				return nil, err
			}
			return nil, s.changes(ctx, t, "UPDATE account SET balance = balance + 30 WHERE id = $1", to)
		}
		if mode == "order" {
			for _, id := range []string{"x", "y"} {
				if _, err := s.one(ctx, t, "SELECT balance FROM account WHERE id = $1 FOR UPDATE", id); err != nil {
					return nil, err
				}
			}
		}
		a, err := s.one(ctx, t, "SELECT balance FROM account WHERE id = $1"+locking(mode), from)
		if err != nil {
			return nil, err
		}
		b, err := s.one(ctx, t, "SELECT balance FROM account WHERE id = $1"+locking(mode), to)
		if err != nil {
			return nil, err
		}
		if a < 30 {
			return nil, refusal{409}
		}
		if err := s.changes(ctx, t, "UPDATE account SET balance = $1 WHERE id = $2", a-30, from); err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, "UPDATE account SET balance = $1 WHERE id = $2", b+30, to)
	},
	// One client moves money, the other reads two balances.
	"sum": func(s *shop, ctx context.Context, t tx, _, c string) (body, error) {
		if c == "a" {
			if err := s.changes(ctx, t, "UPDATE account SET balance = balance - 30 WHERE id = 'x'"); err != nil {
				return nil, err
			}
			return nil, s.changes(ctx, t, "UPDATE account SET balance = balance + 30 WHERE id = 'y'")
		}
		x, err := s.one(ctx, t, "SELECT balance FROM account WHERE id = 'x'")
		if err != nil {
			return nil, err
		}
		y, err := s.one(ctx, t, "SELECT balance FROM account WHERE id = 'y'")
		return body{"sum": x + y}, err
	},
	// Spend all that is there.
	"spend": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if mode != "check" { // there a rule of the table's decides
			balance, err := s.one(ctx, t, "SELECT balance FROM account WHERE id = 'x'"+locking(mode))
			if err == nil && balance < 100 {
				err = refusal{402}
			}
			if err != nil {
				return nil, err
			}
		}
		table := map[bool]string{true: "checked_account", false: "account"}[mode == "check"]
		if err := s.changes(ctx, t, "UPDATE "+table+" SET balance = balance - 100 WHERE id = 'x'"); is(err, "23514", 3819, 4025) {
			return nil, refusal{402}
		} else if err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, "INSERT INTO payment (customer) VALUES ($1)", c)
	},
	// One goes off call if another is on.
	"doctors": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if err := s.queueUp(ctx, t, mode); err != nil {
			return nil, err
		}
		look := "SELECT count(*) FROM doctor WHERE on_call = 1"
		if mode == "rows" {
			look = "SELECT count(*) FROM (SELECT name FROM doctor WHERE on_call = 1 ORDER BY name FOR UPDATE) AS d"
		}
		n, err := s.one(ctx, t, look)
		if err == nil && n < 2 {
			err = refusal{409}
		}
		if err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, "UPDATE doctor SET on_call = 0 WHERE name = $1", c)
	},
	// A limit over two tables: one client draws on the card, the other takes a loan.
	"limit": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if err := s.queueUp(ctx, t, mode); err != nil {
			return nil, err
		}
		debt := 0
		for _, table := range []string{"card", "loan"} {
			n, err := s.one(ctx, t, "SELECT coalesce(sum(amount), 0) FROM "+table)
			if err != nil {
				return nil, err
			}
			debt += n
		}
		if debt+60 > 100 {
			return nil, refusal{409}
		}
		return nil, s.changes(ctx, t, "INSERT INTO "+map[string]string{"a": "card", "b": "loan"}[c]+" (amount) VALUES (60)")
	},
	// One client deletes a parent without children, the other adds a child.
	"parent": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		suffix := ""
		if mode == "key" { // a foreign key decides
			suffix = "_key"
		}
		if err := s.queueUp(ctx, t, mode); err != nil {
			return nil, err
		}
		var err error
		if c == "a" {
			if n, err := s.one(ctx, t, "SELECT count(*) FROM child"+suffix+" WHERE parent_id = 1"); err != nil {
				return nil, err
			} else if n > 0 {
				return nil, refusal{409}
			}
			err = s.guarded(ctx, t, "DELETE FROM parent"+suffix+" WHERE id = 1")
		} else {
			if n, err := s.one(ctx, t, "SELECT count(*) FROM parent"+suffix+" WHERE id = 1"); err != nil {
				return nil, err
			} else if n == 0 {
				return nil, refusal{409}
			}
			err = s.changes(ctx, t, "INSERT INTO child"+suffix+" (parent_id) VALUES (1)")
		}
		if is(err, "23503", 1451, 1452) {
			err = refusal{409}
		}
		return nil, err
	},
	// A charge, by a connection of its own, as if it were a service, inside a transaction that may be tried again.
	"charge": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if mode != "after" {
			table := map[bool]string{true: "charge_once", false: "charge"}[mode == "key"]
			if err := s.changes(ctx, s.db, "INSERT INTO "+table+" (customer) VALUES ($1)", c); err != nil && !duplicate(err) {
				return nil, err
			}
		}
		n, err := s.one(ctx, t, "SELECT n FROM counter WHERE id = 1 FOR UPDATE")
		if err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, "UPDATE counter SET n = $1 WHERE id = 1", n+1)
	},
}
