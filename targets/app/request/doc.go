// Package request sends the requests of operations to a program over HTTP. In go a request with its placeholders and what stands in their
// places; out comes the answer, or why there is none. Start at Client.
package request
