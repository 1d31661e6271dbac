package local

import "slices"

// Also appends arguments to the command line of every later start, as Options.ExtraArgs does, in place of those that it was given
// before: what is set on a running server is set again when it comes back from a crash.
func (s *Server) Also(args ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.also = slices.Clone(args)
}

// started is how the server is laid out at its next start.
func (s *Server) started() Layout {
	l := s.layout
	l.ExtraArgs = slices.Concat(l.ExtraArgs, s.also)
	return l
}
