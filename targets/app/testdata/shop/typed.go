package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"
)

// Patterns of rows that hold all sorts of columns.
var typed = map[string]pattern{
	// An invoice with what programs draw, date and number, and a sum that is kept beside.
	"typed": func(s *shop, ctx context.Context, t tx, mode, c string) (body, error) {
		updated := s.either(", updated = now()", "") // MySQL does it of itself
		if mode == "atomic" {
			if err := s.changes(ctx, t, "UPDATE total SET amount = amount + 1.50"+updated+" WHERE id = 1"); err != nil {
				return nil, err
			}
		} else {
			var amount float64
			if err := t.QueryRowContext(ctx, "SELECT amount FROM total WHERE id = 1").Scan(&amount); err != nil {
				return nil, err
			}
			if err := s.changes(ctx, t, "UPDATE total SET amount = $1"+updated+" WHERE id = 1", fmt.Sprintf("%.2f", amount+1.5)); err != nil {
				return nil, err
			}
		}
		raw := make([]byte, 16)
		_, _ = rand.Read(raw) // it never fails
		uuid, token := fmt.Sprintf("%x-%x-4%x-8%x-%x", raw[:4], raw[4:6], raw[6:7], raw[7:8], raw[8:14]), base64.StdEncoding.EncodeToString(raw)
		uuid = uuid[:17] + "0" + uuid[17:21] + "0" + uuid[21:]
		id, err := s.insert(ctx, t, "INSERT INTO invoiced (uuid, token, raw, price, kind) VALUES ($1, $2, $3, 1.50, 'new')", uuid, token, raw)
		if err != nil {
			return nil, err
		}
		doc := fmt.Sprintf(`{"ref": "NR%012d", "at": %q, "tags": ["b", "a"]}`, id, time.Now().Format(time.RFC3339Nano))
		if err := s.changes(ctx, t, "UPDATE invoiced SET doc = $1, note = $2 WHERE id = $3", doc, c, id); err != nil {
			return nil, err
		}
		var lines []body
		for number := range 2 {
			if err := s.changes(ctx, t, "INSERT INTO invoiced_line (invoiced_id, number, uuid) VALUES ($1, $2, $3)", id, number, uuid); err != nil {
				return nil, err
			}
			lines = append(lines, body{"number": number, "of": uuid})
		}
		return body{"id": fmt.Sprint(id), "uuid": uuid, "token": token, "self": fmt.Sprintf("/api/invoices/%d/lines", id), "lines": lines}, nil
	},
}
