package load

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/lastseat/lastseat/targets/app/database"
)

// Control is lastseat's own naive buy on the server of a program: look whether a seat is left, and take it.
type Control struct {
	sessions []database.Session
	db       database.Database
}

// mostSessions bounds what a control opens.
const mostSessions = 16

// NewControl makes the control's tables in a database of its own, and opens a session for each client. The caller must Close it.
func NewControl(ctx context.Context, db database.Database, clients int) (*Control, error) {
	c := &Control{db: db}
	for _, sql := range []string{"CREATE TABLE seats (id int PRIMARY KEY, left_over int NOT NULL)", "CREATE TABLE orders (client int NOT NULL)", "INSERT INTO seats VALUES (1, 1)"} {
		if err := db.Exec(ctx, sql); err != nil {
			return c, fmt.Errorf("the control: %w", err)
		}
	}
	for range min(clients, mostSessions) {
		s, err := db.Session(ctx)
		if err != nil {
			return c, fmt.Errorf("the control: %w", err)
		}
		c.sessions = append(c.sessions, s)
	}
	return c, nil
}

// Round has all clients buy the last seat at one moment, and says whether it was sold more than once.
func (c *Control) Round(ctx context.Context) (broke bool, err error) {
	if err := c.db.Exec(ctx, "UPDATE seats SET left_over = 1 WHERE id = 1"); err != nil {
		return false, fmt.Errorf("the control: %w", err)
	}
	var all sync.WaitGroup
	begin := make(chan struct{})
	sold, errs := make([]bool, len(c.sessions)), make([]error, len(c.sessions))
	for i, s := range c.sessions {
		all.Go(func() {
			<-begin
			sold[i], errs[i] = buy(ctx, s, i)
		})
	}
	close(begin)
	all.Wait()
	n := 0
	for _, s := range sold {
		if s {
			n++
		}
	}
	return n > 1, errors.Join(errs...)
}

// buy is the bug: what was read is not protected until it is written.
func buy(ctx context.Context, s database.Session, client int) (sold bool, err error) {
	rows, err := s.Query(ctx, "SELECT left_over FROM seats WHERE id = 1")
	if err != nil || len(rows) == 0 {
		return false, err
	}
	left, err := strconv.Atoi(rows[0][0])
	if err != nil || left < 1 {
		return false, err
	}
	if _, err = s.Query(ctx, fmt.Sprintf("INSERT INTO orders VALUES (%d)", client)); err != nil {
		return false, err
	}
	_, err = s.Query(ctx, fmt.Sprintf("UPDATE seats SET left_over = %d WHERE id = 1", left-1))
	return err == nil, err
}

// Close ends the sessions.
func (c *Control) Close(ctx context.Context) error {
	var errs []error
	for _, s := range c.sessions {
		errs = append(errs, s.Close(ctx))
	}
	return errors.Join(errs...)
}
