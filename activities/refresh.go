package activities

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/dealwright/dealwright/definitions"
)

// Refresh wakes the open deals of a company that an edit of its files concerns
// at once, and answers how many: those that are to take up the live version
// without waiting for a stage, and those whose owner has left the team, or all
// of them where anybody has left, because a task may have been theirs. What a
// deal does about it is its own affair: Advance finds what has changed.
func (a *Activities) Refresh(ctx context.Context, company *definitions.Company, anybodyLeft bool) (int, error) {
	concerned := func(process, version, owner string) bool {
		if p := company.Process(process); p != nil && p.Upgrade == "now" && version != "" && p.Hash != version {
			return true
		}
		member, _ := company.Member(owner)
		return anybodyLeft || (owner != "" && member == nil)
	}
	woken, after := 0, ""
	for {
		deals, err := a.Store.OpenDealsOf(ctx, company.ID, after, 500)
		if err != nil || len(deals) == 0 {
			return woken, err
		}
		knocks, knocking := errgroup.WithContext(ctx)
		knocks.SetLimit(starters)
		for _, d := range deals {
			if concerned(d.Process, d.Version, d.Owner) {
				woken++
				knocks.Go(func() error { return a.Deals.Nudge(knocking, d.ID) })
			}
		}
		if err := knocks.Wait(); err != nil {
			return woken, err
		}
		after = deals[len(deals)-1].ID
	}
}
