package fleet

import (
	"fmt"
	"maps"
	"slices"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/clock"
	"github.com/lastseat/lastseat/harness/engine"
)

// part is a worker's share of a row's clients, as the coordinator has it. Fleet.mu guards it.
type part struct {
	of       *member
	clients  *clients
	from, to int
	place    int // of its clock in the history
	clock    *clock.Remote
	probes   int    // round trips that clock knows of
	ahead    int64  // by how much the worker's clock shows more than the fleet's, as of the last one
	tally    *tally // what it came to in the last round that it ended; nil: none yet
	worked   bool   // a round is under way, or was when the worker was lost
	unseen   int

	arrived [][]byte          // chunks that came since the last probe
	early   map[uint64][]byte // that came before one that is missing
	chunks  uint64            // how many are taken in, without a gap
	damaged error             // the first chunk that could not be read
	logs    map[int32]*harness.Log
	last    *harness.Log           // that was appended to
	open    map[int32]*harness.Log // by client: its operation under way, a log of one
	openID  map[int32]int64
	faults  []harness.Fault
}

func newPart(c *clients, m *member, from, to, place int) *part {
	return &part{
		of: m, clients: c, from: from, to: to, place: place, clock: clock.New(clock.DriftPPM), early: map[uint64][]byte{},
		logs: map[int32]*harness.Log{}, open: map[int32]*harness.Log{}, openID: map[int32]int64{},
	}
}

// probed takes in the chunks that had arrived before the probe was sent: what they hold was recorded between two probes.
func (p *part) probed(sent, remote, received int64, before int) {
	p.clock.Add(sent, remote, received)
	p.probes, p.ahead = p.probes+1, remote-sent-(received-sent)/2
	arrived := p.arrived[:before]
	p.arrived = p.arrived[before:]
	for _, chunk := range arrived {
		p.takeIn(chunk)
	}
}

// takeIn takes in a chunk once those before it are: one that comes twice counts once, and one of another row not at all.
func (p *part) takeIn(chunk []byte) {
	r, err := read(chunk)
	switch {
	case err != nil:
		if p.damaged == nil {
			p.damaged = err
		}
	case r.job != p.clients.job || r.number <= p.chunks:
	case r.number > p.chunks+1:
		p.early[r.number] = chunk
	default:
		p.chunks++
		if err := p.records(r); err != nil && p.damaged == nil {
			p.damaged = err
		}
		if next, ok := p.early[p.chunks+1]; ok {
			delete(p.early, p.chunks+1)
			p.takeIn(next)
		}
	}
}

// records takes in the operations of a chunk.
func (p *part) records(r *reader) error {
	names := make([]uint8, len(r.names))
	for i, n := range r.names {
		names[i] = p.clients.name(n)
	}
	for _, f := range r.faults {
		p.faults = append(p.faults, harness.Fault{What: f.What, From: p.when(f.From), To: p.when(f.To)})
	}
	var c engine.Collected
	for r.next(&c) {
		c.Name = names[c.Name]
		client := c.Process() % int32(p.clients.cfg.Concurrency)
		if int(client) < p.from || int(client) >= p.to {
			return fmt.Errorf("%w: it has operation %d of client %d, which is another worker's", errChunk, c.ID, client)
		}
		if !c.Open {
			if err := p.answered(&c, client); err != nil {
				return err
			}
			continue
		}
		log := &harness.Log{Process: c.Process(), Clock: p.place}
		log.Append(*c.Record, c.Accesses...)
		p.open[client], p.openID[client] = log, c.ID
	}
	return r.err()
}

// answered takes in an operation that was answered.
func (p *part) answered(c *engine.Collected, client int32) error {
	log := p.last
	if log == nil || log.Process != c.Process() {
		if log = p.logs[c.Process()]; log == nil {
			log = &harness.Log{Process: c.Process(), Clock: p.place, Spool: p.clients.keep}
			p.logs[c.Process()] = log
		}
		p.last = log
	}
	if seq := harness.OpSeq(c.ID); seq != log.Len()+1 {
		return fmt.Errorf("%w: operation %d of process %d comes after operation %d", errChunk, seq, c.Process(), log.Len())
	}
	c.Invoke, c.Begin, c.End = p.when(c.Invoke), p.when(c.Begin), p.when(c.End)
	log.Append(*c.Record, c.Accesses...)
	if c.Error != "" {
		if log.Errors == nil {
			log.Errors = map[int64]string{}
		}
		log.Errors[c.ID] = c.Error
	}
	if len(p.openID) > 0 && p.openID[client] == c.ID {
		delete(p.open, client)
		delete(p.openID, client)
	}
	return nil
}

// when is a time of the worker's clock on the row's scale.
func (p *part) when(t int64) int64 { return p.clock.Map(t) - p.clients.zero }

// whole reports whether all that the worker sent of its last round is taken in.
func (p *part) whole() bool { return p.chunks >= p.of.beat.Chunks && len(p.arrived) == 0 }

// missing says what of the worker's operations nobody knows; empty: all are known.
func (p *part) missing() string {
	if p.unseen == 0 {
		return ""
	}
	return fmt.Sprintf("%s: what its %d clients did last is not known", p.of.lost, p.unseen)
}

// abandon gives the worker up: what it had begun may have happened, and may yet.
func (p *part) abandon() {
	if !p.worked {
		return
	}
	p.unseen = p.to - p.from
	for _, client := range slices.Sorted(maps.Keys(p.open)) {
		r := p.open[client].At(0)
		log := p.logs[r.Process()]
		if log == nil {
			log = &harness.Log{Process: r.Process(), Clock: p.place, Spool: p.clients.keep}
			p.logs[r.Process()] = log
		}
		if harness.OpSeq(p.openID[client]) != log.Len()+1 {
			continue
		}
		rec := *r.Record
		rec.Invoke, rec.Begin = p.when(rec.Invoke), p.when(rec.Begin)
		rec.End = max(p.clients.fleet.now()-p.clients.zero, rec.Begin)
		log.Append(rec, r.Accesses...)
	}
}
