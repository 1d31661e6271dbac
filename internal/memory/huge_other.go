//go:build !linux

package memory

func onRequest() bool { return false }

func advise([]byte) {}
