package simulate

import (
	"fmt"
	"math"
	"slices"
)

// Comparison is what changes from one process to another.
type Comparison struct {
	A, B     *Report      `json:"-"`
	NameA    string       `json:"a"`
	NameB    string       `json:"b"`
	Paired   bool         `json:"paired"` // the same clients met both
	Summary  []string     `json:"summary"`
	Figures  []Difference `json:"figures"`
	Stages   []StageDiff  `json:"stages"`
	Language string       `json:"language"`
}

// Difference is how a figure of B differs from that of A, with the interval
// that the true difference lies in, 95 times of 100.
type Difference struct {
	Name  string  `json:"name"`  // machine-readable
	Label string  `json:"label"` // in words
	A     float64 `json:"a"`
	B     float64 `json:"b"`
	Diff  float64 `json:"diff"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Sure  bool    `json:"sure"` // the interval does not hold 0
}

// StageDiff is how the stage of one id differs.
type StageDiff struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Conversion Difference `json:"conversion"`
	Days       Difference `json:"days"`
}

// Compare sets two reports side by side. Runs of the same seed are compared one
// by one, because the same clients arrive in both, which makes the interval
// narrow; others as two samples. Both need two runs at least, over as many days.
func Compare(a, b *Report) (*Comparison, error) {
	switch {
	case len(a.PerRun) < 2 || len(b.PerRun) < 2:
		return nil, fmt.Errorf("compare: %d and %d runs: a confidence interval needs two of each at least", len(a.PerRun), len(b.PerRun))
	case a.Days != b.Days:
		return nil, fmt.Errorf("compare: %d and %d days: simulate both for as long", a.Days, b.Days)
	}
	c := &Comparison{
		A: a, B: b, NameA: a.Label, NameB: b.Label, Language: b.Language,
		Paired: a.Seed == b.Seed && len(a.PerRun) == len(b.PerRun) && a.LeadsPerWeek == b.LeadsPerWeek && a.From.Equal(b.From),
	}
	w := b.words()
	add := func(name, russian, english string, of func(*RunFigures) float64) {
		c.Figures = append(c.Figures, c.difference(name, w.pick(russian, english), of))
	}
	add("won", "Выиграно сделок", "Deals won", func(f *RunFigures) float64 { return float64(f.Won) })
	add("won_amount", "Сумма выигранных", "Amount won", func(f *RunFigures) float64 { return f.Amount })
	add("win_rate", "Доля выигранных, %", "Win rate, %", func(f *RunFigures) float64 { return f.WinRate })
	add("lost", "Потеряно сделок", "Deals lost", func(f *RunFigures) float64 { return float64(f.Lost) })
	add("missed", "Потеряно, хотя клиент пошёл бы дальше", "Lost though the client would have gone on", func(f *RunFigures) float64 { return float64(f.Missed) })
	add("open", "Осталось в работе", "Still open", func(f *RunFigures) float64 { return float64(f.Open) })
	add("cycle_days", "Дней до выигрыша, медиана", "Days to the win, median", func(f *RunFigures) float64 { return f.Cycle })
	add("letters", "Отправлено писем", "Letters sent", func(f *RunFigures) float64 { return float64(f.Letters) })
	add("escalations", "Эскалаций сделок", "Escalations of deals", func(f *RunFigures) float64 { return float64(f.Escalations) })
	add("hours_per_week", "Часов работы в неделю", "Hours of work in a week", func(f *RunFigures) float64 { return f.Hours })
	c.stages(w)
	c.Summary = c.summary(w)
	return c, nil
}

// stages compares those that both processes have, in the order of B.
func (c *Comparison) stages(w words) {
	for _, s := range c.B.Stages {
		if !slices.ContainsFunc(c.A.Stages, func(o StageReport) bool { return o.ID == s.ID }) {
			continue
		}
		c.Stages = append(c.Stages, StageDiff{
			ID: s.ID, Name: s.Name,
			Conversion: c.difference("conversion", w.pick("Прошли дальше, %", "Went on, %"), func(f *RunFigures) float64 { return f.Conversion[s.ID] }),
			Days:       c.difference("days", w.pick("Дней на этапе, медиана", "Days in the stage, median"), func(f *RunFigures) float64 { return f.StageDays[s.ID] }),
		})
	}
}

// difference compares one figure over the runs.
func (c *Comparison) difference(name, label string, of func(*RunFigures) float64) Difference {
	values := func(r *Report) []float64 {
		made := make([]float64, len(r.PerRun))
		for i := range r.PerRun {
			made[i] = of(&r.PerRun[i])
		}
		return made
	}
	a, b := values(c.A), values(c.B)
	meanA, varianceA := moments(a)
	meanB, varianceB := moments(b)
	d := Difference{Name: name, Label: label, A: round(meanA, 2), B: round(meanB, 2), Diff: round(meanB-meanA, 2)}
	var margin float64
	if c.Paired {
		each := make([]float64, len(a))
		for i := range a {
			each[i] = b[i] - a[i]
		}
		_, variance := moments(each)
		margin = student(float64(len(each)-1)) * math.Sqrt(variance/float64(len(each)))
	} else {
		// Welch's interval for two samples of unlike variance.
		ea, eb := varianceA/float64(len(a)), varianceB/float64(len(b))
		if ea+eb > 0 {
			freedom := (ea + eb) * (ea + eb) / (ea*ea/float64(len(a)-1) + eb*eb/float64(len(b)-1))
			margin = student(freedom) * math.Sqrt(ea+eb)
		}
	}
	d.Low, d.High = round(meanB-meanA-margin, 2), round(meanB-meanA+margin, 2)
	d.Sure = d.Low > 0 || d.High < 0
	return d
}

// moments are the mean and the variance of a sample.
func moments(values []float64) (mean, variance float64) {
	for _, v := range values {
		mean += v
	}
	mean /= float64(len(values))
	for _, v := range values {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float64(len(values)-1)
}

// student is the 97.5% quantile of Student's t. For few degrees of freedom it
// is tabulated; for more it is Cornish and Fisher's expansion about the normal
// quantile, which is right to three digits from there on.
func student(freedom float64) float64 {
	table := []float64{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228}
	if i := int(freedom); i <= len(table) {
		return table[max(i, 1)-1]
	}
	const z = 1.959964
	const z3, z5, z7 = z * z * z, z * z * z * z * z, z * z * z * z * z * z * z
	return z + (z3+z)/(4*freedom) + (5*z5+16*z3+3*z)/(96*freedom*freedom) + (3*z7+19*z5+17*z3-15*z)/(384*freedom*freedom*freedom)
}

// summary says which process wins more, and what else surely changes.
func (c *Comparison) summary(w words) []string {
	var said []string
	won := c.Figures[0]
	switch {
	case !won.Sure:
		said = append(said, w.say(
			"Кто выигрывает больше сделок, по этим прогонам сказать нельзя: %s против %s — %s, интервал от %s до %s.",
			"These runs do not tell which wins more deals: %s against %s is %s, the interval %s to %s.",
			c.NameB, c.NameA, signed(won.Diff), signed(won.Low), signed(won.High)))
	case won.Diff > 0:
		said = append(said, w.say(
			"%s выигрывает больше, чем %s: сделок %s за %d дн. (95 %% — от %s до %s).",
			"%s wins more than %s: %s deals in %d days (95%%: %s to %s).",
			c.NameB, c.NameA, signed(won.Diff), c.B.Days, signed(won.Low), signed(won.High)))
	default:
		said = append(said, w.say(
			"%s выигрывает меньше, чем %s: сделок %s за %d дн. (95 %% — от %s до %s).",
			"%s wins less than %s: %s deals in %d days (95%%: %s to %s).",
			c.NameB, c.NameA, signed(won.Diff), c.B.Days, signed(won.Low), signed(won.High)))
	}
	var slower, worse *StageDiff
	for i := range c.Stages {
		s := &c.Stages[i]
		if s.Days.Sure && s.Days.Diff > 0 && (slower == nil || s.Days.Diff > slower.Days.Diff) {
			slower = s
		}
		if s.Conversion.Sure && s.Conversion.Diff < 0 && (worse == nil || s.Conversion.Diff < worse.Conversion.Diff) {
			worse = s
		}
	}
	if slower != nil {
		said = append(said, w.say(
			"Больше всего времени %s теряет на этапе «%s»: %s дн. (от %s до %s).", "%s loses most time in stage “%s”: %s days (%s to %s).",
			c.NameB, slower.Name, signed(slower.Days.Diff), signed(slower.Days.Low), signed(slower.Days.High)))
	}
	if worse != nil {
		said = append(said, w.say(
			"Больше всего сделок %s теряет на этапе «%s»: %s п. п. (от %s до %s).", "%s loses most deals in stage “%s”: %s percentage points (%s to %s).",
			c.NameB, worse.Name, signed(worse.Conversion.Diff), signed(worse.Conversion.Low), signed(worse.Conversion.High)))
	}
	return said
}

// signed writes a difference with its sign.
func signed(x float64) string {
	if round(x, 1) > 0 {
		return "+" + number(x, 1)
	}
	return number(x, 1)
}
