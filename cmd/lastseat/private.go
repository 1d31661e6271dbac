package main

import "os"

// createFile makes or empties a file for results. What it makes is for its owner alone: results hold addresses, statements and
// answers of the user's servers. A file that exists keeps its mode.
func createFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
}
