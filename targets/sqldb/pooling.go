package sqldb

// Pooling is how connections reach a server through something that lends its own.
type Pooling string

const (
	// Direct: a connection is a session.
	Direct Pooling = ""
	// SessionPooling gives a connection one session until it closes. Then somebody else gets the session.
	SessionPooling Pooling = "session pooling"
	// TransactionPooling gives each transaction whatever session is free.
	TransactionPooling Pooling = "transaction pooling"
)
