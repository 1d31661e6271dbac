package reports

import "github.com/lastseat/lastseat/harness/suite"

type (
	Result   = suite.Result
	Row      = suite.Row
	Server   = suite.Server
	Explored = suite.Explored
)
