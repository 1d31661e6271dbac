package store

// Innermost is the error at the end of a chain: what drivers and clients wrap it in may repeat an address or a DSN, which is nobody's
// business. Of several joined (one an address that was tried) it is the first's.
func Innermost(err error) error {
	for {
		var inner error
		switch e := err.(type) { //nolint:errorlint // it walks the chain link by link
		case interface{ Unwrap() error }:
			inner = e.Unwrap()
		case interface{ Unwrap() []error }:
			if all := e.Unwrap(); len(all) > 0 {
				inner = all[0]
			}
		}
		if inner == nil {
			return err
		}
		err = inner
	}
}
