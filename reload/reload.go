// Package reload keeps the live companies as their files are: an edit is taken
// up once it has come to rest, each company's folder as a whole or not at all.
// What is at fault never replaces what runs.
package reload

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"

	"github.com/dealwright/dealwright/definitions"
)

// Live is where the live companies are kept.
type Live interface {
	Companies() []*definitions.Company
	// Use makes the companies the live ones.
	Use(ctx context.Context, companies []*definitions.Company) error
	// Unfit says what keeps the open deals of the company from going on with it.
	Unfit(ctx context.Context, company *definitions.Company) ([]string, error)
	// Open counts the company's deals that something may still happen to.
	Open(ctx context.Context, company string) (int, error)
}

// Change is a company that has become live, or is no longer.
type Change struct {
	Before *definitions.Company // nil: it is new
	After  *definitions.Company // nil: it is gone
}

// State is how a company's folder stands beside what is live.
type State struct {
	Company string // its id, or its folder's name while the id cannot be known
	Live    bool
	Faults  definitions.Diagnostics // of an edit that is not live because of them
}

// Faults that only a running server finds.
const (
	CodeNoSecret definitions.Code = "secret-not-set"
	CodeInUse    definitions.Code = "in-use"
	CodeFolder   definitions.Code = "folder-gone"
)

// Reloader takes up what is edited.
type Reloader struct {
	Log *slog.Logger
	// Live is asked and told of companies; it must be set before Reload.
	Live Live
	// Taken is told of what has changed, after it is live; when it fails it is
	// told again.
	Taken func(ctx context.Context, changes []Change) error

	path  string
	stamp string // of the files as they were first read

	reloading sync.Mutex
	read      map[string]folder // by folder, as last read
	owners    map[string]string // folder -> the company that was last live from it
	untold    []Change          // what Taken is still to hear of

	mu     sync.RWMutex
	states []State
}

// folder is one company's folder as it was last read.
type folder struct {
	content string
	company *definitions.Company // nil: it is at fault
	faults  definitions.Diagnostics
}

// New reads the companies under a path for the first time: what a server starts
// with, and every fault there is.
func New(path string, log *slog.Logger) (*Reloader, []*definitions.Company, definitions.Diagnostics) {
	r := &Reloader{Log: log, path: path, stamp: stamp(path), read: map[string]folder{}, owners: map[string]string{}}
	next, faults := r.look()
	r.read = next.folders
	var companies []*definitions.Company
	for _, dir := range next.dirs {
		f := next.folders[dir]
		faults = definitions.Merge(faults, f.faults)
		if f.company == nil {
			continue
		}
		if twin := twin(companies, f.company); twin != nil {
			faults = definitions.Merge(faults, definitions.Diagnostics{twice(dir, twin)})
			continue
		}
		companies = append(companies, f.company)
		r.owners[dir] = f.company.ID
		r.states = append(r.states, State{Company: f.company.ID, Live: true})
	}
	return r, companies, faults
}

// States is how every folder stands, in a stable order.
func (r *Reloader) States() []State {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.states)
}

// errUnsteady says that files changed while they were read.
var errUnsteady = errors.New("the files changed while they were read")

// looked is what is under the path now.
type looked struct {
	dirs    []string
	folders map[string]folder
}

// look reads every folder whose content is another than when it was last read.
func (r *Reloader) look() (looked, definitions.Diagnostics) {
	dirs, faults := definitions.Folders(r.path)
	now := looked{dirs: dirs, folders: map[string]folder{}}
	for _, dir := range dirs {
		sum := content(dir)
		f, known := r.read[dir]
		if !known || f.content != sum {
			f = folder{content: sum}
			f.company, f.faults = definitions.Load(dir)
		}
		now.folders[dir] = f
	}
	return now, faults
}

// Reload reads the files now. A company whose folder is good goes live if it
// has changed; one whose folder is at fault goes on as it is, and so does one
// whose folder is gone while it has open deals. The error is the system's:
// nothing was taken, and it should be tried again.
func (r *Reloader) Reload(ctx context.Context) error {
	r.reloading.Lock()
	defer r.reloading.Unlock()
	before := stamp(r.path)
	now, faults := r.look()
	if stamp(r.path) != before {
		return errUnsteady
	}
	p := &plan{r: r, now: now, rootFaults: faults, live: map[string]*definitions.Company{}}
	for _, c := range r.Live.Companies() {
		p.live[c.ID] = c
	}
	if err := p.make(ctx); err != nil {
		return err
	}
	if len(p.changes) > 0 {
		if err := r.Live.Use(ctx, p.next); err != nil {
			return err
		}
	}
	r.read, r.owners = now.folders, p.owners
	r.tell(p)
	r.untold = append(r.untold, p.changes...)
	if len(r.untold) > 0 && r.Taken != nil {
		if err := r.Taken(ctx, r.untold); err != nil {
			return err
		}
	}
	r.untold = nil
	return nil
}

// tell publishes how things stand and logs what is new about it.
func (r *Reloader) tell(p *plan) {
	r.mu.Lock()
	before := r.states
	r.states = p.states
	r.mu.Unlock()
	for _, c := range p.changes {
		if c.After == nil {
			r.Log.Info("company removed: its folder is gone and it has no open deals", "company", c.Before.ID)
			continue
		}
		versions := map[string]string{}
		for _, process := range c.After.Processes {
			versions[process.Process] = process.Hash
		}
		r.Log.Info("definitions taken", "company", c.After.ID, "new", c.Before == nil, "versions", versions)
	}
	for _, s := range p.states {
		known := slices.ContainsFunc(before, func(b State) bool { return b.Company == s.Company && slices.Equal(b.Faults, s.Faults) })
		if len(s.Faults) == 0 || known {
			continue
		}
		r.Log.Error("definitions not taken: what was live goes on", "company", s.Company, "live", s.Live, "faults", len(s.Faults))
		for _, d := range s.Faults {
			r.Log.Error("definitions at fault", "company", s.Company, "place", d.String(), "line", d.Snippet)
		}
	}
}

func twin(companies []*definitions.Company, c *definitions.Company) *definitions.Company {
	if i := slices.IndexFunc(companies, func(o *definitions.Company) bool { return o.ID == c.ID }); i >= 0 {
		return companies[i]
	}
	return nil
}

// fault is one that concerns a company's folder as a whole.
func fault(dir string, code definitions.Code, message string) definitions.Diagnostic {
	return definitions.Diagnostic{
		Path: filepath.Join(dir, "company.yaml"), Line: 1, Col: 1, Code: code, Severity: definitions.SeverityError, Message: message,
	}
}

func twice(dir string, other *definitions.Company) definitions.Diagnostic {
	return fault(dir, definitions.CodeDuplicateID, "the company \""+other.ID+"\" is in "+other.Dir+" already: give one of them another id")
}
