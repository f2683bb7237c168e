package server

import (
	"context"
	"slices"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

type funnelView struct {
	ReportHead
	List[stageReport]
}

// stageReport is what came of the visits to a stage.
type stageReport struct {
	Stage      string   `json:"stage"`
	Name       string   `json:"name"`
	Entered    int      `json:"entered" doc:"Visits that began in the period."`
	MovedOn    int      `json:"moved_on" doc:"Of these: went on to a later stage, or were won."`
	MovedBack  int      `json:"moved_back"`
	Lost       int      `json:"lost"`
	Ended      int      `json:"ended" doc:"Of these: merged or closed."`
	Skipped    int      `json:"skipped" doc:"Passed over in the period."`
	Conversion *float64 `json:"conversion" doc:"The share of the entered that moved on."`
	OpenNow    int      `json:"open_now" doc:"Deals that stand here now."`
	Stalled    int      `json:"stalled" doc:"Of these: stalled."`
	Amount     float64  `json:"amount" doc:"Of the deals that stand here now."`
	Weighted   *float64 `json:"weighted_amount" doc:"The amount times the stage's probability."`
	Time       timeView `json:"time_in_stage"`
}

func (s *Server) funnel(ctx context.Context, in *listReportInput) (*output[funnelView], error) {
	r, err := s.report(ctx, in.Scope, in.Period, 0)
	if err != nil {
		return nil, err
	}
	f := newFunnel(r.process)
	passages, err := s.Store.Passages(ctx, r.query)
	if err != nil {
		return nil, s.fault(ctx, "count visits", err)
	}
	finished := f.count(passages)
	f.each = oneIn(finished)
	stays, err := s.Store.Stays(ctx, r.query, f.each)
	if err != nil {
		return nil, s.fault(ctx, "read visits", err)
	}
	for _, stay := range stays {
		v := f.at(stay.Stage)
		v.stays = append(v.stays, stay)
	}
	counts, err := s.Store.StageCounts(ctx, r.query)
	if err != nil {
		return nil, s.fault(ctx, "count deals by stage", err)
	}
	f.stand(counts)
	page, err := wholeOf(f.report(), in.WholePaging)
	return &output[funnelView]{funnelView{r.view(), page}}, err
}

// funnel counts visits to the stages of a process.
type funnel struct {
	p      *definitions.Process
	order  []string
	stages map[string]*stageVisits
	each   int // how many visits one of the stays stands for
}

type stageVisits struct {
	stageReport
	stays []store.Stay
}

func newFunnel(p *definitions.Process) *funnel {
	f := &funnel{p: p, stages: map[string]*stageVisits{}}
	for _, st := range p.Stages {
		f.at(st.ID)
	}
	return f
}

// at is the stage's count; one that only earlier versions had comes last.
func (f *funnel) at(id string) *stageVisits {
	id = current(f.p, id)
	v := f.stages[id]
	if v == nil {
		v = &stageVisits{stageReport: stageReport{Stage: id, Name: nameOf(f.p, id)}}
		f.stages[id] = v
		f.order = append(f.order, id)
	}
	return v
}

// nameOf is what a stage is called.
func nameOf(p *definitions.Process, id string) string {
	if st := p.Stage(id); st != nil && st.Name != "" {
		return st.Name
	}
	return id
}

// current is what a stage of an earlier version is called now.
func current(p *definitions.Process, id string) string {
	if p.Stage(id) == nil {
		for _, st := range p.Stages {
			if slices.Contains(st.Was, id) {
				return st.ID
			}
		}
	}
	return id
}

// count takes in where visits led, and answers how many are finished.
func (f *funnel) count(passages []store.Passage) (finished int) {
	for _, p := range passages {
		v := f.at(p.Stage)
		if p.Went == store.WentSkipped {
			v.Skipped += p.Visits
			continue
		}
		v.Entered += p.Visits
		if p.Went == "" {
			continue
		}
		finished += p.Visits
		switch p.Went {
		case store.WentLost:
			v.Lost += p.Visits
		case store.WentEnded:
			v.Ended += p.Visits
		case store.WentWon:
			v.MovedOn += p.Visits
		default:
			if f.p.StageIndex(current(f.p, p.Went)) > f.p.StageIndex(v.Stage) {
				v.MovedOn += p.Visits
			} else {
				v.MovedBack += p.Visits
			}
		}
	}
	return finished
}

// stand adds what stands where now.
func (f *funnel) stand(counts []store.StageCount) {
	weighted := map[string]float64{}
	for _, c := range counts {
		if c.Stage == "" {
			continue // about to be opened
		}
		v := f.at(c.Stage)
		v.OpenNow += c.Deals
		v.Stalled += c.Stalled
		v.Amount += c.Amount
		if likely := probability(f.p, &deal.State{Status: c.Status, Stage: v.Stage}); likely != nil {
			weighted[v.Stage] += c.Amount * *likely / 100
			sum := weighted[v.Stage]
			v.Weighted = &sum
		}
	}
}

// report works out the shares.
func (f *funnel) report() []stageReport {
	late := 0.0
	for _, id := range f.order {
		v := f.stages[id]
		v.Conversion = ratio(float64(v.MovedOn), float64(v.Entered))
		st := f.p.Stage(id)
		if st == nil {
			st = &definitions.Stage{}
		}
		v.Time = timesOf(f.p.Company.Calendar, st.Target, false, v.stays, f.each)
		if v.Time.Late != nil {
			late += *v.Time.Late
		}
	}
	reports := make([]stageReport, 0, len(f.order))
	for _, id := range f.order {
		v := f.stages[id]
		if v.Time.Late != nil {
			v.Time.Delay = ratio(*v.Time.Late, late)
		}
		reports = append(reports, v.stageReport)
	}
	return reports
}
