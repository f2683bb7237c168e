package web

import (
	"fmt"
	"net/http"

	"github.com/dealwright/dealwright/report"
)

type forecastView struct {
	figures
	report.Forecast
	Currency string
	Rows     []forecastRow
	Missing  int // decided deals until the company's own conversion says something
	Velocity report.Velocity
	Closed   int // deals that its win rate is of
	Cycle    report.Cycle
	Chart    *histogram
}

// forecastRow is a stage with both forecasts drawn.
type forecastRow struct {
	report.StageForecast
	Name     string
	Expected string // the bars' lengths
	Own      string
}

// Likely is the stage's probability as a share.
func (r forecastRow) Likely() float64 { return *r.Probability / 100 }

func (w *Web) forecast(q *request) error {
	v := forecastView{figures: q.over("90d", "30d", "90d", "quarter", "year", "all")}
	if q.process != nil {
		if err := w.fillForecast(q, &v); err != nil {
			return err
		}
	}
	w.render(q, http.StatusOK, "forecast", q.viewer.T("nav.forecast"), v)
	return nil
}

func (w *Web) fillForecast(q *request, v *forecastView) error {
	_, v.Currency = q.process.AmountOf(nil)
	facts, err := w.narrow(q, &v.figures)
	if err != nil {
		return err
	}
	if v.Forecast, err = facts.Worth(q.Context(), q.process); err != nil {
		return err
	}
	v.Missing = max(0, report.EnoughDecided-v.Decided)
	most := 0.0
	for _, s := range v.Stages {
		most = max(most, s.ByProbability)
		if s.ByConversion != nil {
			most = max(most, *s.ByConversion)
		}
	}
	for _, s := range v.Stages {
		row := forecastRow{StageForecast: s, Name: stageName(q.viewer, q.process, s.Stage), Expected: percent(s.ByProbability, most)}
		if s.ByConversion != nil {
			row.Own = percent(*s.ByConversion, most)
		}
		v.Rows = append(v.Rows, row)
	}
	if v.Velocity, err = facts.Speed(q.Context()); err != nil {
		return err
	}
	v.Closed = v.Velocity.Won + v.Velocity.Lost
	if v.Cycle, err = facts.Cycles(q.Context()); err != nil {
		return err
	}
	v.Chart = histogramOf(q.viewer, v.Cycle)
	return nil
}

// histogram is the distribution of cycles, drawn: lengths across are parts of
// the width, so that the text keeps its size on a phone.
type histogram struct {
	Bars        []histogramBar
	Median, P90 string // where they are
	Before      string
	Base        int
}

type histogramBar struct {
	report.Bucket
	Label     string
	X, Wide   string
	Middle    string
	Y, High   int
	WasX      string
	WasY, Was int
}

// The chart's height and the place for words below it, in pixels.
const (
	chartHigh = 150
	chartTop  = 14
)

func histogramOf(v viewer, c report.Cycle) *histogram {
	buckets := c.Histogram()
	if len(buckets) == 0 {
		return nil
	}
	h := &histogram{Base: chartTop + chartHigh}
	most := 0.0
	for _, b := range buckets {
		most = max(most, b.Share, b.Before)
	}
	n := float64(len(buckets))
	for i, b := range buckets {
		at := float64(i)
		bar := histogramBar{Bucket: b, Label: v.days(b), X: percent(at+0.14, n), Wide: percent(0.72, n), Middle: percent(at+0.5, n), WasX: percent(at+0.04, n)}
		bar.High, bar.Was = int(b.Share/most*chartHigh), int(b.Before/most*chartHigh)
		bar.Y, bar.WasY = h.Base-bar.High, h.Base-bar.Was
		h.Bars = append(h.Bars, bar)
	}
	h.Median, h.P90 = place(buckets, *c.Median), place(buckets, *c.P90)
	if c.Before.Median != nil {
		h.Before = place(buckets, *c.Before.Median)
	}
	return h
}

// LabelAt is where the words below the chart stand.
func (h histogram) LabelAt() int { return h.Base + 16 }

// WasWide is how wide the bars of before are: they stand behind the others.
func (h histogram) WasWide() string { return percent(0.92, float64(len(h.Bars))) }

// days names a bucket.
func (v viewer) days(b report.Bucket) string {
	if b.To == 0 {
		return fmt.Sprintf("%s+", v.Number(b.From))
	}
	return fmt.Sprintf("%s–%s", v.Number(b.From), v.Number(b.To))
}

// place is where so many days stand among the buckets.
func place(buckets []report.Bucket, days float64) string {
	step := buckets[0].To
	at := days / step
	if last := buckets[len(buckets)-1]; last.To == 0 && days >= last.From {
		at = float64(len(buckets)) - 0.5
	}
	return percent(at, float64(len(buckets)))
}
