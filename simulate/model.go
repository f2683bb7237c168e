package simulate

import (
	"cmp"
	"slices"
	"time"

	"github.com/dealwright/dealwright/calendar"
	"github.com/dealwright/dealwright/definitions"
)

const (
	day   = 24 * time.Hour
	week  = 7 * day
	month = 365 * day / 12
)

// model is the settings of a process with every default filled in.
type model struct {
	p          *definitions.Process
	cal        *calendar.Calendar
	start, end time.Time
	deals      int     // at most so many; 0: no limit
	perWeek    float64 // leads

	returning, answer, reach, bounce, unsubscribe, revive, silent float64

	replyAfter     time.Duration
	median, spread float64 // of a sale's length in hours; a median of 0: the table
	stages         []stageModel
	fields         []fieldModel
	capacity, heed float64
	effort         map[string]time.Duration // by kind of task
	handReasons    []string                 // why a client who says no is lost
	silentReason   string                   // why one who is given up is
	cast           *Cast
}

// stageModel is how clients go through a stage.
type stageModel struct {
	pass  float64 // who wants to go on
	share float64 // of the sale's length
	ways  []int   // the moves by which a deal goes on, the usual one first
	noes  []int   // the moves to lost that a client's no pulls
	last  int     // the task that ends the stage; -1: none
	own   bool    // all its work is ours: the client need not be reached
}

type fieldModel struct {
	field  *definitions.Field
	values Values
	sum    float64 // of the weights of the options
}

func newModel(p *definitions.Process, settings *Settings, cfg Config) *model {
	s := settings.of(p)
	c, t := s.Client, s.Team
	m := &model{
		p: p, cal: p.Company.Calendar, start: s.start(p.Company.Calendar.Location()), deals: cfg.Deals, cast: cmp.Or(cfg.Cast, nobody),
		perWeek:   cmp.Or(cfg.LeadsPerWeek, or(s.LeadsPerWeek, 10)),
		returning: percent(s.Returning, 20), answer: percent(c.Reply, 35), reach: percent(c.Reach, 70),
		bounce: percent(c.Bounce, 2), unsubscribe: percent(c.Unsubscribe, 0.5), revive: percent(c.Revive, 30), silent: percent(c.Silent, 50),
		capacity: percent(t.Capacity, 75), heed: percent(t.Heed, 80), spread: or(s.Length.Spread, 0.6),
	}
	m.end = m.start.AddDate(0, 0, cfg.Days)
	m.replyAfter = m.length(c.ReplyAfter, day)
	m.median = m.length(s.Length.Median, 0).Hours()
	m.effort = map[string]time.Duration{
		"call": m.length(t.Effort.Call, 20*time.Minute), "email": m.length(t.Effort.Email, 15*time.Minute),
		"meeting": m.length(t.Effort.Meeting, 90*time.Minute), "document": m.length(t.Effort.Document, 2*time.Hour),
		"todo": m.length(t.Effort.Todo, 30*time.Minute),
	}
	m.modelStages(s)
	for i := range p.Fields {
		f := fieldModel{field: &p.Fields[i], values: s.Fields[p.Fields[i].ID]}
		for _, weight := range f.values.Options {
			f.sum += weight
		}
		m.fields = append(m.fields, f)
	}
	m.modelReasons()
	return m
}

func or(given *float64, instead float64) float64 {
	if given == nil {
		return instead
	}
	return *given
}

// percent is a share out of a percentage.
func percent(given *float64, instead float64) float64 { return or(given, instead) / 100 }

// length is about how long a duration is; business days count as calendar days
// of work.
func (m *model) length(d *calendar.Duration, instead time.Duration) time.Duration {
	if d == nil {
		return instead
	}
	return d.Approx(m.cal)
}

// modelStages fills in how clients go through the stages that lead to the win.
func (m *model) modelStages(s *Settings) {
	won := m.wonStage()
	m.stages = make([]stageModel, len(m.p.Stages))
	sum := 0.0
	for i := range m.p.Stages {
		st := &m.p.Stages[i]
		sm := &m.stages[i]
		sm.last = lastTask(st)
		m.modelWays(i, sm)
		if i >= won {
			sm.pass = 1
			continue
		}
		sm.pass = m.passOf(i, won)
		if given := s.Stages[st.ID].Pass; given != nil {
			sm.pass = *given / 100
		}
		sm.own = len(st.Tasks) > 0 && !slices.ContainsFunc(st.Tasks, func(t definitions.Task) bool { return talks(t.Kind) })
		if given := s.Stages[st.ID].Share; given != nil || !sm.own {
			sm.own, sm.share = false, or(given, m.shareOf(won, st))
		}
		sum += sm.share
	}
	for i := range m.stages {
		if sum > 0 {
			m.stages[i].share /= sum
		}
	}
}

// wonStage is the place of the first won stage, or behind the last stage.
func (m *model) wonStage() int {
	if i := slices.IndexFunc(m.p.Stages, func(st definitions.Stage) bool { return st.Won }); i >= 0 {
		return i
	}
	return len(m.p.Stages)
}

// passOf is the share of clients who go on from a stage: the probability of
// winning there in relation to that of the next stage.
func (m *model) passOf(i, won int) float64 {
	const usual = 0.8
	here := m.p.Stages[i].Probability
	if here == nil {
		return usual
	}
	next := 100.0
	if i+1 < won {
		if m.p.Stages[i+1].Probability == nil {
			return usual
		}
		next = *m.p.Stages[i+1].Probability
	}
	if next <= 0 || *here > next {
		return 1
	}
	return *here / next
}

// shareOf is a stage's target, or 1 for every stage where one has no target.
func (m *model) shareOf(won int, st *definitions.Stage) float64 {
	for i := range won {
		if t := m.p.Stages[i].Target; t == nil || t.IsZero() {
			return 1
		}
	}
	return st.Target.Approx(nil).Hours()
}

// lastTask is the task that ends a stage: the last required one that speaks to
// the client, else the last required one, else the last one.
func lastTask(st *definitions.Stage) int {
	best, rank := -1, 0
	for i, t := range st.Tasks {
		r := 1
		if t.Required {
			r = 2
			if talks(t.Kind) {
				r = 3
			}
		}
		if t.When != nil {
			r = 0 // it may never open
		}
		if r > 0 && r >= rank {
			best, rank = i, r
		}
	}
	return best
}

// talks reports whether a kind of task needs the client.
func talks(kind string) bool { return kind == "call" || kind == "meeting" }

// modelWays sorts a stage's moves into those that go on and those that a no pulls.
func (m *model) modelWays(i int, sm *stageModel) {
	for j, mv := range m.p.Stages[i].Next {
		switch to := m.p.StageIndex(mv.To); {
		case mv.To == "lost" && (kindOf(mv.On) == "field" || kindOf(mv.On) == "signal"):
			sm.noes = append(sm.noes, j)
		case mv.To == "won" || mv.To == "done" || to > i:
			sm.ways = append(sm.ways, j)
		}
	}
}

// modelReasons finds out which reasons are people's to give.
func (m *model) modelReasons() {
	automatic := map[string]bool{}
	for _, st := range m.p.Stages {
		for _, mv := range st.Next {
			if mv.To == "lost" && (mv.On == "bounce" || mv.On == "unsubscribe" || mv.On == "timeout" || mv.On == "") {
				automatic[mv.Reason] = true
			}
		}
		if st.Escalation == nil {
			continue
		}
		for _, l := range st.Escalation.Levels {
			if l.Lose != "" {
				automatic[l.Lose] = true
				m.silentReason = cmp.Or(m.silentReason, l.Lose)
			}
		}
	}
	for _, r := range m.p.LostReasons {
		if !automatic[r.ID] {
			m.handReasons = append(m.handReasons, r.ID)
		}
	}
	if len(m.p.LostReasons) == 0 {
		return
	}
	if len(m.handReasons) == 0 {
		m.handReasons = []string{m.p.LostReasons[0].ID}
	}
	m.silentReason = cmp.Or(m.silentReason, m.handReasons[0])
}
