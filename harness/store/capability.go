package store

import "context"

// LockWaits is an optional capability of a Target whose server can be asked how many of the row's sessions wait for a
// lock at this moment.
type LockWaits interface {
	LockWaits(ctx context.Context) (int, error)
}

// InProcess is an optional capability of a Target that runs in this process and cannot hang: no per-operation timeout is
// armed for it, because that would cost more than the operation.
type InProcess interface{ InProcess() bool }

// Journalless is an optional capability of a Target whose store keeps no journal: no entry tells which operation wrote what. Then
// State.Journal is empty in the history, and checks that need a journal are not made.
type Journalless interface{ Journalless() bool }

// Pooled is an optional capability of a Target whose clients share connections, and of whose attempts each is work on one of them and
// nothing else. Where there are more clients, the engine makes them wait: the wait is counted apart, and no attempt's time runs meanwhile.
// What surrounds a target does not pass it on: its clients may have more to do than to use a connection.
type Pooled interface{ Connections() int }
