package simulate

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
)

// Report is what a simulation shows. Counts are means over the runs, where they
// are not spreads.
type Report struct {
	Company      string    `json:"company"`
	Process      string    `json:"process"`
	Name         string    `json:"name"`
	Label        string    `json:"label"` // how comparisons call it
	Version      string    `json:"version"`
	Language     string    `json:"language"`
	Seed         uint64    `json:"seed"`
	Runs         int       `json:"runs"`
	Days         int       `json:"days"`
	LeadsPerWeek float64   `json:"leads_per_week"`
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`

	Summary []string `json:"summary"` // in words, in the company's language

	Leads    Spread  `json:"leads"`
	Won      Spread  `json:"won"`
	Amount   Spread  `json:"won_amount"`
	Currency string  `json:"currency,omitempty"`
	Lost     Spread  `json:"lost"`
	Missed   Spread  `json:"missed"`   // lost though the client would have gone on
	Open     Spread  `json:"open"`     // when the time is over
	Forecast Spread  `json:"forecast"` // amounts of the open deals by the probability of their stages
	WinRate  Spread  `json:"win_rate"` // percent of the deals that came to an end
	Cycle    Spread  `json:"cycle_days"`
	Replies  float64 `json:"replies"`

	Stages      []StageReport  `json:"stages"`
	Reasons     []Count        `json:"lost_reasons"`
	Letters     []Count        `json:"letters"`
	Escalations []LevelCount   `json:"escalations"`
	TaskLevels  []LevelCount   `json:"task_escalations"`
	People      []PersonReport `json:"people"`
	Stuck       []StuckReport  `json:"stuck"`

	// PerRun has the figures of each run, by which two reports are compared.
	PerRun []RunFigures `json:"per_run"`
}

// Spread is how a figure varies: a tenth of the cases lies below P10, half
// below P50, nine tenths below P90.
type Spread struct {
	P10 float64 `json:"p10"`
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
}

// StageReport is one step of the funnel.
type StageReport struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Entered    float64  `json:"entered"` // deals, each once
	Passed     float64  `json:"passed"`  // went on to a later stage
	Lost       float64  `json:"lost"`
	Missed     float64  `json:"missed"` // of the lost, those whose client would have gone on
	Skipped    float64  `json:"skipped"`
	Stalled    float64  `json:"stalled"`
	Open       float64  `json:"open"`       // still there when the time is over
	Conversion float64  `json:"conversion"` // percent of the entered that passed
	Days       Spread   `json:"days"`       // a stay takes, on the wall clock
	Target     string   `json:"target,omitempty"`
	OverTarget *float64 `json:"over_target,omitempty"` // percent of the stays
}

// Count is how often something happened in a run.
type Count struct {
	ID    string  `json:"id"`
	Name  string  `json:"name,omitempty"`
	Count float64 `json:"count"`
}

// LevelCount is how often a level of a ladder was reached in a run.
type LevelCount struct {
	Level int     `json:"level"`
	Count float64 `json:"count"`
}

// PersonReport is the load of one person.
type PersonReport struct {
	Email        string             `json:"email"`
	Name         string             `json:"name,omitempty"`
	Role         string             `json:"role"`
	RoleName     string             `json:"role_name"`
	HoursPerWeek Spread             `json:"hours_per_week"` // spent on deals
	Utilisation  float64            `json:"utilisation"`    // percent of the time that the person has for deals
	TasksPerWeek map[string]float64 `json:"tasks_per_week"` // by kind
	Quota        map[string]int     `json:"quota,omitempty"`
}

// StuckReport is a place where deals get stuck, the worst first.
type StuckReport struct {
	Stage      string  `json:"stage"`
	Name       string  `json:"name"`
	Stalled    float64 `json:"stalled"`     // percent of the deals that entered
	OverTarget float64 `json:"over_target"` // percent of the stays
	Overdue    []Count `json:"overdue"`     // tasks, most often overdue first
	Blocked    []Count `json:"blocked"`     // what keeps the deals that are still there
}

// RunFigures are the figures of one run.
type RunFigures struct {
	Leads       int                `json:"leads"`
	Won         int                `json:"won"`
	Amount      float64            `json:"won_amount"`
	Lost        int                `json:"lost"`
	Missed      int                `json:"missed"`
	Open        int                `json:"open"`
	WinRate     float64            `json:"win_rate"`
	Cycle       float64            `json:"cycle_days"` // median
	Letters     int                `json:"letters"`
	Escalations int                `json:"escalations"`
	Hours       float64            `json:"hours_per_week"`
	Conversion  map[string]float64 `json:"conversion"` // by stage
	StageDays   map[string]float64 `json:"stage_days"` // median, by stage
}

// newReport puts the runs together, in their order.
func newReport(m *model, cfg Config, tallies []*tally) *Report {
	p := m.p
	r := &Report{
		Company: p.Company.ID, Process: p.Process, Name: cmp.Or(p.Name, p.Process), Label: cmp.Or(cfg.Label, p.Name, p.Process), Version: p.Hash, Language: p.Company.Language,
		Seed: cfg.Seed, Runs: cfg.Runs, Days: cfg.Days, LeadsPerWeek: m.perWeek, From: m.start, To: m.end,
	}
	_, r.Currency = p.AmountOf(nil)
	of := func(figure func(*tally) float64) Spread {
		values := make([]float64, len(tallies))
		for i, t := range tallies {
			values[i] = figure(t)
		}
		return spreadOf(values)
	}
	r.Leads = of(func(t *tally) float64 { return float64(t.leads) })
	r.Won = of(func(t *tally) float64 { return float64(t.won) })
	r.Amount = of(func(t *tally) float64 { return t.amount })
	r.Lost = of(func(t *tally) float64 { return float64(t.lost) })
	r.Missed = of(func(t *tally) float64 { return float64(t.missed()) })
	r.Open = of(func(t *tally) float64 { return float64(t.open) })
	r.Forecast = of(func(t *tally) float64 { return math.Round(t.forecast) })
	r.WinRate = of(func(t *tally) float64 { return round(share(t.won, t.won+t.lost), 1) })
	r.Replies = mean(tallies, func(t *tally) float64 { return float64(t.replies) })
	var cycles []float64
	for _, t := range tallies {
		cycles = append(cycles, t.cycles...)
	}
	r.Cycle = spreadOf(cycles)
	for i := range p.Stages {
		r.Stages = append(r.Stages, stageReport(m, i, tallies))
	}
	r.counts(m, tallies)
	r.people(m, tallies)
	r.stuck(m, tallies)
	for _, t := range tallies {
		r.PerRun = append(r.PerRun, figures(m, t))
	}
	r.Summary = r.summary()
	return r
}

func stageReport(m *model, i int, tallies []*tally) StageReport {
	st := &m.p.Stages[i]
	of := func(figure func(*stageTally) int) float64 {
		return mean(tallies, func(t *tally) float64 { return float64(figure(&t.stages[i])) })
	}
	s := StageReport{
		ID: st.ID, Name: cmp.Or(st.Name, st.ID),
		Entered: of(func(s *stageTally) int { return s.entered }), Passed: of(func(s *stageTally) int { return s.passed }),
		Lost: of(func(s *stageTally) int { return s.lost }), Missed: of(func(s *stageTally) int { return s.missed }), Skipped: of(func(s *stageTally) int { return s.skipped }),
		Stalled: of(func(s *stageTally) int { return s.stalled }), Open: of(func(s *stageTally) int { return s.open }),
	}
	if s.Entered > 0 {
		s.Conversion = round(100*s.Passed/s.Entered, 1)
	}
	var days []float64
	late, onTime := 0, 0
	for _, t := range tallies {
		days = append(days, t.stages[i].days...)
		late, onTime = late+t.stages[i].late, onTime+t.stages[i].onTime
	}
	s.Days = spreadOf(days)
	if st.Target != nil {
		s.Target = st.Target.String()
		over := round(share(late, late+onTime), 1)
		s.OverTarget = &over
	}
	return s
}

func (r *Report) counts(m *model, tallies []*tally) {
	names := map[string]string{}
	for _, reason := range m.p.LostReasons {
		names[reason.ID] = reason.Name
	}
	r.Reasons = countsOf(tallies, func(t *tally) map[string]int { return t.reasons }, names)
	r.Letters = countsOf(tallies, func(t *tally) map[string]int { return t.letters }, nil)
	r.Escalations = levelsOf(tallies, func(t *tally) []int { return t.levels })
	r.TaskLevels = levelsOf(tallies, func(t *tally) []int { return t.taskLevels })
}

// countsOf adds up counts by name, the most frequent first.
func countsOf(tallies []*tally, of func(*tally) map[string]int, names map[string]string) []Count {
	sums := map[string]int{}
	for _, t := range tallies {
		for id, n := range of(t) {
			sums[id] += n
		}
	}
	counts := make([]Count, 0, len(sums))
	for _, id := range slices.Sorted(maps.Keys(sums)) {
		counts = append(counts, Count{ID: id, Name: names[id], Count: round(float64(sums[id])/float64(len(tallies)), 1)})
	}
	slices.SortStableFunc(counts, func(a, b Count) int { return cmp.Compare(b.Count, a.Count) })
	return counts
}

func levelsOf(tallies []*tally, of func(*tally) []int) []LevelCount {
	levels := []LevelCount{}
	for level := 1; ; level++ {
		sum, any := 0, false
		for _, t := range tallies {
			if counts := of(t); level <= len(counts) {
				sum, any = sum+counts[level-1], true
			}
		}
		if !any {
			return levels
		}
		levels = append(levels, LevelCount{level, round(float64(sum)/float64(len(tallies)), 1)})
	}
}

func mean(tallies []*tally, figure func(*tally) float64) float64 {
	sum := 0.0
	for _, t := range tallies {
		sum += figure(t)
	}
	return round(sum/float64(len(tallies)), 1)
}

// share is a percentage; of nothing it is 0.
func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

func round(x float64, digits int) float64 {
	unit := math.Pow(10, float64(digits))
	return math.Round(x*unit) / unit
}

// spreadOf finds the quantiles of values, between two of them in proportion.
func spreadOf(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return Spread{}
	}
	at := func(q float64) float64 {
		place := q * float64(len(sorted)-1)
		i := int(place)
		if i+1 == len(sorted) {
			return round(sorted[i], 2)
		}
		return round(sorted[i]+(place-float64(i))*(sorted[i+1]-sorted[i]), 2)
	}
	return Spread{P10: at(0.1), P50: at(0.5), P90: at(0.9)}
}

// number writes a figure for people: digits in groups of three.
func number(x float64, digits int) string {
	text := strconv.FormatFloat(math.Abs(x), 'f', digits, 64)
	whole := len(text)
	if digits > 0 {
		whole -= digits + 1
	}
	for i := whole - 3; i > 0; i -= 3 {
		text = text[:i] + "\u00a0" + text[i:]
	}
	if round(x, digits) < 0 {
		return "−" + text
	}
	return text
}
