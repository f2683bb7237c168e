package report

import (
	"context"

	"github.com/dealwright/dealwright/store"
)

// Facts are what reports on the same deals in the same period are made of; what
// several of them need is read once. They are for one goroutine.
type Facts struct {
	store *store.Store
	about store.Report

	standing []store.StageCount
	decided  []store.Decision
}

// About is for the reports on these deals in this period.
func About(s *store.Store, r store.Report) *Facts { return &Facts{store: s, about: r} }

// stand is what stands in each stage now.
func (f *Facts) stand(ctx context.Context) (_ []store.StageCount, err error) {
	if f.standing == nil {
		f.standing, err = f.store.StageCounts(ctx, f.about)
	}
	return f.standing, err
}

// decide is what was won and lost in the period.
func (f *Facts) decide(ctx context.Context) (_ []store.Decision, err error) {
	if f.decided == nil {
		f.decided, err = f.store.Decisions(ctx, f.about)
	}
	return f.decided, err
}
