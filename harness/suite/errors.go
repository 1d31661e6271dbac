package suite

import "errors"

// Separate takes apart what errors.Join has joined, so that each error can be a line of its own. No error is none.
func Separate(err error) []error {
	if err == nil {
		return nil
	}
	all, ok := err.(interface{ Unwrap() []error })
	if !ok || err.Error() != errors.Join(all.Unwrap()...).Error() {
		return []error{err}
	}
	var separate []error
	for _, e := range all.Unwrap() {
		separate = append(separate, Separate(e)...)
	}
	return separate
}
