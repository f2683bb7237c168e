package report

import (
	"context"
	"slices"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// StageReport is what came of the visits to a stage.
type StageReport struct {
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
	Time       Time     `json:"time_in_stage"`
}

// Funnel tells of the visits to each stage that began in the period what came
// of them, how long they took against the target, and where time is lost; and
// what stands there now, which does not depend on the period.
func (f *Facts) Funnel(ctx context.Context, p *definitions.Process) ([]StageReport, error) {
	v, err := f.visits(ctx, p)
	if err != nil {
		return nil, err
	}
	counts, err := f.stand(ctx)
	if err != nil {
		return nil, err
	}
	v.stand(counts)
	return v.report(), nil
}

// Visits is the funnel without what stands there now.
func (f *Facts) Visits(ctx context.Context, p *definitions.Process) ([]StageReport, error) {
	v, err := f.visits(ctx, p)
	if err != nil {
		return nil, err
	}
	return v.report(), nil
}

func (f *Facts) visits(ctx context.Context, p *definitions.Process) (*funnel, error) {
	v := newFunnel(p)
	passages, err := f.store.Passages(ctx, f.about)
	if err != nil {
		return nil, err
	}
	v.each = oneIn(v.count(passages))
	stays, err := f.store.Stays(ctx, f.about, v.each)
	if err != nil {
		return nil, err
	}
	for _, stay := range stays {
		visits := v.at(stay.Stage)
		visits.stays = append(visits.stays, stay)
	}
	return v, nil
}

// funnel counts visits to the stages of a process.
type funnel struct {
	p      *definitions.Process
	order  []string
	stages map[string]*stageVisits
	each   int // how many visits one of the stays stands for
}

type stageVisits struct {
	StageReport
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
		v = &stageVisits{StageReport: StageReport{Stage: id, Name: nameOf(f.p, id)}}
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
		if likely := Probability(f.p, c.Status, v.Stage); likely != nil {
			weighted[v.Stage] += c.Amount * *likely / 100
			sum := weighted[v.Stage]
			v.Weighted = &sum
		}
	}
}

// report works out the shares.
func (f *funnel) report() []StageReport {
	var late time.Duration
	for _, id := range f.order {
		v := f.stages[id]
		v.Conversion = ratio(float64(v.MovedOn), float64(v.Entered))
		st := f.p.Stage(id)
		if st == nil {
			st = &definitions.Stage{}
		}
		v.Time = timesOf(f.p.Company.Calendar, st.Target, false, v.stays, f.each)
		late += v.Time.delay
	}
	reports := make([]StageReport, 0, len(f.order))
	for _, id := range f.order {
		v := f.stages[id]
		if v.Time.Late != nil {
			v.Time.Delay = ratio(v.Time.delay.Hours(), late.Hours())
		}
		reports = append(reports, v.StageReport)
	}
	return reports
}

// Probability is how likely a deal of that status is won from the stage, in
// percent; nil: the process does not say.
func Probability(p *definitions.Process, status, stage string) *float64 {
	sure, none := 100.0, 0.0
	switch status {
	case deal.Won:
		return &sure
	case deal.Lost:
		return &none
	}
	if st := p.Stage(stage); st != nil {
		return st.Probability
	}
	return nil
}
