package report

import (
	"context"
	"slices"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/store"
)

// LossReport is how many deals were lost for a reason.
type LossReport struct {
	Reason string      `json:"reason"`
	Name   string      `json:"name"`
	Deals  int         `json:"deals"`
	Share  *float64    `json:"share" doc:"Of the deals lost."`
	Amount float64     `json:"amount"`
	Stages []LossStage `json:"stages" doc:"Where."`
}

type LossStage struct {
	Stage  string  `json:"stage"`
	Name   string  `json:"name"`
	Deals  int     `json:"deals"`
	Amount float64 `json:"amount"`
}

// Losses tells why and where the deals were lost that were lost in the period
// and have not come back, the most frequent reason first.
func (f *Facts) Losses(ctx context.Context, p *definitions.Process) ([]LossReport, error) {
	losses, err := f.store.Losses(ctx, f.about)
	if err != nil {
		return nil, err
	}
	return lossesOf(p, losses), nil
}

// lossesOf groups losses by reason, the most frequent first.
func lossesOf(p *definitions.Process, losses []store.Loss) []LossReport {
	reports, all := []LossReport{}, 0
	for _, l := range losses {
		all += l.Deals
		n := len(reports)
		if n == 0 || reports[n-1].Reason != l.Reason {
			reports = append(reports, LossReport{Reason: l.Reason, Name: reasonName(p, l.Reason)})
			n++
		}
		of := &reports[n-1]
		of.Deals += l.Deals
		of.Amount += l.Amount
		stage := current(p, l.Stage)
		of.Stages = append(of.Stages, LossStage{stage, nameOf(p, stage), l.Deals, l.Amount})
	}
	for i := range reports {
		reports[i].Share = ratio(float64(reports[i].Deals), float64(all))
		slices.SortStableFunc(reports[i].Stages, func(a, b LossStage) int { return b.Deals - a.Deals })
	}
	slices.SortStableFunc(reports, func(a, b LossReport) int { return b.Deals - a.Deals })
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
