package web

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/report"
)

type funnelView struct {
	figures
	Currency      string
	Stages        []funnelStage
	Timed         bool // a stage was left in the period
	Losses        []lossView
	Lost          int
	Leak, Slowest *funnelStage // the worst
	Won, Decided  int
	WinRate       *float64
	Empty         bool
}

// funnelStage is a stage of the funnel with its bars drawn.
type funnelStage struct {
	report.StageReport
	Name   string
	Still  int // of those who entered: have not left
	Bar    []segment
	Median string
	P90    string
	Target string
	Slow   bool // most visits take longer than the target
	Range  *timeRange
}

// segment is a part of a bar.
type segment struct {
	Kind    string
	X, Wide string
}

// timeRange is how long visits took against the target, which is drawn at the
// same place for all stages.
type timeRange struct {
	Median, P90 string // where they are; beyond the chart is its end
	Beyond      bool   // the p90 is
}

// targets is how many times the target fits the width of a chart.
const targets = 2.5

// TargetAt is where the target is drawn.
func (timeRange) TargetAt() string { return percent(1, targets) }

type lossView struct {
	report.LossReport
	Wide  string
	Where string
}

func (w *Web) funnel(q *request) error {
	v := funnelView{figures: q.over("90d", "30d", "90d", "quarter", "year", "all")}
	if q.process != nil {
		if err := w.fillFunnel(q, &v); err != nil {
			return err
		}
	}
	w.render(q, http.StatusOK, "funnel", q.viewer.T("nav.funnel"), v)
	return nil
}

func (w *Web) fillFunnel(q *request, v *funnelView) error {
	_, v.Currency = q.process.AmountOf(nil)
	facts, err := w.narrow(q, &v.figures)
	if err != nil {
		return err
	}
	stages, err := facts.Visits(q.Context(), q.process)
	if err != nil {
		return err
	}
	losses, err := facts.Losses(q.Context(), q.process)
	if err != nil {
		return err
	}
	if v.Won, v.Decided, v.WinRate, err = facts.Wins(q.Context()); err != nil {
		return err
	}
	v.take(q, stages)
	v.lose(q, losses)
	return nil
}

// take draws the stages and finds the worst.
func (v *funnelView) take(q *request, stages []report.StageReport) {
	most := 0
	for _, st := range stages {
		most = max(most, st.Entered)
	}
	v.Empty = most == 0
	for _, st := range stages {
		s := funnelStage{StageReport: st, Name: stageName(q.viewer, q.process, st.Stage)}
		s.Still = st.Entered - st.MovedOn - st.MovedBack - st.Lost - st.Ended
		s.draw(most)
		s.time(q.viewer, q.process)
		v.Timed = v.Timed || st.Time.Measured > 0
		v.Stages = append(v.Stages, s)
	}
	for i := range v.Stages {
		s := &v.Stages[i]
		if s.Lost > 0 && (v.Leak == nil || s.Lost > v.Leak.Lost) {
			v.Leak = s
		}
		if s.Time.Delay != nil && *s.Time.Delay > 0 && (v.Slowest == nil || *s.Time.Delay > *v.Slowest.Time.Delay) {
			v.Slowest = s
		}
	}
}

// draw makes the bar of what came of the visits, one part behind the other.
func (s *funnelStage) draw(most int) {
	at := 0
	for _, part := range []struct {
		kind   string
		visits int
	}{{"on", s.MovedOn}, {"back", s.MovedBack + s.Ended}, {"lost", s.Lost}, {"still", s.Still}} {
		if part.visits > 0 {
			s.Bar = append(s.Bar, segment{part.kind, percent(float64(at), float64(most)), percent(float64(part.visits), float64(most))})
			at += part.visits
		}
	}
}

// time says how long the visits took.
func (s *funnelStage) time(v viewer, p *definitions.Process) {
	cal := p.Company.Calendar
	st := p.Stage(s.Stage)
	if st != nil && st.Target != nil && !st.Target.IsZero() {
		s.Target = v.duration(st.Target.String())
	}
	if s.Time.Median == nil {
		return
	}
	s.Median, s.P90 = v.lasting(*s.Time.Median, s.Time.Business, cal.DayLength()), v.lasting(*s.Time.P90, s.Time.Business, cal.DayLength())
	if s.Time.OfTarget == nil {
		return
	}
	s.Slow = *s.Time.OfTarget > 1
	s.Range = &timeRange{percent(min(*s.Time.OfTarget, targets*0.99), targets), percent(*s.Time.P90Of, targets), *s.Time.P90Of > targets}
}

// lasting writes hours by their largest unit; of business hours so many make a
// day.
func (v viewer) lasting(hours float64, business bool, day time.Duration) string {
	if !business {
		return v.Span(time.Duration(hours * float64(time.Hour)))
	}
	if h := day.Hours(); h > 0 && hours >= 2*h {
		return v.N("business.days", int(math.Round(hours/h)))
	}
	if hours >= 1 {
		return v.N("business.hours", int(math.Round(hours)))
	}
	if hours*60 < 1 {
		return v.T("span.moment")
	}
	return v.N("business.minutes", int(math.Round(hours*60)))
}

// lose draws why and where deals were lost.
func (v *funnelView) lose(q *request, losses []report.LossReport) {
	for _, l := range losses {
		v.Lost += l.Deals
		one := lossView{LossReport: l, Wide: percent(float64(l.Deals), float64(losses[0].Deals))}
		one.Name = clip(readable(l.Name), 120)
		var where []string
		for _, at := range l.Stages {
			where = append(where, fmt.Sprintf("%s%s%s", clip(stageName(q.viewer, q.process, at.Stage), 60), nbsp, q.viewer.Number(float64(at.Deals))))
		}
		one.Where = strings.Join(where, " · ")
		v.Losses = append(v.Losses, one)
	}
}
