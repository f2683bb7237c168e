package report

import (
	"context"
	"slices"
	"time"

	"github.com/dealwright/dealwright/deal"
)

// Velocity is what the sale brings in a day.
type Velocity struct {
	Open    int      `json:"open_deals" doc:"Now."`
	Won     int      `json:"won"`
	Lost    int      `json:"lost"`
	WinRate *float64 `json:"win_rate" doc:"Of the deals decided in the period."`
	Average *float64 `json:"average_amount" doc:"Of the deals won."`
	Days    *float64 `json:"average_cycle_days" doc:"From opening to being won."`
	PerDay  *float64 `json:"per_day" doc:"What the open deals bring in a day at that rate."`
}

// Speed is open deals × win rate × average amount ÷ average cycle, of the
// deals decided in the period: the usual formula of sales velocity. Its factors
// are what the article of 002 asks for: volume, conversion, average deal and
// time to close.
func (f *Facts) Speed(ctx context.Context) (Velocity, error) {
	var v Velocity
	decisions, err := f.decide(ctx)
	if err != nil {
		return v, err
	}
	counts, err := f.stand(ctx)
	if err != nil {
		return v, err
	}
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
	return v, nil
}

// Wins counts the deals won and all that were decided in the period; rate is the
// share of the won.
func (f *Facts) Wins(ctx context.Context) (won, decided int, rate *float64, err error) {
	won, lost, err := f.store.Decided(ctx, f.about)
	return won, won + lost, ratio(float64(won), float64(won+lost)), err
}

// Cycle is how long deals took to be won, against those won before.
type Cycle struct {
	CycleTimes
	Before CycleTimes `json:"before" doc:"Of the deals won before the period."`
	Change *float64   `json:"change" doc:"The median against the one before: 0.1 is a tenth longer."`
}

// CycleTimes is how long deals took to be won.
type CycleTimes struct {
	Won    int      `json:"won"`
	Median *float64 `json:"median_days"`
	P90    *float64 `json:"p90_days"`

	// Days are the cycles themselves, sorted; of very many, a part.
	Days []float64 `json:"-"`
}

// Cycles measures the deals won in the period and those won before.
func (f *Facts) Cycles(ctx context.Context) (Cycle, error) {
	var v Cycle
	var err error
	if v.CycleTimes, err = f.cycleTimes(ctx); err != nil {
		return v, err
	}
	before := f.about
	before.To, before.From = before.From, time.Time{}
	if v.Before, err = About(f.store, before).cycleTimes(ctx); err != nil {
		return v, err
	}
	if v.Won > 0 && v.Before.Won > 0 {
		v.Change = ratio(*v.Median-*v.Before.Median, *v.Before.Median)
	}
	return v, nil
}

func (f *Facts) cycleTimes(ctx context.Context) (CycleTimes, error) {
	var v CycleTimes
	decisions, err := f.decide(ctx)
	if err != nil {
		return v, err
	}
	for _, d := range decisions {
		if d.Status == deal.Won {
			v.Won = d.Deals
		}
	}
	if v.Won == 0 {
		return v, nil
	}
	spans, err := f.store.Cycles(ctx, f.about, oneIn(v.Won))
	if err != nil || len(spans) == 0 {
		return v, err
	}
	v.Days = make([]float64, len(spans))
	for i, stay := range spans {
		v.Days[i] = stay.To.Sub(stay.From).Hours() / 24
	}
	slices.Sort(v.Days)
	v.Median, v.P90 = quantile(v.Days, 50), quantile(v.Days, 90)
	return v, nil
}
