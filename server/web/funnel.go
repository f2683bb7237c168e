package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dealwright/dealwright/store"
)

type funnelView struct {
	Stages   []funnelStage
	Losses   []loss
	Lost     int
	Days     int
	Periods  []option
	Owner    string
	Owners   []option
	Source   string
	Currency string
	Empty    bool
}

type funnelStage struct {
	ID, Name                                   string
	Entered, On, Back, Lost, Skipped, Open, At int
	Share                                      float64 // of those who entered: went on
	Wide                                       int     // of the widest bar, in percent
	Median, P90, Target                        string
	Slow                                       bool // the median is past the target
	Times                                      int  // finished visits that the times are from
}

type loss struct {
	Name   string
	Deals  int
	Amount float64
	Wide   int
}

var periods = []int{30, 90, 365}

// sampled bounds how many visits the times are worked out from.
const sampled = 20_000

func (w *Web) funnel(q *request) error {
	if q.who.Own != "" {
		return errForbidden
	}
	v := funnelView{Days: 90, Owner: q.FormValue("owner"), Source: strings.TrimSpace(q.FormValue("source"))}
	if days, err := strconv.Atoi(q.FormValue("days")); err == nil && slices.Contains(periods, days) {
		v.Days = days
	}
	for _, days := range periods {
		v.Periods = append(v.Periods, option{strconv.Itoa(days), q.viewer.N("span.days", days), days == v.Days})
	}
	if q.process != nil {
		if f := q.process.Field(q.process.Amount); f != nil {
			v.Currency = f.Currency
		}
		v.Owners = owners(q.company, v.Owner)
		if err := w.passages(q, &v); err != nil {
			return err
		}
	}
	w.render(q, http.StatusOK, "funnel", q.viewer.T("nav.funnel"), v)
	return nil
}

func (w *Web) passages(q *request, v *funnelView) error {
	r := store.Report{
		Company: q.company.ID, Process: q.process.Process, Owner: v.Owner, Source: v.Source,
		From: q.now.Add(-time.Duration(v.Days) * 24 * time.Hour), To: q.now.Add(time.Second),
	}
	passages, err := w.Store.Passages(q.Context(), r)
	if err != nil {
		return err
	}
	for i := range q.process.Stages {
		st := &q.process.Stages[i]
		v.Stages = append(v.Stages, funnelStage{ID: st.ID, Name: stageName(q.viewer, q.process, st.ID)})
	}
	place := func(id string) int {
		return slices.IndexFunc(q.process.Stages, func(st stage) bool { return st.ID == id || slices.Contains(st.Was, id) })
	}
	finished, most := 0, 1
	for _, p := range passages {
		i := place(p.Stage)
		if i < 0 {
			continue
		}
		f := &v.Stages[i]
		if p.Went == store.WentSkipped {
			f.Skipped += p.Visits
			continue
		}
		f.Entered += p.Visits
		most = max(most, f.Entered)
		switch {
		case p.Went == "":
			f.Open += p.Visits
			continue
		case p.Went == store.WentLost:
			f.Lost += p.Visits
		case p.Went == store.WentWon || place(p.Went) > i:
			f.On += p.Visits
		case p.Went != store.WentEnded:
			f.Back += p.Visits
		}
		finished += p.Visits
	}
	v.Empty = finished == 0 && most == 1
	for i := range v.Stages {
		f := &v.Stages[i]
		if f.Entered > 0 {
			f.Share, f.Wide = float64(f.On)/float64(f.Entered), max(1, f.Entered*100/most)
		}
	}
	if err := w.times(q, r, v, 1+finished/sampled, place); err != nil {
		return err
	}
	return w.losses(q, r, v)
}

// times works out how long the stages took against their targets.
func (w *Web) times(q *request, r store.Report, v *funnelView, oneIn int, place func(string) int) error {
	stays, err := w.Store.Stays(q.Context(), r, oneIn)
	if err != nil {
		return err
	}
	spent := make([][]time.Duration, len(v.Stages))
	for _, s := range stays {
		if i := place(s.Stage); i >= 0 {
			spent[i] = append(spent[i], s.To.Sub(s.From))
		}
	}
	for i := range v.Stages {
		f, st := &v.Stages[i], &q.process.Stages[i]
		if st.Target != nil && !st.Target.IsZero() {
			f.Target = q.viewer.duration(st.Target.String())
		}
		if f.Times = len(spent[i]); f.Times == 0 {
			continue
		}
		slices.Sort(spent[i])
		median := spent[i][(len(spent[i])-1)/2]
		f.Median, f.P90 = q.viewer.Span(median), q.viewer.Span(spent[i][(len(spent[i])-1)*9/10])
		f.Slow = f.Target != "" && q.company.Calendar.Add(q.now.Add(-median), *st.Target).Before(q.now)
	}
	return nil
}

func (w *Web) losses(q *request, r store.Report, v *funnelView) error {
	losses, err := w.Store.Losses(q.Context(), r)
	if err != nil {
		return err
	}
	for _, l := range losses {
		name := l.Reason
		for _, known := range reasons(q.process) {
			if known.Value == l.Reason {
				name = known.Name
			}
		}
		if n := len(v.Losses); n == 0 || v.Losses[n-1].Name != name {
			v.Losses = append(v.Losses, loss{Name: name})
		}
		at := &v.Losses[len(v.Losses)-1]
		at.Deals, at.Amount = at.Deals+l.Deals, at.Amount+l.Amount
		v.Lost += l.Deals
	}
	slices.SortStableFunc(v.Losses, func(a, b loss) int { return cmp.Compare(b.Deals, a.Deals) })
	for i := range v.Losses {
		v.Losses[i].Wide = max(1, v.Losses[i].Deals*100/max(1, v.Losses[0].Deals))
	}
	return nil
}
