package reload

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/dealwright/dealwright/definitions"
)

// plan is what becomes live after a look at the files.
type plan struct {
	r          *Reloader
	now        looked
	rootFaults definitions.Diagnostics
	live       map[string]*definitions.Company // as it is now, by id

	next    []*definitions.Company
	owners  map[string]string
	states  []State
	changes []Change
}

// make decides of every folder, and then of the companies that no folder
// stands for any more.
func (p *plan) make(ctx context.Context) error {
	p.owners = map[string]string{}
	for _, dir := range p.now.dirs {
		if err := p.folder(ctx, dir); err != nil {
			return err
		}
	}
	for _, c := range p.r.Live.Companies() {
		if twin(p.next, c) == nil {
			if err := p.orphan(ctx, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// folder decides what of one folder is live.
func (p *plan) folder(ctx context.Context, dir string) error {
	f := p.now.folders[dir]
	faults := f.faults
	if f.company != nil {
		more, err := p.unusable(ctx, dir, f.company)
		if err != nil {
			return err
		}
		if len(more) == 0 {
			p.owners[dir] = f.company.ID
			p.take(f.company)
			p.states = append(p.states, State{Company: f.company.ID, Live: true})
			return nil
		}
		faults = more
	}
	// What was live from here goes on.
	id := p.r.owners[dir]
	before := p.live[id]
	if before == nil || twin(p.next, before) != nil {
		name := filepath.Base(dir)
		if f.company != nil {
			name = f.company.ID
		}
		p.states = append(p.states, State{Company: name, Faults: faults})
		return nil
	}
	p.owners[dir] = id
	p.take(before)
	p.states = append(p.states, State{Company: id, Live: true, Faults: faults})
	return nil
}

// unusable is what keeps a company from being live though its files are good.
func (p *plan) unusable(ctx context.Context, dir string, c *definitions.Company) (definitions.Diagnostics, error) {
	if other := p.rival(dir, c); other != nil {
		return definitions.Diagnostics{twice(dir, other)}, nil
	}
	if p.live[c.ID] == c {
		return nil, nil
	}
	var faults definitions.Diagnostics
	for _, missing := range c.ResolveSecrets() {
		faults = append(faults, fault(dir, CodeNoSecret, missing.Error()))
	}
	unfit, err := p.r.Live.Unfit(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, why := range unfit {
		faults = append(faults, fault(dir, CodeInUse, why))
	}
	return faults, nil
}

// rival is the company of the same id from another folder that comes before:
// the one that is live, so that a copy of a folder does not take its place.
func (p *plan) rival(dir string, c *definitions.Company) *definitions.Company {
	if taken := twin(p.next, c); taken != nil {
		return taken
	}
	for _, other := range p.now.dirs {
		f := p.now.folders[other]
		if other != dir && p.r.owners[other] == c.ID && (f.company == nil || f.company.ID == c.ID) {
			return p.live[c.ID]
		}
	}
	return nil
}

// take puts a company among the live ones.
func (p *plan) take(c *definitions.Company) {
	p.next = append(p.next, c)
	if before := p.live[c.ID]; before != c {
		p.changes = append(p.changes, Change{Before: before, After: c})
	}
}

// orphan decides of a live company that no folder stands for: it goes when
// nothing is left to do for it. Definitions that cannot be read at all say
// nothing about it.
func (p *plan) orphan(ctx context.Context, c *definitions.Company) error {
	state := State{Company: c.ID, Live: true, Faults: p.rootFaults}
	if len(p.rootFaults) == 0 {
		open, err := p.r.Live.Open(ctx, c.ID)
		if err != nil {
			return err
		}
		if open == 0 {
			p.changes = append(p.changes, Change{Before: c})
			return nil
		}
		state.Faults = definitions.Diagnostics{fault(c.Dir, CodeFolder, fmt.Sprintf(
			"the company %q is no longer here and has %d open deals: they go on until the server stops; put the folder back, or close them", c.ID, open))}
	}
	p.next = append(p.next, c)
	p.states = append(p.states, state)
	return nil
}
