package reports

import "github.com/lastseat/lastseat/harness/explore/program"

const programVersion = 1

type programDocument struct {
	Version  int              `json:"version"`
	Kind     Kind             `json:"kind"`
	Programs []program.Report `json:"programs"`
}

// ReadProgramJSON reads what ProgramJSON wrote.
func ReadProgramJSON(text []byte) ([]program.Report, error) {
	var doc programDocument
	err := readJSON(text, programVersion, &doc)
	return doc.Programs, err
}
