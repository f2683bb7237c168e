package report

import (
	"context"

	"github.com/dealwright/dealwright/deal"
	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// EnoughDecided is how many deals must have been won or lost before the
// company's own conversion says anything.
const EnoughDecided = 30

// lastDecided is how far back the conversion looks: a sale of years ago says
// little of today's.
const lastDecided = 1000

// Forecast is what the open deals are worth.
type Forecast struct {
	Deals         int             `json:"deals" doc:"That are open."`
	Amount        float64         `json:"amount" doc:"Of all together."`
	Currency      *string         `json:"currency"`
	ByProbability float64         `json:"by_probability" doc:"Each amount times the probability of its stage; a stage without one counts as nothing."`
	ByConversion  *float64        `json:"by_conversion" doc:"Each amount times how often the company's own deals were won from that stage; null before 30 deals were decided."`
	Decided       int             `json:"decided" doc:"How many of the deals decided last, up to 1000, the conversion is made of."`
	Stages        []StageForecast `json:"stages"`
}

// StageForecast is what stands in a stage.
type StageForecast struct {
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

// Worth tells what the open deals are worth.
func (f *Facts) Worth(ctx context.Context, p *definitions.Process) (Forecast, error) {
	counts, err := f.stand(ctx)
	if err != nil {
		return Forecast{}, err
	}
	// The company's own history is everybody's: one person's deals are too few.
	won, decided, err := f.store.WonFrom(ctx, store.Report{Company: f.about.Company, Process: f.about.Process}, lastDecided)
	if err != nil {
		return Forecast{}, err
	}
	return forecastOf(p, counts, won, decided), nil
}

// forecastOf weighs what stands in each stage in both ways.
func forecastOf(p *definitions.Process, counts []store.StageCount, won []store.Won, decided int) Forecast {
	_, currency := p.AmountOf(nil)
	v := Forecast{Decided: decided, Currency: nonempty(currency), Stages: []StageForecast{}}
	own := decided >= EnoughDecided
	if own {
		v.ByConversion = new(float64)
	}
	for _, st := range p.Stages {
		f := StageForecast{Stage: st.ID, Name: nameOf(p, st.ID), Probability: Probability(p, deal.Open, st.ID)}
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
func (f *StageForecast) convert(p *definitions.Process, won []store.Won) {
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

func nonempty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
