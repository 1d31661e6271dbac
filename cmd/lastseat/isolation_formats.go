package main

import (
	"errors"
	"io"
	"os"
	"slices"

	"github.com/lastseat/lastseat/harness/isolation"
	"github.com/lastseat/lastseat/reports"
)

// isolationFormat is a form in which measurements can be written.
type isolationFormat struct {
	flag, help, ext string
	write           func(io.Writer, *isolation.Result) error
}

func isolationFormats() [3]isolationFormat {
	return [3]isolationFormat{
		{"json", "file for the measurements as JSON; - for standard output instead of the matrix", "json", reports.IsolationJSON},
		{"markdown", "file for the matrix as Markdown; - as above", "md", reports.IsolationMarkdown},
		{"junitfile", "file for JUnit XML, a test case for each level and anomaly; - as above", "xml", reports.IsolationJUnit},
	}
}

// create makes the files that results go to, before there are any, so that nothing is measured in vain.
func (o *isolationOptions) create() (files [3]*os.File, err error) {
	for i, form := range isolationFormats() {
		if o.files[i] == "" || o.files[i] == onStdout {
			continue
		}
		if files[i], err = createFile(o.files[i]); err != nil {
			return files, unwritable(form.flag, err)
		}
	}
	return files, nil
}

// write writes the measurements everywhere they were asked for.
func (o *isolationOptions) write(r *isolation.Result, files [3]*os.File, stdout io.Writer) error {
	var errs []error
	for i, form := range isolationFormats() {
		switch {
		case o.files[i] == onStdout:
			errs = append(errs, form.write(stdout, r))
		case files[i] != nil:
			if err := form.write(files[i], r); err != nil {
				errs = append(errs, unwritable(form.flag, err))
			}
		}
	}
	switch {
	case slices.Contains(o.files[:], onStdout):
	case o.show:
		errs = append(errs, reports.Transcripts(stdout, r.Transcripts()))
	default:
		errs = append(errs, reports.IsolationText(stdout, r, o.color))
	}
	return errors.Join(errs...)
}
