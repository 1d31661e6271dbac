// Package fleet has the clients of a row work in several processes, on this machine or on others: one coordinates, the others are workers.
// They talk over NATS; what clients recorded travels through a JetStream stream.
//
// The coordinator sets rows up, judges them, and hands each worker its share of the clients (Fleet.Clients, an engine.Clients). A worker
// runs the same engine.Share that a row in one process has, and sends what it recorded while it works, what is under way included: of
// a worker that dies, the open operations are known and unknown. It sends from its spool and never waits before it answers its
// clients.
//
// A newcomer starts at Gather for the coordinator, at Work for a worker, at messages.go for what they say to each other, at chunk.go for how
// records travel.
package fleet
