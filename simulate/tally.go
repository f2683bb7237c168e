package simulate

import (
	"time"

	"github.com/dealwright/dealwright/deal"
)

// tally is what one run counts.
type tally struct {
	leads, won, lost, open int
	amount, forecast       float64 // of the won, and of the open by their probability
	replies                int
	cycles                 []float64 // days from the lead to the win
	stages                 []stageTally
	reasons                map[string]int
	letters                map[string]int
	levels, taskLevels     []int // by level, from 1
	people                 []*person
	hours                  float64 // the company was open
	deals                  []*subject
}

// stageTally is what happened in one stage.
type stageTally struct {
	entered, passed, lost, missed, skipped, stalled, open int // deals
	days                                                  []float64
	onTime, late                                          int // stays, against the target
	overdue                                               map[string]int
	blocked                                               map[string]int // what keeps the open deals, by message
}

// past is what the tally knows of one deal.
type past struct {
	stage                          int // where it was last
	since                          time.Time
	entered, passed, stalled, lost stageSet
	won                            bool
}

// stageSet is a set of stages.
type stageSet []bool

func (s *stageSet) add(i, n int) (fresh bool) {
	if *s == nil {
		*s = make(stageSet, n)
	}
	fresh = !(*s)[i]
	(*s)[i] = true
	return fresh
}

func newTally(m *model) *tally {
	return &tally{stages: make([]stageTally, len(m.p.Stages)), reasons: map[string]int{}, letters: map[string]int{}}
}

// record counts what a step did to a deal.
func (t *tally) record(w *world, d *subject, r *deal.Result) {
	for i := range r.Letters {
		t.letters[r.Letters[i].Letter]++
	}
	for i := range r.Timeline {
		e := &r.Timeline[i]
		switch e.Type {
		case "stage_entered", "stage_left", "stage_skipped", "stalled", "lost", "won", "closed", "task_overdue":
			t.recordStage(w, d, e)
		case "escalated":
			level, _ := e.Data["level"].(int)
			if _, ofTask := e.Data["task"]; ofTask {
				t.taskLevels = countLevel(t.taskLevels, level)
			} else {
				t.levels = countLevel(t.levels, level)
			}
		}
	}
}

func countLevel(levels []int, level int) []int {
	for len(levels) < level {
		levels = append(levels, 0)
	}
	if level > 0 {
		levels[level-1]++
	}
	return levels
}

func (t *tally) recordStage(w *world, d *subject, e *deal.Entry) {
	i, n := w.p.StageIndex(e.Stage), len(t.stages)
	if i < 0 {
		return
	}
	s, p := &t.stages[i], &d.past
	switch e.Type {
	case "stage_entered":
		if p.entered != nil && i > p.stage && p.passed.add(p.stage, n) {
			t.stages[p.stage].passed++
		}
		if p.entered.add(i, n) {
			s.entered++
		}
		p.stage, p.since = i, e.At
	case "stage_left":
		s.days = append(s.days, e.At.Sub(p.since).Hours()/24)
		if target := w.p.Stages[i].Target; target != nil {
			if e.At.After(w.cal.Add(p.since, *target)) {
				s.late++
			} else {
				s.onTime++
			}
		}
	case "stage_skipped":
		s.skipped++
	case "stalled":
		if p.stalled.add(i, n) {
			s.stalled++
		}
	case "task_overdue":
		if name, ok := e.Data["name"].(string); ok {
			count(&s.overdue, name)
		}
	case "lost":
		if p.lost.add(i, n) {
			s.lost++
		}
		if d.plan == goOn && !d.badMail {
			s.missed++
		}
	case "won":
		if !p.won {
			p.won = true
			t.won++
			t.cycles = append(t.cycles, e.At.Sub(d.openedAt).Hours()/24)
		}
	case "closed":
		if p.won && p.passed.add(i, n) {
			s.passed++
		}
	}
}

func count(in *map[string]int, key string) {
	if *in == nil {
		*in = map[string]int{}
	}
	(*in)[key]++
}

// finish counts where the deals are when the time is over.
func (t *tally) finish(w *world) {
	for _, d := range t.deals {
		amount, _ := w.p.AmountOf(d.state.Fields)
		switch d.state.Status {
		case deal.Won:
			t.amount += amount
		case deal.Lost:
			t.lost++
			t.reasons[d.state.LostReason]++
		default:
			t.open++
			t.stillOpen(w, d, amount)
		}
	}
	t.deals = nil
	t.people = w.team.people
	t.hours = w.cal.Between(w.start, w.end).Hours()
}

func (t *tally) stillOpen(w *world, d *subject, amount float64) {
	i := w.p.StageIndex(d.state.Stage)
	if i < 0 {
		return
	}
	s := &t.stages[i]
	s.open++
	if p := w.p.Stages[i].Probability; p != nil {
		t.forecast += amount * *p / 100
	}
	for _, b := range deal.Blocked(w.p, d.state) {
		count(&s.blocked, b.Message)
	}
}

// missed is how many deals were lost whose client would have gone on.
func (t *tally) missed() int {
	sum := 0
	for i := range t.stages {
		sum += t.stages[i].missed
	}
	return sum
}
