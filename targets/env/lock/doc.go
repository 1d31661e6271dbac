// Package lock surrounds a store with locks that its clients take before an operation and give back after it: a mutex of the
// process, Redis, Redlock, ZooKeeper, the database itself; and with the ways in which such locks are got wrong. In goes a target,
// out comes one whose sessions hold the locks of all cells that an operation touches, taken in cell order.
//
// What happens to a lock at an operation's end goes by what the client knows:
//
//   - It was answered: the lock is given back at once.
//   - Unknown: a COMMIT under way may still take effect. The lock is kept, and renewed, until the store says that every transaction
//     which was under way has ended; then it is given back. Where the store cannot be asked, it is kept for a
//     grace. Kept locks belong to the session, and end with it.
//   - The client crashed: nothing is given back. A lock that expires does so; one that is bound to a session ends with that.
//
// A lock that expires is renewed while its holder works, who also looks before a commit whether it is still held. That leaves one
// way in: the commit itself may take longer than the lock still lives. Only a fencing token closes it. Where holders pause
// (Traits.Pause), nothing is renewed or looked at: a process that stands still does neither.
//
// A newcomer starts at Table. To add a lock, write one file with a service and one line in designs.
package lock
