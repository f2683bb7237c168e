package server

import (
	"context"
	"slices"
	"time"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

type lostView struct {
	ReportHead
	List[lossReport]
}

// lossReport is how many deals were lost for a reason.
type lossReport struct {
	Reason string      `json:"reason"`
	Name   string      `json:"name"`
	Deals  int         `json:"deals"`
	Share  *float64    `json:"share" doc:"Of the deals lost."`
	Amount float64     `json:"amount"`
	Stages []lossStage `json:"stages" doc:"Where."`
}

type lossStage struct {
	Stage  string  `json:"stage"`
	Name   string  `json:"name"`
	Deals  int     `json:"deals"`
	Amount float64 `json:"amount"`
}

func (s *Server) lostReasons(ctx context.Context, in *listReportInput) (*output[lostView], error) {
	r, err := s.report(ctx, in.Scope, in.Period, 90)
	if err != nil {
		return nil, err
	}
	losses, err := s.Store.Losses(ctx, r.query)
	if err != nil {
		return nil, s.fault(ctx, "count losses", err)
	}
	page, err := wholeOf(lossesOf(r.process, losses), in.WholePaging)
	return &output[lostView]{lostView{r.view(), page}}, err
}

// lossesOf groups losses by reason, the most frequent first.
func lossesOf(p *definitions.Process, losses []store.Loss) []lossReport {
	reports, all := []lossReport{}, 0
	for _, l := range losses {
		all += l.Deals
		n := len(reports)
		if n == 0 || reports[n-1].Reason != l.Reason {
			reports = append(reports, lossReport{Reason: l.Reason, Name: reasonName(p, l.Reason)})
			n++
		}
		of := &reports[n-1]
		of.Deals += l.Deals
		of.Amount += l.Amount
		stage := current(p, l.Stage)
		of.Stages = append(of.Stages, lossStage{stage, nameOf(p, stage), l.Deals, l.Amount})
	}
	for i := range reports {
		reports[i].Share = ratio(float64(reports[i].Deals), float64(all))
		slices.SortStableFunc(reports[i].Stages, func(a, b lossStage) int { return b.Deals - a.Deals })
	}
	slices.SortStableFunc(reports, func(a, b lossReport) int { return b.Deals - a.Deals })
	return reports
}

func reasonName(p *definitions.Process, id string) string {
	for _, r := range p.LostReasons {
		if r.ID == id && r.Name != "" {
			return r.Name
		}
	}
	return id
}

// Conversions are the company's own once enough deals were decided, and look
// at the last so many.
const (
	enoughDecided = 30
	lastDecided   = 1000
)

type forecastView struct {
	Company       string          `json:"company"`
	Process       string          `json:"process"`
	Deals         int             `json:"deals" doc:"That are open."`
	Amount        float64         `json:"amount" doc:"Of all together."`
	Currency      *string         `json:"currency"`
	ByProbability float64         `json:"by_probability" doc:"Each amount times the probability of its stage; a stage without one counts as nothing."`
	ByConversion  *float64        `json:"by_conversion" doc:"Each amount times how often the company's own deals were won from that stage; null before 30 deals were decided."`
	Decided       int             `json:"decided" doc:"How many of the deals decided last, up to 1000, the conversion is made of."`
	Stages        []stageForecast `json:"stages"`
}

type stageForecast struct {
	Stage         string   `json:"stage"`
	Name          string   `json:"name"`
	Deals         int      `json:"deals"`
	Amount        float64  `json:"amount"`
	Probability   *float64 `json:"probability" doc:"The stage's, in percent."`
	ByProbability float64  `json:"by_probability"`
	Conversion    *float64 `json:"conversion" doc:"The share of the decided deals that were in this stage and were won; the probability where there was none."`
	Seen          int      `json:"seen" doc:"How many of the decided deals were in this stage."`
	ByConversion  *float64 `json:"by_conversion"`
}

func (s *Server) forecast(ctx context.Context, in *Scope) (*output[forecastView], error) {
	r, err := s.report(ctx, *in, Period{}, 0)
	if err != nil {
		return nil, err
	}
	counts, err := s.Store.StageCounts(ctx, r.query)
	if err != nil {
		return nil, s.fault(ctx, "count deals by stage", err)
	}
	// The company's own history is everybody's: one person's deals are too few.
	won, decided, err := s.Store.WonFrom(ctx, store.Report{Company: r.company.ID, Process: r.process.Process}, lastDecided)
	if err != nil {
		return nil, s.fault(ctx, "count wins by stage", err)
	}
	v := forecastOf(r.process, counts, won, decided)
	v.Company = r.company.ID
	return &output[forecastView]{v}, nil
}

// forecastOf weighs what stands in each stage in both ways.
func forecastOf(p *definitions.Process, counts []store.StageCount, won []store.Won, decided int) forecastView {
	_, currency := p.AmountOf(nil)
	v := forecastView{Process: p.Process, Decided: decided, Currency: textOrNull(currency), Stages: []stageForecast{}}
	own := decided >= enoughDecided
	if own {
		v.ByConversion = new(float64)
	}
	for _, st := range p.Stages {
		f := stageForecast{Stage: st.ID, Name: nameOf(p, st.ID), Probability: probability(p, &deal.State{Status: deal.Open, Stage: st.ID})}
		for _, c := range counts {
			if c.Status == deal.Open && current(p, c.Stage) == st.ID {
				f.Deals += c.Deals
				f.Amount += c.Amount
			}
		}
		if st.Won || f.Deals == 0 {
			continue
		}
		if f.Probability != nil {
			f.ByProbability = f.Amount * *f.Probability / 100
		}
		if own {
			f.convert(p, won)
			*v.ByConversion += *f.ByConversion
		}
		v.Deals += f.Deals
		v.Amount += f.Amount
		v.ByProbability += f.ByProbability
		v.Stages = append(v.Stages, f)
	}
	return v
}

// convert weighs the amount by how often deals were won from the stage.
func (f *stageForecast) convert(p *definitions.Process, won []store.Won) {
	wins := 0
	for _, w := range won {
		if current(p, w.Stage) == f.Stage {
			f.Seen += w.Deals
			wins += w.Won
		}
	}
	f.Conversion = ratio(float64(wins), float64(f.Seen))
	worth := f.ByProbability
	if f.Conversion != nil {
		worth = f.Amount * *f.Conversion
	}
	f.ByConversion = &worth
}

type velocityView struct {
	ReportHead
	Open    int      `json:"open_deals" doc:"Now."`
	Won     int      `json:"won"`
	Lost    int      `json:"lost"`
	WinRate *float64 `json:"win_rate" doc:"Of the deals decided in the period."`
	Average *float64 `json:"average_amount" doc:"Of the deals won."`
	Days    *float64 `json:"average_cycle_days" doc:"From opening to being won."`
	PerDay  *float64 `json:"per_day" doc:"What the open deals bring in a day at that rate."`
}

func (s *Server) velocity(ctx context.Context, in *reportInput) (*output[velocityView], error) {
	r, err := s.report(ctx, in.Scope, in.Period, 90)
	if err != nil {
		return nil, err
	}
	decisions, err := s.Store.Decisions(ctx, r.query)
	if err != nil {
		return nil, s.fault(ctx, "count decisions", err)
	}
	counts, err := s.Store.StageCounts(ctx, r.query)
	if err != nil {
		return nil, s.fault(ctx, "count deals by stage", err)
	}
	v := velocityView{ReportHead: r.view()}
	for _, c := range counts {
		if c.Status == deal.Open {
			v.Open += c.Deals
		}
	}
	for _, d := range decisions {
		switch d.Status {
		case deal.Lost:
			v.Lost = d.Deals
		case deal.Won:
			v.Won = d.Deals
			v.Average = ratio(d.Amount, float64(d.Deals))
			v.Days = ratio(d.Took.Hours()/24, float64(d.Deals))
		}
	}
	v.WinRate = ratio(float64(v.Won), float64(v.Won+v.Lost))
	if v.Won > 0 {
		v.PerDay = ratio(float64(v.Open)**v.WinRate**v.Average, *v.Days)
	}
	return &output[velocityView]{v}, nil
}

type cycleView struct {
	ReportHead
	CycleTimes
	Before CycleTimes `json:"before" doc:"Of the deals won before the period."`
	Change *float64   `json:"change" doc:"The median against the one before: 0.1 is a tenth longer."`
}

// CycleTimes is how long deals took to be won.
type CycleTimes struct {
	Won    int      `json:"won"`
	Median *float64 `json:"median_days"`
	P90    *float64 `json:"p90_days"`
}

func (s *Server) cycle(ctx context.Context, in *reportInput) (*output[cycleView], error) {
	r, err := s.report(ctx, in.Scope, in.Period, 90)
	if err != nil {
		return nil, err
	}
	v := cycleView{ReportHead: r.view()}
	if v.CycleTimes, err = s.cycles(ctx, r.query); err == nil {
		r.query.To, r.query.From = r.query.From, time.Time{}
		v.Before, err = s.cycles(ctx, r.query)
	}
	if err != nil {
		return nil, s.fault(ctx, "read cycles", err)
	}
	if v.Won > 0 && v.Before.Won > 0 {
		v.Change = ratio(*v.Median-*v.Before.Median, *v.Before.Median)
	}
	return &output[cycleView]{v}, nil
}

func (s *Server) cycles(ctx context.Context, r store.Report) (CycleTimes, error) {
	decisions, err := s.Store.Decisions(ctx, r)
	if err != nil {
		return CycleTimes{}, err
	}
	var v CycleTimes
	for _, d := range decisions {
		if d.Status == deal.Won {
			v.Won = d.Deals
		}
	}
	if v.Won == 0 {
		return v, nil
	}
	spans, err := s.Store.Cycles(ctx, r, oneIn(v.Won))
	if err != nil || len(spans) == 0 {
		return v, err
	}
	days := make([]float64, len(spans))
	for i, stay := range spans {
		days[i] = stay.To.Sub(stay.From).Hours() / 24
	}
	slices.Sort(days)
	v.Median, v.P90 = quantile(days, 50), quantile(days, 90)
	return v, nil
}
