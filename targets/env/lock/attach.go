package lock

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/lastseat/lastseat/harness"
	"github.com/lastseat/lastseat/harness/store"
)

// attachment is where the locks of a row are that another process has begun.
type attachment struct {
	Address string `json:",omitempty"` // of their servers, as Backend.Check takes it; empty: they have none of their own
	Space   string `json:",omitempty"` // what the names of the row's locks begin with
}

// attached are the options and the attachment of a process that joins the rows of another one; nil: it begins its own.
func attached(d *design, opt store.ComponentOptions) (store.ComponentOptions, *attachment, error) {
	if !opt.Joins {
		return opt, nil, nil
	}
	var at attachment
	if err := json.Unmarshal([]byte(opt.Attach), &at); err != nil {
		return opt, nil, fmt.Errorf("read where its locks are: %w", err)
	}
	opt.Backends = map[string]string{d.backend: at.Address}
	return opt, &at, nil
}

// Share is where other processes find the row's locks.
func (d *instance) Share() (string, error) {
	text, err := json.Marshal(d.service.share())
	return string(text), err
}

// Attach readies the target for sessions around tables, and with locks, that another process has made.
func (t *target) Attach(ctx context.Context, start harness.State) error {
	d := t.instance
	inner, ok := t.Target.(store.Attaching)
	if !ok || d.attached == nil {
		return errors.New("it is in one process")
	}
	r := t.newRow(len(start.Values))
	if err := d.service.join(r.terms, d.attached.Space); err != nil {
		return fmt.Errorf("join the locks of %s: %w", d.design.name, err)
	}
	d.row = r
	return inner.Attach(ctx, start)
}

func (t *target) newRow(cells int) *row {
	return &row{
		instance: t.instance, traits: t.traits, terms: t.instance.design.termsOf(t.traits),
		holders: make([]atomic.Int32, cells), waiting: make([]atomic.Int32, cells),
	}
}
