package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// lsn is a position in PostgreSQL's write-ahead log, in bytes.
type lsn uint64

const (
	// pollEvery is how often the replica is asked how far it is.
	pollEvery = time.Millisecond
	// patience is how long the replica has, its delay included, until the primary is told to flush.
	patience = 15 * time.Millisecond
	// Each page of the log begins with a header of 24 bytes, and each segment's first page with one of 40 (access/xlog_internal.h).
	shortHeader, longHeader = 24, 40
)

// insertEnd is where the primary's log ends now. It is the position of insertion, the furthest there is: the commit of whatever
// anybody may have seen on the primary is before it, also where commits do not wait for the disk (synchronous_commit=off), whose
// written and flushed positions are behind what was acknowledged. The replica gets there once the log is flushed up to it.
func insertEnd(ctx context.Context, c *pgx.Conn) (lsn, error) {
	const sql = `SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint, current_setting('wal_block_size')::bigint,
		pg_size_bytes(current_setting('wal_segment_size'))`
	var at, page, segment int64
	if err := c.QueryRow(ctx, sql).Scan(&at, &page, &segment); err != nil {
		return 0, fmt.Errorf("ask the primary where its log ends: %w", err)
	}
	return lastRecord(lsn(at), lsn(page), lsn(segment)), nil
}

// lastRecord is where the last record ends if the next one is inserted at a position. Where a record fills its page to the brim, the
// next goes behind the header of the page to come, and no replica replays a header.
func lastRecord(at, page, segment lsn) lsn {
	switch {
	case at%segment == longHeader:
		return at - longHeader
	case at%segment >= page && at%page == shortHeader:
		return at - shortHeader
	}
	return at
}

// replayed waits for a while until the standby has replayed the log up to a position.
func replayed(ctx context.Context, c *pgx.Conn, end lsn) (bool, error) {
	for until := time.Now().Add(patience); ; {
		var at *int64 // NULL: it has replayed nothing yet
		if err := c.QueryRow(ctx, "SELECT (pg_last_wal_replay_lsn() - '0/0')::bigint").Scan(&at); err != nil {
			return false, fmt.Errorf("ask the replica how far it is: %w", err)
		}
		switch {
		case at != nil && lsn(*at) >= end:
			return true, nil
		case time.Now().After(until):
			return false, nil
		}
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return false, fmt.Errorf("wait for the replica to catch up: %w", ctx.Err())
		}
	}
}

// flush has the primary write its log to the disk, up to here at least: only then does the replica get it. Every commit that waits
// for the disk does so; where none comes, what others have written in transactions under way could stay in memory for seconds.
func flush(ctx context.Context, c *pgx.Conn) error {
	const commit = "SELECT set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'lastseat', '')"
	if _, err := c.Exec(ctx, commit); err != nil {
		return fmt.Errorf("have the primary flush its log: %w", err)
	}
	return nil
}
