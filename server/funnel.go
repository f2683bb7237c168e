package server

import (
	"context"
	"slices"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

type funnelInput struct {
	CompanyInput
	Process string `query:"process" maxLength:"200" doc:"May be left out where the company has but one."`
	Period
}

type funnelView struct {
	Company string    `json:"company"`
	Process string    `json:"process"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
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

func (s *Server) funnel(ctx context.Context, in *funnelInput) (*output[funnelView], error) {
	c, err := s.liveCompany(in.Company)
	if err != nil {
		return nil, err
	}
	p, err := reported(c, in.Process)
	if err != nil {
		return nil, err
	}
	zone, now := c.Calendar.Location(), s.Now()
	span, err := in.read(zone, span{from: time.Date(2000, 1, 1, 0, 0, 0, 0, zone), to: now.In(zone).Add(time.Nanosecond)})
	if err != nil {
		return nil, err
	}
	f := newFunnel(p, span)
	if err := s.histories(ctx, c.ID, p.Spec.Process, span.from, f.look); err != nil {
		return nil, s.fault(ctx, "read timelines", err)
	}
	counts, err := s.Store.StageCounts(ctx, c.ID)
	if err != nil {
		return nil, s.fault(ctx, "count deals by stage", err)
	}
	stages := f.report(counts)
	return &output[funnelView]{funnelView{
		Company: c.ID, Process: p.Spec.Process, From: span.from, To: span.to,
		List: List[stageReport]{Items: stages, Total: len(stages)},
	}}, nil
}

// funnel counts visits to the stages of a process.
type funnel struct {
	p      *definitions.Process
	span   span
	order  []string
	stages map[string]*stageVisits
}

type stageVisits struct {
	stageReport
	stays []stay
}

func newFunnel(p *definitions.Process, span span) *funnel {
	f := &funnel{p: p, span: span, stages: map[string]*stageVisits{}}
	for _, st := range p.Stages {
		f.at(st.ID)
	}
	return f
}

// at is the stage's count; one that only earlier versions had comes last.
func (f *funnel) at(id string) *stageVisits {
	id = f.current(id)
	v := f.stages[id]
	if v == nil {
		v = &stageVisits{stageReport: stageReport{Stage: id, Name: id}}
		if st := f.p.Stage(id); st != nil && st.Name != "" {
			v.Name = st.Name
		}
		f.stages[id] = v
		f.order = append(f.order, id)
	}
	return v
}

// current is what a stage of an earlier version is called now.
func (f *funnel) current(id string) string {
	if f.p.Stage(id) == nil {
		for _, st := range f.p.Stages {
			if slices.Contains(st.Was, id) {
				return st.ID
			}
		}
	}
	return id
}

// look follows one deal through its timeline.
func (f *funnel) look(events []store.EventRow) {
	var (
		entered time.Time    // of the visit under way
		here    *stageVisits // where it is; nil when it began outside the period
		left    *stageVisits // a visit that is over, until the next event says how
		won     bool
	)
	for _, e := range events {
		switch e.Type {
		case "stage_entered":
			id, _ := e.Data["to"].(string)
			if left != nil {
				if f.p.StageIndex(f.current(id)) > f.p.StageIndex(left.Stage) {
					left.MovedOn++
				} else {
					left.MovedBack++
				}
			}
			left, here = nil, nil
			if f.span.holds(e.At) {
				here, entered = f.at(id), e.At
				here.Entered++
			}
		case "stage_skipped":
			if f.span.holds(e.At) {
				f.at(e.Stage).Skipped++
			}
		case "stage_left":
			if here != nil {
				here.stays = append(here.stays, stay{entered, e.At})
			}
			left, here = here, nil
		case "won":
			won = true
		case "lost":
			if left != nil {
				left.Lost++
			}
			left = nil
		case "closed":
			if left != nil && won {
				left.MovedOn++
			} else if left != nil {
				left.Ended++
			}
			left = nil
		}
	}
}

// report adds what stands where now and works out the shares.
func (f *funnel) report(counts []store.StageCount) []stageReport {
	weighted := map[string]float64{}
	for _, c := range counts {
		if c.Process != f.p.Spec.Process || c.Stage == "" {
			continue
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
	reports := make([]stageReport, 0, len(f.order))
	for _, id := range f.order {
		v := f.stages[id]
		if v.Entered > 0 {
			share := float64(v.MovedOn) / float64(v.Entered)
			v.Conversion = &share
		}
		st := f.p.Stage(id)
		if st == nil {
			st = &definitions.Stage{}
		}
		v.Time = timesOf(f.p.Company.Calendar, st.Target, v.stays)
		reports = append(reports, v.stageReport)
	}
	return reports
}
