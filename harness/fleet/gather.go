package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// Options are those of Gather.
type Options struct {
	Workers  int
	Within   time.Duration // how long to wait for them
	Lost     time.Duration // after how much silence a worker is lost; 0: DefaultLost
	Replicas int           // of the stream; 0: three in a cluster, else one
	Version  string        // of lastseat: workers of another one are refused
	Say      func(format string, a ...any)
}

// Fleet is the workers of a run, as its coordinator has them.
type Fleet struct {
	conn    *nats.Conn
	js      jetstream.JetStream
	opt     Options
	run     string
	begun   time.Time // its clock began
	members []*member
	jobs    uint64
	stop    context.CancelFunc
	wg      sync.WaitGroup

	mu      sync.Mutex // of what is known of members
	changed *sync.Cond
}

// Gather claims so many workers, of those that are free and of those that come within the time. The caller closes the fleet, and the
// connection after that.
func Gather(ctx context.Context, conn *nats.Conn, opt Options) (*Fleet, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("use JetStream: %w", err)
	}
	if opt.Lost == 0 {
		opt.Lost = DefaultLost
	}
	if opt.Say == nil {
		opt.Say = func(string, ...any) {}
	}
	f := &Fleet{conn: conn, js: js, opt: opt, run: nuid.Next(), begun: time.Now()}
	f.changed = sync.NewCond(&f.mu)
	if err := f.makeStream(ctx); err != nil {
		return nil, err
	}
	background, cancel := context.WithCancel(context.Background())
	f.stop = cancel
	err = f.listen(background)
	if err == nil {
		err = f.muster(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	for _, m := range f.members {
		f.wg.Go(func() { m.watch(background) })
	}
	return f, nil
}

// inCluster is how many servers of a cluster keep the run's stream: one may die.
const inCluster = 3

// makeStream makes the run's stream. A cluster that has no leader yet does not answer: short tries. One that is too small keeps it once.
func (f *Fleet) makeStream(ctx context.Context) error {
	const tries, each = 5, 3 * time.Second
	replicas := max(f.opt.Replicas, 1)
	if f.opt.Replicas == 0 && f.conn.ConnectedClusterName() != "" {
		replicas = inCluster
	}
	var err error
	for range tries {
		once, cancel := context.WithTimeout(ctx, each)
		_, err = f.js.CreateOrUpdateStream(once, jetstream.StreamConfig{
			Name: streamOf(f.run), Subjects: []string{chunksOf(f.run, "*")}, Storage: jetstream.FileStorage, Replicas: replicas,
			MaxAge: 24 * time.Hour, Duplicates: 2 * time.Minute, Description: "lastseat: records of a run; the run removes it",
		})
		cancel()
		if err == nil {
			return nil
		}
		if missing := refused(f.conn); missing != nil {
			return missing
		}
		var api *jetstream.APIError
		if f.opt.Replicas == 0 && replicas > 1 && errors.As(err, &api) {
			replicas = 1
			continue
		}
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			break
		}
	}
	if errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) {
		return fmt.Errorf("this NATS server has no JetStream: %w; start it with -js, or enable JetStream for the account", err)
	}
	return fmt.Errorf("make the stream %s in NATS: %w", streamOf(f.run), err)
}

// listen takes in beats and chunks.
func (f *Fleet) listen(ctx context.Context) error {
	beats, err := f.conn.Subscribe(beatsOf(f.run), f.heard)
	if err != nil {
		return fmt.Errorf("listen to NATS: %w", err)
	}
	consumer, err := f.js.OrderedConsumer(ctx, streamOf(f.run), jetstream.OrderedConsumerConfig{})
	if err != nil {
		return fmt.Errorf("read the stream %s: %w", streamOf(f.run), err)
	}
	// A server that dies with the consumer is noticed by the heartbeats that fail to come.
	chunks, err := consumer.Consume(f.take, jetstream.PullExpiry(2*time.Second), jetstream.PullHeartbeat(time.Second))
	if err != nil {
		return fmt.Errorf("read the stream %s: %w", streamOf(f.run), err)
	}
	context.AfterFunc(ctx, func() {
		chunks.Stop()
		_ = beats.Unsubscribe() // the connection is closed anyway
	})
	return nil
}

// muster claims the workers.
func (f *Fleet) muster(ctx context.Context) error {
	inbox := f.conn.NewInbox()
	answers, err := f.conn.SubscribeSync(inbox)
	if err != nil {
		return fmt.Errorf("listen to NATS: %w", err)
	}
	defer func() { _ = answers.Unsubscribe() }()
	ctx, cancel := context.WithTimeoutCause(ctx, f.opt.Within, errTooFew)
	defer cancel()
	seen := map[string]bool{}
	said := time.Now()
	var foreign error
	for len(f.members) < f.opt.Workers {
		if err := ctx.Err(); err != nil {
			if !errors.Is(context.Cause(ctx), errTooFew) {
				return err
			}
			if err := refused(f.conn); err != nil {
				return err
			}
			return errors.Join(fmt.Errorf("%d of %d workers came within %v; start the others (lastseat worker --join URL), or ask for fewer with --workers",
				len(f.members), f.opt.Workers, f.opt.Within), foreign)
		}
		if time.Since(said) > 5*time.Second {
			said = time.Now()
			f.opt.Say("waiting for workers: %d of %d are here", len(f.members), f.opt.Workers)
		}
		_ = f.conn.PublishRequest(rollCall, inbox, nil) // the next one does it
		for len(f.members) < f.opt.Workers {
			m, err := answers.NextMsg(200 * time.Millisecond)
			if err != nil {
				break
			}
			var h hello
			if json.Unmarshal(m.Data, &h) != nil || seen[h.ID] {
				continue
			}
			seen[h.ID] = true
			if h.Version != f.opt.Version {
				foreign = fmt.Errorf("a worker on %s is lastseat %s, and this is %s: give all the same", h.Host, h.Version, f.opt.Version)
				continue
			}
			f.claim(ctx, h)
		}
	}
	return nil
}

var errTooFew = errors.New("too few workers")

// claim makes a free worker a member; another run may be faster.
func (f *Fleet) claim(ctx context.Context, h hello) {
	m := &member{fleet: f, id: h.ID, host: h.Host, pid: h.PID, name: fmt.Sprintf("w%d", len(f.members)+1), heard: time.Now()}
	if _, err := m.order(ctx, order{Kind: claim, Name: m.name, Lost: f.opt.Lost}, 2*time.Second); err != nil {
		return
	}
	f.mu.Lock()
	f.members = append(f.members, m)
	f.mu.Unlock()
}

// Close tells the workers that the run is over, and removes what it kept in NATS.
func (f *Fleet) Close() error {
	for _, m := range f.members {
		if m.gone() == "" {
			_, _ = m.order(context.Background(), order{Kind: bye}, time.Second) // silence says the same, later
		}
	}
	f.stop()
	f.wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := f.js.DeleteStream(ctx, streamOf(f.run)); err != nil {
		return fmt.Errorf("remove the stream %s from NATS (it goes by itself after a day): %w", streamOf(f.run), err)
	}
	return nil
}

// living are the members that are not lost.
func (f *Fleet) living() []*member {
	var all []*member
	for _, m := range f.members {
		if m.gone() == "" {
			all = append(all, m)
		}
	}
	return all
}

// now is the coordinator's clock.
func (f *Fleet) now() int64 { return int64(time.Since(f.begun)) }

// wait waits until done, asked again whenever something changed, or ctx ends.
func (f *Fleet) wait(ctx context.Context, done func() bool) error {
	stop := context.AfterFunc(ctx, f.changed.Broadcast)
	defer stop()
	f.mu.Lock()
	defer f.mu.Unlock()
	for !done() {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.changed.Wait()
	}
	return nil
}

// purge forgets the records of a row that is over.
func (f *Fleet) purge() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	s, err := f.js.Stream(ctx, streamOf(f.run))
	if err == nil {
		err = s.Purge(ctx)
	}
	if err != nil && len(f.living()) > 0 {
		return fmt.Errorf("empty the stream %s: %w", streamOf(f.run), err)
	}
	return nil // nobody is there: NATS itself went away, and the row says so
}
