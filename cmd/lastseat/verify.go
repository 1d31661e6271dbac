package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/certificate"
	"github.com/lastseat/lastseat/harness/history"
	"github.com/lastseat/lastseat/harness/recheck"
	"github.com/lastseat/lastseat/harness/suite"
	"github.com/lastseat/lastseat/internal/outfiles"
)

func verifyCommand(stdout io.Writer, code *int) *cobra.Command {
	return &cobra.Command{
		Use:   "verify CERTIFICATE HISTORY",
		Short: "See whether a certificate of lastseat check proves what it says of a history",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return errors.New("verify what? Name a certificate, as lastseat check --certificate FILE wrote it, and the history that it is of")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return fmt.Errorf("verify: %w", err)
			}
			defer f.Close() //nolint:errcheck // it was only read
			c, err := certificate.ReadFrom(f)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			rec, err := recheck.Load(c, args[1])
			if err != nil {
				return err
			}
			if err := recheck.Verify(c, rec); err != nil {
				*code = suite.ExitBroken
				fmt.Fprintf(stdout, "%s does not prove what it says of %s: %v\n", args[0], args[1], err)
				return nil
			}
			fmt.Fprintf(stdout, "%s is proof: %s\n", args[0], c.Claim())
			return nil
		},
	}
}

// writeCertificate proves a verdict. Where there is no proof, the verdict stands all the same, and stderr gets the reason.
func writeCertificate(ctx context.Context, path string, stdout, stderr io.Writer, rec *history.Recording, j *recheck.Result, how *recheck.Options) error {
	c, err := recheck.Certify(ctx, rec, j, how)
	if errors.Is(err, certificate.ErrNone) {
		fmt.Fprintf(harness.VisibleWriter(stderr), "lastseat: %s: --certificate: %v; the verdict stands, and %s is not written\n", j.File, err, path)
		return nil
	} else if err != nil {
		return err
	}
	return outfiles.To("certificate", path, stdout, func(w io.Writer) error { return certificate.Write(w, c) })
}
