package main

import "context"

// halves are what a fault in the middle leaves half done, and their mended twins.
var halves = map[string]whole{
	// Charge, and give a seat: in two transactions, or in one.
	"ticket": func(s *shop, ctx context.Context, mode, c string) (body, error) {
		if mode == "whole" {
			return s.transaction(ctx, s.db, mode, func(t tx) (body, error) {
				if err := s.charge(ctx, t, c); err != nil {
					return nil, err
				}
				return nil, s.seat(ctx, t, c)
			})
		}
		if _, err := s.transaction(ctx, s.db, mode, func(t tx) (body, error) { return nil, s.charge(ctx, t, c) }); err != nil {
			return nil, err
		}
		return s.transaction(ctx, s.db, mode, func(t tx) (body, error) { return nil, s.seat(ctx, t, c) })
	},
	// Give a seat, and send a confirmation: early, before the COMMIT, or with it.
	"confirm": func(s *shop, ctx context.Context, mode, c string) (body, error) {
		return s.transaction(ctx, s.db, mode, func(t tx) (body, error) {
			if err := s.seat(ctx, t, c); err != nil {
				return nil, err
			}
			if mode == "early" {
				t = s.db // as if it were a mail
			}
			return nil, s.message(ctx, t, c)
		})
	},
	// Charge, and send a receipt: early, before the COMMIT, or with it. It is as right as ticket whole is, with whomever it meets.
	"receipt": func(s *shop, ctx context.Context, mode, c string) (body, error) {
		return s.transaction(ctx, s.db, mode, func(t tx) (body, error) {
			if err := s.charge(ctx, t, c); err != nil {
				return nil, err
			}
			if mode == "early" {
				t = s.db
			}
			return nil, s.message(ctx, t, c)
		})
	},
	// Charge, once for each key: or none looks at the key.
	"retry": func(s *shop, ctx context.Context, mode, c string) (body, error) {
		b, err := s.transaction(ctx, s.db, mode, func(t tx) (body, error) {
			if mode == "key" {
				if err := s.changes(ctx, t, "INSERT INTO request_key (id) VALUES ($1)", c); err != nil {
					return nil, err
				}
			}
			return nil, s.charge(ctx, t, c)
		})
		if duplicate(err) {
			return b, nil
		}
		return b, err
	},
	// Charge, and put an event into the outbox: beside the transaction, or in it.
	"event": func(s *shop, ctx context.Context, mode, c string) (body, error) {
		b, err := s.transaction(ctx, s.db, mode, func(t tx) (body, error) {
			err := s.charge(ctx, t, c)
			if err == nil && mode == "inside" {
				err = s.message(ctx, t, c)
			}
			return nil, err
		})
		if err == nil && mode == "beside" {
			err = s.message(ctx, s.db, c)
		}
		return b, err
	},
}

func (s *shop) charge(ctx context.Context, t tx, c string) error {
	if err := s.changes(ctx, t, "UPDATE wallet SET balance = balance - 30 WHERE id = 'x'"); err != nil {
		return err
	}
	return s.changes(ctx, t, "INSERT INTO paid (customer, amount) VALUES ($1, 30)", c)
}

func (s *shop) seat(ctx context.Context, t tx, c string) error {
	n, err := s.one(ctx, t, "SELECT coalesce(min(number), 0) FROM seat WHERE taken_by IS NULL")
	if err == nil && n == 0 {
		err = refusal{409}
	}
	if err != nil {
		return err
	}
	return s.changes(ctx, t, "UPDATE seat SET taken_by = $1 WHERE number = $2", c, n)
}

func (s *shop) message(ctx context.Context, t tx, c string) error {
	return s.changes(ctx, t, "INSERT INTO message (customer, text) VALUES ($1, 'done')", c)
}
