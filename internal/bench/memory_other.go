//go:build !unix

package main

import "os"

func peakMemory(*os.ProcessState) int64 { return 0 }

// forgetPeak does nothing: this system does not say how much memory a process had.
func forgetPeak() {}
