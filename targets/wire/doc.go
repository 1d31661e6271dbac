// Package wire reads what clients and servers of databases say to each other. In go the bytes of one connection, those of each
// direction as they come; out come whole requests (text, parameters, which transaction they begin or end) and whole answers (rows,
// tags, errors, the transaction's state, whether a commit was acknowledged). How the bytes are cut into pieces changes no event.
//
// A Protocol comes from an engine: nobody chooses one by a product's name. Protocol.NewConn makes a Conn for each connection, which
// somebody in between feeds:
//
//	conn := protocol.NewConn(wire.Options{Rows: 3})
//	step := conn.Client(b) // bytes that the client sent
//	// hold what step.Events names, then:
//	client.Write(step.Back) // what the Conn answers in the server's place
//	server.Write(step.On)   // what goes on
//	step = conn.Server(b)   // bytes that the server sent; the same with the sides exchanged
//
// Event.End says with which byte of On a request or an answer is whole, so that a proxy can hold it back up to there. A request
// that is Last ends a batch: the server has all that it needs to answer.
//
// What the package cannot follow (encryption, compression, replication, nonsense) ends the events by one that says why; the bytes
// still go on. Memory is bounded by Options. Start at Conn, then Request and Answer; postgres.go and mysql.go are the two readers.
package wire
