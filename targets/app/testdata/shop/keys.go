package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Patterns of rows that are looked for, and then added.
var keys = map[string]pattern{
	// Look whether it was redeemed, redeem it: the program checks what an index should.
	"coupon": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if err := s.queueUp(ctx, t, mode); err != nil {
			return nil, err
		}
		table := "redeemed"
		if mode == "unique" {
			table = "redeemed_once"
		}
		n, err := s.one(ctx, t, "SELECT count(*) FROM "+table+" WHERE code = $1", "X")
		if err == nil && n > 0 {
			err = refusal{409}
		}
		if err != nil {
			return nil, err
		}
		err = s.changes(ctx, t, "INSERT INTO "+table+" (code, customer) VALUES ($1, $2)", "X", c)
		if duplicate(err) {
			err = refusal{409}
		}
		return nil, err
	},
	// Lock what is not there: no row, so no lock but for gaps. It was proposed as a remedy.
	"norows": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if err := s.queueUp(ctx, t, mode); err != nil { // what is there, first: that mends it
			return nil, err
		}
		var who string
		err := t.QueryRowContext(ctx, "SELECT customer FROM redeemed WHERE code = 'X' FOR UPDATE").Scan(&who)
		if err == nil {
			return nil, refusal{409}
		} else if !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		return nil, s.changes(ctx, t, "INSERT INTO redeemed (code, customer) VALUES ('X', $1)", c)
	},
	// A room for a night that overlaps with no other.
	"booking": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if err := s.queueUp(ctx, t, mode); err != nil {
			return nil, err
		}
		from := map[string]int{"a": 1, "b": 2}[c]
		n, err := s.one(ctx, t, "SELECT count(*) FROM booking WHERE night_from <= $1 AND night_to >= $2", from+1, from)
		if err == nil && n > 0 {
			err = refusal{409}
		}
		if err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, "INSERT INTO booking (night_from, night_to, customer) VALUES ($1, $2, $3)", from, from+1, c)
	},
	// Both clients send the same idempotency key.
	"key": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if mode == "unique" {
			err := s.changes(ctx, t, "INSERT INTO request_once (id) VALUES ('K')")
			if duplicate(err) {
				return nil, refusal{409}
			} else if err != nil {
				return nil, err
			}
		} else {
			n, err := s.one(ctx, t, "SELECT count(*) FROM request WHERE id = 'K'")
			if err == nil && n > 0 {
				err = refusal{409}
			}
			if err != nil {
				return nil, err
			}
			if err := s.changes(ctx, t, "INSERT INTO request (id) VALUES ('K')"); err != nil {
				return nil, err
			}
		}
		return nil, s.changes(ctx, t, "INSERT INTO payment (customer) VALUES ($1)", c)
	},
	// The next number is one more than the largest.
	"number": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		if err := s.queueUp(ctx, t, mode); err != nil {
			return nil, err
		}
		table := "invoice"
		if mode == "unique" {
			table = "invoice_once"
		}
		n, err := s.one(ctx, t, "SELECT coalesce(max(number), 0) + 1 FROM "+table)
		if err != nil {
			return nil, err
		}
		err = s.changes(ctx, t, "INSERT INTO "+table+" (number, customer) VALUES ($1, $2)", n, c)
		if duplicate(err) {
			err = errStale
		}
		return body{"number": n}, err
	},
	// A generated key, a child that refers to it without a foreign key, times. Attempts that fail leave gaps.
	"order": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		n, err := s.one(ctx, t, "SELECT count(*) FROM purchase")
		if err == nil && mode == "racy" && n > 0 {
			err = refusal{409}
		}
		if err != nil {
			return nil, err
		}
		now := time.Now().UTC().Format("2006-01-02 15:04:05")
		id, err := s.insert(ctx, t, "INSERT INTO purchase (customer, made) VALUES ($1, $2)", c, now)
		if err != nil {
			return nil, err
		}
		return body{"id": id, "made": now}, s.changes(ctx, t, "INSERT INTO line (purchase_id, note) VALUES ($1, $2)", id, fmt.Sprintf("order %d for %s", id, c))
	},
	// Get it, or create it; and where somebody was faster, get theirs. current reads past the transaction's snapshot.
	"getorcreate": func(s *shop, ctx context.Context, t tx, mode, _ string) (body, error) {
		const get = "SELECT n FROM tag WHERE name = 'new'"
		n, err := s.one(ctx, t, get)
		if !errors.Is(err, sql.ErrNoRows) {
			return body{"n": n}, err
		}
		rows, err := s.exec(ctx, t, s.either("INSERT INTO tag (name, n) VALUES ('new', 7) ON CONFLICT DO NOTHING", "INSERT IGNORE INTO tag (name, n) VALUES ('new', 7)"))
		if err != nil || rows == 1 {
			return body{"n": 7}, err
		}
		if mode == "current" {
			n, err = s.one(ctx, t, get+" FOR UPDATE")
		} else {
			n, err = s.count(ctx, t, get)
		}
		return body{"n": n}, err
	},
	// Add to what is there, or begin. read: the sum is the program's.
	"upsert": func(s *shop, ctx context.Context, t tx, mode, _ string) (body, error) {
		if mode == "atomic" {
			return nil, s.upsert(ctx, t, "new")
		}
		n, err := s.count(ctx, t, "SELECT n FROM tag WHERE name = 'new'")
		if err != nil {
			return nil, err
		}
		return nil, s.changes(ctx, t, s.either("INSERT INTO tag (name, n) VALUES ('new', $1) ON CONFLICT (name) DO UPDATE SET n = excluded.n",
			"INSERT INTO tag (name, n) VALUES ('new', ?) ON DUPLICATE KEY UPDATE n = VALUES(n)"), n+1)
	},
	// Several upserts, in the order in which a map gives them; sorted: in the same order for all.
	"upserts": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		names := []string{"p", "q"}
		if c == "b" && mode != "sorted" {
			names = []string{"q", "p"}
		}
		for _, name := range names {
			if err := s.upsert(ctx, t, name); err != nil {
				return nil, err
			}
		}
		return nil, nil
	},
}

func (s *shop) upsert(ctx context.Context, t tx, name string) error {
	return s.changes(ctx, t, s.either("INSERT INTO tag (name, n) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET n = tag.n + 1",
		"INSERT INTO tag (name, n) VALUES (?, 1) ON DUPLICATE KEY UPDATE n = n + 1"), name)
}

// insert is the generated key of a row.
func (s *shop) insert(ctx context.Context, t tx, q string, args ...any) (id int64, err error) {
	if !s.mysql {
		err = t.QueryRowContext(ctx, q+" RETURNING id", args...).Scan(&id)
		return id, err
	}
	r, err := t.ExecContext(ctx, s.sql(q), args...)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}
