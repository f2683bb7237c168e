package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	old       map[string]*definitions.Process // by company and hash, bound to the live company
}

// NewCatalogue makes an empty catalogue over a store of versions.
func NewCatalogue(s *store.Store) *Catalogue { return &Catalogue{store: s} }

// Set makes the companies the live ones: their versions are put in the store
// and their mailboxes are known before the first deal needs them.
func (c *Catalogue) Set(ctx context.Context, companies []*definitions.Company, now time.Time) error {
	for _, company := range companies {
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
	c.companies, c.old = companies, map[string]*definitions.Process{}
	return nil
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
	key := company + "/" + hash
	c.mu.RLock()
	p := c.old[key]
	c.mu.RUnlock()
	if p != nil && p.Company == live {
		return p, nil
	}
	p, err := c.compile(ctx, live, hash)
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
		all := make([]error, 0, len(faults))
		for _, f := range faults {
			all = append(all, f)
		}
		return nil, fmt.Errorf("company %q: process version %s no longer fits the live company: %w", live.ID, hash, errors.Join(all...))
	}
	return p, nil
}
