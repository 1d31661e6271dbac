package store

// FaultyService is an outside service that can be made to misbehave.
type FaultyService interface {
	// Expect prepares whoever asks it for the fault to come: how long they wait for an answer, above all. It says as a clause what
	// then goes wrong, for lack of a key or of an answer; empty: nothing does.
	Expect(t ServiceFault) (why string)
	// Inject makes it misbehave from now on; the zero value ends that.
	Inject(t ServiceFault)
}

// ServiceFault is what is wrong with a service: each is the share of requests, 0 to 1, that meet it.
type ServiceFault struct {
	Refuse float64 // refused at once, with nothing done: 503
	Hang   float64 // done, and never answered
	Slow   float64 // answered late, but in time
	Twice  float64 // delivered twice
	Seed   uint64  // of which requests they are
}
