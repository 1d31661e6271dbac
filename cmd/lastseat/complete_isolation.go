package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness/explore/schedule"
)

// completePlaces tells the shell where schedules can be played.
func completePlaces(cmd *cobra.Command) {
	values := axisValues()
	if err := errors.Join(
		cmd.RegisterFlagCompletionFunc("target", completeList(values["target"][1:])), // all but memory
		cmd.RegisterFlagCompletionFunc("isolation", completeList(values["isolation"])),
	); err != nil {
		panic(err) // a flag is named here that there is not
	}
}

// completeIsolation tells the shell what the values of isolation's flags can be.
func completeIsolation(cmd *cobra.Command) {
	completePlaces(cmd)
	anomalies, err := schedule.Anomalies()
	var values []cobra.Completion
	for _, s := range anomalies {
		values = append(values, cobra.CompletionWithDesc(s.Name, s.About))
	}
	err = errors.Join(err, cmd.RegisterFlagCompletionFunc("anomaly", completeList(values)),
		cmd.RegisterFlagCompletionFunc("show", completeList(values)))
	for _, form := range isolationFormats() {
		err = errors.Join(err, cmd.MarkFlagFilename(form.flag, form.ext))
	}
	if err != nil {
		panic(err) // a flag is named here that there is not, or a schedule of our own cannot be read
	}
}
