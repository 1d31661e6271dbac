package main

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// Reports are at least as wide as a terminal usually is, and no wider than eyes can follow.
const (
	leastWidth = 80
	mostWidth  = 200
)

// reportWidth is how wide a report on w may be: COLUMNS, or as wide as the terminal is; 0 where there is none.
func reportWidth(w io.Writer) int {
	width := terminalWidth(w)
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		width = columns
	}
	if width == 0 {
		return 0
	}
	return min(max(width, leastWidth), mostWidth)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// terminalWidth is how wide the terminal behind w is; 0 where w is no terminal.
func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}
