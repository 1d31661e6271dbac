package main

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

// inside are operations that are one statement each: all that can go wrong goes wrong inside.
func (s *shop) inside(ctx context.Context, mode, c string) (body, error) {
	const (
		others = "(SELECT n FROM (SELECT count(*) AS n FROM doctor WHERE on_call = 1) AS d) >= 2"
		free   = "(SELECT id FROM (SELECT min(id) AS id FROM job WHERE worker = '') AS j)"
	)
	name, how, _ := strings.Cut(mode, "-")
	q := map[string]string{
		"exists":  "INSERT INTO redeemed (code, customer) SELECT 'X', $1 FROM counter WHERE id = 1 AND NOT EXISTS (SELECT 1 FROM redeemed WHERE code = 'X')",
		"count":   "INSERT INTO orders (customer, item) SELECT $1, 'hat' FROM counter WHERE id = 1 AND (SELECT count(*) FROM orders) < 1",
		"number":  "INSERT INTO invoice (number, customer) SELECT coalesce(max(number), 0) + 1, $1 FROM invoice",
		"doctors": "UPDATE doctor SET on_call = 0 WHERE name = $1 AND " + others,
		"queue":   "UPDATE job SET worker = $1 WHERE id = " + free,
		// The mended ones.
		"unique":  "INSERT INTO redeemed_once (code, customer) SELECT 'X', $1 FROM counter WHERE id = 1 AND NOT EXISTS (SELECT 1 FROM redeemed_once WHERE code = 'X')",
		"guarded": "UPDATE stock SET left_over = left_over - 1 WHERE item = 'hat' AND left_over > 0 AND $1 <> ''",
		"scan":    "UPDATE stock SET left_over = left_over - 1 WHERE left_over > 0 AND $1 <> ''",
		"upsert":  "INSERT INTO counter (id, n) SELECT 1, count(*) FROM doctor WHERE $1 <> '' ON CONFLICT (id) DO UPDATE SET n = counter.n + excluded.n",
		"locked":  "UPDATE job SET worker = $1 WHERE id = (SELECT id FROM job WHERE worker = '' ORDER BY id LIMIT 1 FOR UPDATE) AND worker = ''",
		"none":    "DELETE FROM orders WHERE item IN (SELECT item FROM stock) AND customer = $1",
	}[name]
	if s.mysql {
		q = strings.ReplaceAll(q, "ON CONFLICT (id) DO UPDATE SET n = counter.n + excluded.n", "ON DUPLICATE KEY UPDATE n = n + VALUES(n)")
	}
	for {
		n, err := s.alone(ctx, q, c, how)
		switch {
		case again(err):
		case duplicate(err) || err == nil && n == 0:
			return nil, refusal{409}
		default:
			return nil, err
		}
	}
}

// alone runs a statement in a transaction of its own: one that is not said, or a serializable one, or one that has locked.
func (s *shop) alone(ctx context.Context, q, c, how string) (n int64, err error) {
	if how == "" {
		return s.exec(ctx, s.db, q, c)
	}
	var opt sql.TxOptions
	if how == "serializable" {
		opt.Isolation = sql.LevelSerializable
	}
	t, err := s.db.BeginTx(ctx, &opt)
	if err != nil {
		return 0, err
	}
	if how == "lock" {
		if _, err := s.one(ctx, t, "SELECT left_over FROM stock WHERE item = 'hat' FOR UPDATE"); err != nil {
			return 0, errors.Join(err, t.Rollback())
		}
	}
	if n, err = s.exec(ctx, t, q, c); err != nil {
		return n, errors.Join(err, t.Rollback())
	}
	return n, t.Commit()
}
