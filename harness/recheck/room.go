package recheck

import "sync"

// atOnce is how many bytes of text may be judged at once, if they are of several files. To judge 2 MB of registers with blind writes takes up
// to 200 MB of memory, which grows as the square; so a large file is judged by itself.
const atOnce = 4 << 20

// room is for files that are judged at once.
type room struct {
	mu    sync.Mutex
	freed sync.Cond
	most  int // files
	files int
	bytes int64
}

func newRoom(most int) *room {
	r := &room{most: most}
	r.freed.L = &r.mu
	return r
}

// take waits until there is room for a file of so many bytes. There always is, once no other has any.
func (r *room) take(bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.files > 0 && (r.files == r.most || r.bytes+bytes > atOnce) {
		r.freed.Wait()
	}
	r.files++
	r.bytes += bytes
}

// leave gives back what take took.
func (r *room) leave(bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files--
	r.bytes -= bytes
	r.freed.Signal()
}
