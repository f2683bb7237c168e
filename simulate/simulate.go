// Package simulate runs a sales process for a year before one lead is touched:
// many deals through the one deal.Step that the live server runs, on a virtual
// clock, with clients who answer or do not and people who have so many hours.
package simulate

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/dealwright/dealwright/definitions"
)

// Config is how much to simulate.
type Config struct {
	LeadsPerWeek float64 // 0: what the settings say
	Days         int     // how long each run takes
	Runs         int     // how often the time is lived through, each time with other clients
	Seed         uint64  // the same seed gives the same report on any machine
	Label        string  // how comparisons call the report; the process's name unless given
	Deals        int     // at most so many deals in a run; 0: no limit
	// Progress is told of every run that is done. It may be nil.
	Progress func(done, total int)
	// Cast plays the clients. Nil: nobody looks at a single deal.
	Cast *Cast
}

// Run simulates a process. Settings of nil are the defaults. The runs are
// spread over the cores; the report does not depend on how many there are.
func Run(ctx context.Context, p *definitions.Process, s *Settings, cfg Config) (*Report, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if p.Company == nil || len(p.Stages) == 0 {
		return nil, fmt.Errorf("simulate: process %q is bound to no company, or has no stages", p.Process)
	}
	m := newModel(p, s, cfg)
	tallies := make([]*tally, cfg.Runs)
	faults := make([]error, cfg.Runs)
	var next, done atomic.Int64
	var telling sync.Mutex
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), cfg.Runs) {
		workers.Go(func() {
			for ctx.Err() == nil {
				run := int(next.Add(1)) - 1
				if run >= cfg.Runs {
					return
				}
				tallies[run], faults[run] = newWorld(m, cfg.Seed, uint64(run)).live(ctx)
				if cfg.Progress != nil {
					telling.Lock()
					cfg.Progress(int(done.Add(1)), cfg.Runs)
					telling.Unlock()
				}
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for run, err := range faults {
		if err != nil {
			return nil, fmt.Errorf("simulate: run %d: %w", run+1, err)
		}
	}
	return newReport(m, cfg, tallies), nil
}
