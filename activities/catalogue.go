package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// Catalogue holds the live companies and every version of a process that an
// open deal may still run on.
type Catalogue struct {
	store *store.Store

	mu        sync.RWMutex
	companies []*definitions.Company
	lives     map[*definitions.Company]life
	old       map[string]*definitions.Process // by company and hash, bound to the live company
}

// life is how long a company is the live one of its id.
type life struct {
	ctx context.Context
	end context.CancelFunc
}

// NewCatalogue makes an empty catalogue over a store of versions.
func NewCatalogue(s *store.Store) *Catalogue {
	return &Catalogue{store: s, old: map[string]*definitions.Process{}}
}

// Set makes the companies the live ones, in one go: their versions are put in
// the store and their mailboxes are known before the first deal needs them. It
// may be called while deals advance; one that is under way goes on with what it
// began with.
func (c *Catalogue) Set(ctx context.Context, companies []*definitions.Company, now time.Time) error {
	for _, company := range companies {
		if slices.Contains(c.Companies(), company) {
			continue
		}
		for _, p := range company.Processes {
			spec, err := p.JSON()
			if err != nil {
				return fmt.Errorf("company %q: process %q: %w", company.ID, p.Process, err)
			}
			if err := c.store.PutVersion(ctx, company.ID, p.Process, p.Hash, spec, now); err != nil {
				return err
			}
		}
		boxes := make([]store.MailboxConfig, 0, len(company.Mailboxes))
		for _, m := range company.Mailboxes {
			box := store.MailboxConfig{ID: m.ID}
			if m.Since != nil {
				box.Since = *m.Since
			}
			boxes = append(boxes, box)
		}
		if err := c.store.ConfigureMailboxes(ctx, company.ID, boxes, now); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	lives := map[*definitions.Company]life{}
	for _, company := range companies {
		l, lived := c.lives[company]
		if !lived {
			l.ctx, l.end = context.WithCancel(context.WithoutCancel(ctx))
		}
		lives[company] = l
		delete(c.lives, company)
	}
	for _, l := range c.lives {
		l.end()
	}
	c.companies, c.lives, c.old = slices.Clone(companies), lives, map[string]*definitions.Process{}
	return nil
}

// While is a context that ends, besides, when the company is live no more
// because its files have changed.
func (c *Catalogue) While(ctx context.Context, company *definitions.Company) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	c.mu.RLock()
	l, lives := c.lives[company]
	c.mu.RUnlock()
	if !lives {
		cancel()
		return ctx, cancel
	}
	forget := context.AfterFunc(l.ctx, cancel)
	return ctx, func() { forget(); cancel() }
}

// Companies lists the live companies.
func (c *Catalogue) Companies() []*definitions.Company {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.companies
}

// Company returns the live company of that id, or nil.
func (c *Catalogue) Company(id string) *definitions.Company {
	companies := c.Companies()
	if i := slices.IndexFunc(companies, func(c *definitions.Company) bool { return c.ID == id }); i >= 0 {
		return companies[i]
	}
	return nil
}

// Process returns a version of a process bound to the live company.
func (c *Catalogue) Process(ctx context.Context, company, hash string) (*definitions.Process, error) {
	live := c.Company(company)
	if live == nil {
		return nil, fmt.Errorf("company %q is not configured: put its folder back among the definitions", company)
	}
	for _, p := range live.Processes {
		if p.Hash == hash {
			return p, nil
		}
	}
	return c.Bind(ctx, live, hash)
}

// Bind returns a version of a process bound to a company, which need not be
// the live one; ErrMisfit when it can no longer be run.
func (c *Catalogue) Bind(ctx context.Context, company *definitions.Company, hash string) (*definitions.Process, error) {
	key := company.ID + "/" + hash
	c.mu.RLock()
	p := c.old[key]
	c.mu.RUnlock()
	if p != nil && p.Company == company {
		return p, nil
	}
	p, err := c.compile(ctx, company, hash)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.old[key] = p
	return p, nil
}

func (c *Catalogue) compile(ctx context.Context, live *definitions.Company, hash string) (*definitions.Process, error) {
	version, err := c.store.Version(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("company %q: process version %s: %w", live.ID, hash, err)
	}
	spec, err := definitions.ParseSpec(version.Spec)
	if err != nil {
		return nil, fmt.Errorf("company %q: process version %s: %w", live.ID, hash, err)
	}
	p, faults := definitions.Compile(spec, live)
	if p == nil {
		all := []error{ErrMisfit}
		for _, f := range faults {
			all = append(all, f)
		}
		return nil, fmt.Errorf("company %q: process %q: version %s: %w", live.ID, version.Process, hash, errors.Join(all...))
	}
	return p, nil
}

// ErrMisfit says that a version can no longer be run for its company, such as
// one that this program reads otherwise than the one that wrote it.
var ErrMisfit = errors.New("an earlier version no longer fits the company")

// Misfit is a version that open deals are to stay with and that a company's
// new files leave without what it names, such as a role.
type Misfit struct {
	Process string
	Version string
	Deals   int
	Why     error
}

// Misfits tries whether the open deals of a company could go on if it were
// live. Those that would take up its process at once need no earlier version.
func (c *Catalogue) Misfits(ctx context.Context, company *definitions.Company) ([]Misfit, error) {
	versions, err := c.store.OpenVersions(ctx, company.ID)
	if err != nil {
		return nil, err
	}
	var misfits []Misfit
	for _, v := range versions {
		p := company.Process(v.Process)
		if v.Version == "" || v.Open == 0 || (p != nil && (p.Hash == v.Version || p.Upgrade == "now")) {
			continue
		}
		earlier, err := c.compile(ctx, company, v.Version)
		if err != nil && !errors.Is(err, ErrMisfit) {
			return nil, err
		}
		if err == nil {
			roles := earlier.MissingRoles()
			if len(roles) == 0 {
				continue
			}
			err = fmt.Errorf("its team has no role %s", strings.Join(roles, ", "))
		}
		misfits = append(misfits, Misfit{Process: v.Process, Version: v.Version, Deals: v.Open, Why: err})
	}
	return misfits, nil
}
