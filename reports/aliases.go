package reports

import "github.com/lastseat/lastseat/harness/suite"

// Result is everything that a run found.
type Result = suite.Result

// Row is one line of the table.
type Row = suite.Row

// Server is a target's server as it was measured.
type Server = suite.Server

// Backend is what answered for a component.
type Backend = suite.Backend

// Explored is what came of exploring a row.
type Explored = suite.Explored
