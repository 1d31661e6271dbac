// Package proxy stands between a program and its database. It is a server to the program and a client to the server, and tells a
// Watcher of each batch of statements as it comes, and when it was answered. The Watcher may hold a batch back; what it does not
// hold passes at once.
//
// Each copy of a program has a Proxy of its own, so that whose statement it is is never guessed. Start at New; conn.go has one
// connection's life.
package proxy
