package explore

import "context"

// Player leads actors through one schedule at a time. A Crew is one, whose actors are its clients; the copies of a user's program
// are another, where a client that has several statements out at once is several actors.
type Player interface {
	// Play plays a schedule: whenever somebody has to go next, choose says who, and -1 gives the schedule up. It returns when all
	// are done. The other methods are for choose, and for after Play.
	// Of who waits by its statement, an actor's number and Expire say that all others stand still until that wait is timed out.
	Play(ctx context.Context, choose func() int) error
	Actors() int      // at most 64
	Client(i int) int // whose actor it is
	Ready(i int) bool // the actor has announced its next step and can go on
	// Able are the actors among whom a search chooses: those that are ready, but of them who only polls if all do; putOff reports
	// whether one that polls is left out. They are valid until the next call.
	Able() (actors []int, putOff bool)
	Next(i int) Step // that the actor has announced
	Turns() []Turn   // so far, in order
	Traits() Traits
}

// Expire, added to an actor's number, has its statement run into the lock time-out, if it waits for a lock.
const Expire = 1 << 10

// expiring is a Player that can let a wait run into its time-out.
type expiring interface {
	// Waits is what the last turn did, if it waits for a lock now.
	Waits() (what string, waits bool)
}

// Lane is a Player, and the store that its schedules work on.
type Lane struct {
	Player Player
	// Each is called after every schedule, and makes the store ready for the next.
	Each func(ctx context.Context, s Schedule) (Judged, error)
	// Clear makes the store ready for the next schedule after one that was given up.
	Clear func(ctx context.Context) error
}

// Judged is what Each makes of a schedule.
type Judged struct {
	Broken bool // a rule
	// Count is called for each schedule that one lane alone would run, in that order, one at a time; nil: nothing is to be counted.
	Count func()
}

// Judging is an Each that counts nothing.
func Judging(each func(ctx context.Context, s Schedule) (broken bool, err error)) func(ctx context.Context, s Schedule) (Judged, error) {
	return func(ctx context.Context, s Schedule) (Judged, error) {
		broken, err := each(ctx, s)
		return Judged{Broken: broken}, err
	}
}

// NotStarved is what is not tried of an actor that polls.
const NotStarved = "not tried: that a client which asks the same again and again asks on while others could go on"

// last is who acted last; -1: nobody yet.
func last(p Player) int {
	if turns := p.Turns(); len(turns) > 0 {
		return turns[len(turns)-1].Client
	}
	return -1
}

// order is who acted when.
func order(turns []Turn) []int {
	all := make([]int, len(turns), len(turns)+1)
	for i := range turns {
		all[i] = turns[i].Actor()
	}
	return all
}
