package server

import (
	"context"
	"time"

	"github.com/dealwright/dealwright/report"
)

// The reports, as their packages work them out; types are embedded by names
// that are exported, as huma looks at no others.

type funnelView struct {
	ReportHead
	List[report.StageReport]
}

func (s *Server) funnel(ctx context.Context, in *listReportInput) (*output[funnelView], error) {
	r, err := s.report(ctx, in.Scope, in.Period, 0)
	if err != nil {
		return nil, err
	}
	stages, err := r.facts.Funnel(ctx, r.process)
	if err != nil {
		return nil, s.fault(ctx, "work out the funnel", err)
	}
	page, err := wholeOf(stages, in.WholePaging)
	return &output[funnelView]{funnelView{r.view(), page}}, err
}

type firstTouchView struct {
	ReportHead
	report.FirstTouch
}

func (s *Server) firstTouch(ctx context.Context, in *reportInput) (*output[firstTouchView], error) {
	r, err := s.report(ctx, in.Scope, in.Period, 90)
	if err != nil {
		return nil, err
	}
	v, err := r.facts.FirstTouches(ctx, r.company.Calendar)
	if err != nil {
		return nil, s.fault(ctx, "work out first touches", err)
	}
	return &output[firstTouchView]{firstTouchView{r.view(), v}}, nil
}

type lostView struct {
	ReportHead
	List[report.LossReport]
}

func (s *Server) lostReasons(ctx context.Context, in *listReportInput) (*output[lostView], error) {
	r, err := s.report(ctx, in.Scope, in.Period, 90)
	if err != nil {
		return nil, err
	}
	losses, err := r.facts.Losses(ctx, r.process)
	if err != nil {
		return nil, s.fault(ctx, "work out losses", err)
	}
	page, err := wholeOf(losses, in.WholePaging)
	return &output[lostView]{lostView{r.view(), page}}, err
}

type forecastView struct {
	Company string `json:"company"`
	Process string `json:"process"`
	report.Forecast
}

func (s *Server) forecast(ctx context.Context, in *Scope) (*output[forecastView], error) {
	r, err := s.report(ctx, *in, Period{}, 0)
	if err != nil {
		return nil, err
	}
	v, err := r.facts.Worth(ctx, r.process)
	if err != nil {
		return nil, s.fault(ctx, "work out the forecast", err)
	}
	return &output[forecastView]{forecastView{r.company.ID, r.process.Process, v}}, nil
}

type velocityView struct {
	ReportHead
	report.Velocity
}

func (s *Server) velocity(ctx context.Context, in *reportInput) (*output[velocityView], error) {
	r, err := s.report(ctx, in.Scope, in.Period, 90)
	if err != nil {
		return nil, err
	}
	v, err := r.facts.Speed(ctx)
	if err != nil {
		return nil, s.fault(ctx, "work out the velocity", err)
	}
	return &output[velocityView]{velocityView{r.view(), v}}, nil
}

type cycleView struct {
	ReportHead
	report.Cycle
}

func (s *Server) cycle(ctx context.Context, in *reportInput) (*output[cycleView], error) {
	r, err := s.report(ctx, in.Scope, in.Period, 90)
	if err != nil {
		return nil, err
	}
	v, err := r.facts.Cycles(ctx)
	if err != nil {
		return nil, s.fault(ctx, "work out cycles", err)
	}
	return &output[cycleView]{cycleView{r.view(), v}}, nil
}

type quotasInput struct {
	CompanyInput
	Period
	WholePaging
}

type quotasView struct {
	Company string    `json:"company"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	List[report.QuotaReport]
	Norms []normsView `json:"proposals" doc:"What the best people of each role did per week, for each process; a rep sees none."`
}

// normsView is the proposals of a process.
type normsView struct {
	Process string        `json:"process"`
	From    time.Time     `json:"from"`
	To      time.Time     `json:"to"`
	Items   []report.Norm `json:"items"`
}

func (s *Server) quotas(ctx context.Context, in *quotasInput) (*output[quotasView], error) {
	c, err := s.liveCompany(ctx, in.Company)
	if err != nil {
		return nil, err
	}
	zone := c.Calendar.Location()
	now := s.Now().In(zone)
	over, err := in.read(zone, report.WeekOf(now))
	if err != nil {
		return nil, err
	}
	alone := ""
	if h := holderOf(ctx); h.Role == RoleRep {
		alone = h.Name
	}
	quotas, err := report.Quotas(ctx, s.Store, c, over, now, alone)
	if err != nil {
		return nil, s.fault(ctx, "count finished tasks", err)
	}
	page, err := wholeOf(quotas, in.WholePaging)
	if err != nil {
		return nil, err
	}
	v := quotasView{Company: c.ID, From: over.From, To: over.To, List: page, Norms: []normsView{}}
	for _, p := range c.Processes {
		if alone != "" {
			break
		}
		norms, err := report.NormsOf(ctx, s.Store, c, p, now)
		if err != nil {
			return nil, s.fault(ctx, "work out proposals", err)
		}
		v.Norms = append(v.Norms, normsView{p.Process, norms.Over.From, norms.Over.To, norms.Items})
	}
	return &output[quotasView]{v}, nil
}
