package main

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

// Patterns of jobs that several workers take.
var queues = map[string]pattern{
	// Take the first; giveup: one of the clients then finds that it cannot do it.
	"queue": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		how := map[string]string{
			"wait": " FOR UPDATE", "skip": " FOR UPDATE SKIP LOCKED", "giveup": " FOR UPDATE SKIP LOCKED", "nowait": " FOR UPDATE NOWAIT",
		}[mode]
		id, err := s.one(ctx, t, "SELECT id FROM job WHERE worker = '' ORDER BY id LIMIT 1"+how)
		if errors.Is(err, sql.ErrNoRows) || is(err, "55P03", 3572, 1205) {
			return nil, refusal{404}
		} else if err != nil {
			return nil, err
		}
		if mode == "giveup" && c == "a" {
			return nil, refusal{422}
		}
		return body{"job": id}, s.changes(ctx, t, "UPDATE job SET worker = $1 WHERE id = $2", c, id)
	},
	// Take the first in one statement, that chooses in a subquery of its own. skip: the subquery locks, and how often it runs is the plan's business.
	"claim": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		q := "UPDATE job SET worker = $1 WHERE id = (SELECT id FROM (SELECT id FROM job WHERE worker = '' ORDER BY id LIMIT 1) AS first)"
		if mode == "skip" {
			q = strings.Replace(q, "LIMIT 1", "LIMIT 1 FOR UPDATE SKIP LOCKED", 1)
		}
		if mode == "guarded" {
			q += " AND worker = ''"
		}
		n, err := s.exec(ctx, t, q, c)
		if err == nil && n == 0 && mode == "guarded" {
			err = errStale
		}
		if err != nil {
			return nil, err
		}
		id, err := s.count(ctx, t, "SELECT id FROM job WHERE worker = $1", c)
		return body{"job": id}, err
	},
}
