package proxy

import (
	"io"
	"net"
)

// Entry is a program that was let in.
type Entry struct {
	Program, Server net.Conn // from here on: encrypted, where that was agreed on
	// Said is what they would have said without the proxy, up to where the program can ask something. The reader of what comes next
	// has to know it.
	Said []Said
	// Again lets the program in once more on the same connection, where its protocol has that, or passes on that the session is to be as
	// new. What it asked is a whole request; the answer is what ends it.
	Again func(program, server io.ReadWriter, request []byte) (answer []byte, err error)
}

// Said is what one side said.
type Said struct {
	Program bool
	Bytes   []byte
}
